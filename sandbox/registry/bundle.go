package registry

import (
	"slices"
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

// with adds what make says of the bundle, when there is one: in the words of
// RFC 9095, or in CNNIC's where the ending is under its rules.
func (d *Domain) with(list []any, make func(bundleData) any) []any {
	b, ok := d.members()
	if !ok {
		return list
	}
	x := make(b)
	if policyFor(d.Ending).CNNIC {
		if x = b.chinese(x); x == nil {
			return list
		}
	}
	return append(list, x)
}

// CNNIC's own way to say the same, cdn-1.0: the simplified form (S) and the
// traditional one (T), in an info each as an A-label too, with the name as it
// was registered (O). The ending stays as it is: its traditional form is not
// run here.
type (
	cdnForms struct {
		SCDN string `xml:"cdn:SCDN,omitempty"`
		TCDN string `xml:"cdn:TCDN,omitempty"`
	}
	cdnInfData struct {
		OCDNPunycode string `xml:"cdn:OCDNPunycode,omitempty"`
		SCDN         string `xml:"cdn:SCDN,omitempty"`
		SCDNPunycode string `xml:"cdn:SCDNPunycode,omitempty"`
		TCDN         string `xml:"cdn:TCDN,omitempty"`
		TCDNPunycode string `xml:"cdn:TCDNPunycode,omitempty"`
	}
	cdnCreData struct{ cdnForms }
	cdnDelData struct{ cdnForms }
	cdnRenData struct{ cdnForms }
	cdnTrnData struct{ cdnForms }
)

var cdnExtension = epp.Extension{URI: epp.NSCDN, Prefix: "cdn", Elements: map[string]any{
	"creData": cdnCreData{}, "infData": cdnInfData{}, "delData": cdnDelData{}, "renData": cdnRenData{}, "trnData": cdnTrnData{},
}}

// chinese says in CNNIC's words what x says in those of RFC 9095; nil where
// CNNIC has none.
func (b bundleData) chinese(x any) any {
	info := cdnInfData{OCDNPunycode: b.Bundle.RDN.Name}
	for _, n := range append([]bundleName{b.Bundle.RDN}, b.Bundle.BDN...) {
		if info.SCDN == "" && written(n.ULabel, func(v variant) rune { return v.simp }) {
			info.SCDN, info.SCDNPunycode = n.ULabel, n.Name
		} else if info.TCDN == "" && written(n.ULabel, func(v variant) rune { return v.trad }) {
			info.TCDN, info.TCDNPunycode = n.ULabel, n.Name
		}
	}
	short := cdnForms{info.SCDN, info.TCDN}
	switch x.(type) {
	case *bundleCreData:
		return &cdnCreData{short}
	case *bundleInfData:
		return &info
	case *bundleDelData:
		return &cdnDelData{short}
	case *bundleRenData:
		return &cdnRenData{short}
	case *bundleTrnData:
		return &cdnTrnData{short}
	}
	return nil
}

// written reports whether a name's first label is all in one script.
func written(u string, script func(variant) rune) bool {
	label, _, _ := strings.Cut(u, ".")
	table := variantTable()
	return !slices.ContainsFunc([]rune(label), func(c rune) bool {
		v, known := table[c]
		return known && script(v) != c
	})
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
