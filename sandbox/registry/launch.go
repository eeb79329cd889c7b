package registry

import "yumen/protocols/epp"

// The launch extension (RFC 8334) as far as it goes without marks: every
// ending is in its open phase, and nobody has claims. protocols/epp does not
// know it, so it is told of it here.
type (
	launchCheck struct {
		Type  string `xml:"type,attr,omitempty"` // claims when empty, avail, trademark
		Phase string `xml:"launch:phase"`
	}
	launchChkData struct {
		Phase string     `xml:"launch:phase,omitempty"`
		CD    []launchCD `xml:"launch:cd"`
	}
	launchCD struct {
		Name launchExists `xml:"launch:name"`
	}
	launchExists struct {
		Exists epp.Flag `xml:"exists,attr"`
		Value  string   `xml:",chardata"`
	}
	launchCreate struct {
		Type  string `xml:"type,attr,omitempty"`
		Phase string `xml:"launch:phase"`
	}
)

var launchExtension = epp.Extension{URI: epp.NSLaunch, Prefix: "launch", Elements: map[string]any{
	"check": launchCheck{}, "chkData": launchChkData{}, "create": launchCreate{},
}}

// claims says of each name that no claim exists.
func claims(ask *launchCheck, names []string) (*launchChkData, error) {
	if ask.Type != "" && ask.Type != "claims" {
		return nil, refuse(epp.NoSuchOption, "only claims are checked")
	}
	data := &launchChkData{Phase: ask.Phase}
	for _, n := range names {
		data.CD = append(data.CD, launchCD{launchExists{Value: n}})
	}
	return data, nil
}
