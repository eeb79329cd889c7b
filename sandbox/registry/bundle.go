package registry

import (
	"strings"

	"yumen/protocols/epp"
)

// Bundling, RFC 9095: the simplified and traditional forms of a name go with
// it. protocols/epp does not know this extension, so it is told of it here.
type (
	bundleName struct {
		ULabel string `xml:"uLabel,attr,omitempty"`
		Name   string `xml:",chardata"`
	}
	bundle struct {
		RDN bundleName   `xml:"b-dn:rdn"`
		BDN []bundleName `xml:"b-dn:bdn"`
	}
	bundleCreate struct {
		RDN *bundleName `xml:"b-dn:rdn"`
	}
	bundleData struct {
		Bundle bundle `xml:"b-dn:bundle"`
	}
	bundleCreData struct{ bundleData }
	bundleInfData struct{ bundleData }
	bundleDelData struct{ bundleData }
	bundleRenData struct{ bundleData }
	bundleTrnData struct{ bundleData }
	bundleUpData  struct{ bundleData }
)

var bundleExtension = epp.Extension{URI: epp.NSBundle, Prefix: "b-dn", Elements: map[string]any{
	"create": bundleCreate{}, "creData": bundleCreData{}, "infData": bundleInfData{}, "delData": bundleDelData{},
	"renData": bundleRenData{}, "trnData": bundleTrnData{}, "upData": bundleUpData{},
}}

// members says which names belong together; not ok when the name stands alone.
func (d *Domain) members() (bundleData, bool) {
	if policyFor(d.Ending) == nil || len(d.Bundle) == 0 {
		return bundleData{}, false
	}
	b := bundle{RDN: bundleName{ULabel: d.ULabel, Name: d.Name}}
	for _, m := range d.Bundle {
		u := m
		if n, err := parseName(m); err == nil {
			u = n.U()
		}
		b.BDN = append(b.BDN, bundleName{ULabel: u, Name: m})
	}
	return bundleData{b}, true
}

// with adds what make says of the bundle, when there is one.
func (d *Domain) with(list []any, make func(bundleData) any) []any {
	if b, ok := d.members(); ok {
		return append(list, make(b))
	}
	return list
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
