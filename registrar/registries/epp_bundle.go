package registries

import (
	"strings"

	"yumen/protocols/epp"
)

// The bundle extension (RFC 9095): a name and the names that belong to it.
// Which they are is what the registry says, never our guess.

type bundledName struct {
	ULabel string `xml:"uLabel,attr,omitempty"`
	Value  string `xml:",chardata"`
}

type bundle struct {
	RDN bundledName   `xml:"b-dn:rdn"`
	BDN []bundledName `xml:"b-dn:bdn"`
}

func (b bundle) names() []string {
	var out []string
	for _, n := range append([]bundledName{b.RDN}, b.BDN...) {
		if v := strings.ToLower(strings.TrimSpace(n.Value)); v != "" {
			out = append(out, v)
		}
	}
	return out
}

type bundleCreData struct {
	Bundle bundle `xml:"b-dn:bundle"`
}

type bundleInfData struct {
	Bundle bundle `xml:"b-dn:bundle"`
}

// Codec knows all the elements that registries here are read with: the account
// of a pool is made with it.
func Codec() (*epp.Codec, error) {
	return epp.NewCodec(epp.Extension{URI: epp.NSBundle, Prefix: "b-dn",
		Elements: map[string]any{"creData": bundleCreData{}, "infData": bundleInfData{}}})
}
