package registries

import (
	"slices"
	"strings"

	"yumen/protocols/epp"
	"yumen/registrar/names"
)

// Two extensions tell which names belong to a name: bundling (RFC 9095) and
// CNNIC's cdn-1.0. Which they are is what the registry says, never our guess.

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

// CNNIC's Chinese domain names: the forms are whole names, in Chinese characters
// and, in an info, as A-labels too. O is the name as registered, S its
// simplified form, T its traditional one, V every other.

type cdnNames struct {
	Simplified  string   `xml:"cdn:SCDN,omitempty"`
	Traditional string   `xml:"cdn:TCDN,omitempty"`
	Other       []string `xml:"cdn:VCDNList>cdn:VCDN"`
}

type cdnCreData struct{ cdnNames }

type cdnOther struct {
	Names   []string `xml:"cdn:VCDN"`
	ALabels []string `xml:"cdn:VCDNPunycode"`
}

type cdnInfData struct {
	Original     string    `xml:"cdn:OCDNPunycode,omitempty"`
	Simplified   string    `xml:"cdn:SCDN,omitempty"`
	SimplifiedA  string    `xml:"cdn:SCDNPunycode,omitempty"`
	Traditional  string    `xml:"cdn:TCDN,omitempty"`
	TraditionalA string    `xml:"cdn:TCDNPunycode,omitempty"`
	Other        *cdnOther `xml:"cdn:VCDNList"`
}

func (c cdnNames) names() []string {
	return aForms(append([]string{c.Simplified, c.Traditional}, c.Other...))
}

func (c cdnInfData) names() []string {
	list := []string{c.Original, c.SimplifiedA, c.Simplified, c.TraditionalA, c.Traditional}
	if c.Other != nil {
		list = append(append(list, c.Other.ALabels...), c.Other.Names...)
	}
	return aForms(list)
}

// aForms are the names of a list once each, in A-form and in its order. What
// cannot be read as a name is left out: the registry's word for it stays in the
// trace of the session.
func aForms(list []string) []string {
	var out []string
	for _, s := range list {
		n, _, err := names.Parse(s)
		if err == nil && !slices.Contains(out, n.A()) {
			out = append(out, n.A())
		}
	}
	return out
}

// createdBundle is what an answer to a create says of a name's bundle, the name
// itself first; nil when it says nothing.
func createdBundle(extensions []any, nameA string) []string {
	if b := epp.Get[bundleCreData](extensions); b != nil {
		return b.Bundle.names()
	}
	if c := epp.Get[cdnCreData](extensions); c != nil {
		return first(nameA, c.names())
	}
	return nil
}

// bundleOf is what an info says of it.
func bundleOf(extensions []any, nameA string) []string {
	if b := epp.Get[bundleInfData](extensions); b != nil {
		return b.Bundle.names()
	}
	if c := epp.Get[cdnInfData](extensions); c != nil {
		return first(nameA, c.names())
	}
	return nil
}

// first puts a name before the names that go with it.
func first(nameA string, list []string) []string {
	return append([]string{nameA}, slices.DeleteFunc(list, func(a string) bool { return a == nameA })...)
}

// Codec knows all the elements that registries here are read with: the account
// of a pool is made with it.
func Codec() (*epp.Codec, error) {
	return epp.NewCodec(
		epp.Extension{URI: epp.NSBundle, Prefix: "b-dn", Elements: map[string]any{"creData": bundleCreData{}, "infData": bundleInfData{}}},
		epp.Extension{URI: epp.NSCDN, Prefix: "cdn", Elements: map[string]any{"creData": cdnCreData{}, "infData": cdnInfData{}}})
}
