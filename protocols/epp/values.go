package epp

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Time is a moment on the wire. It is written in UTC with one decimal of a second (truncated, so a time read back may be
// up to 100 ms earlier than the one set). It is read with any fraction, any offset, or none.
type Time struct {
	time.Time
	// Zoneless is set when the text carried no zone and was read as UTC.
	Zoneless bool
}

// At makes a wire time. For an optional field: new(epp.At(t)).
func At(t time.Time) Time { return Time{Time: t.UTC()} }

// ParseTime reads an XML Schema dateTime.
func ParseTime(s string) (Time, error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return At(t), nil
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999999999", s); err == nil {
		return Time{Time: t, Zoneless: true}, nil
	}
	return Time{}, &ValueError{"time", s}
}

// MarshalText writes UTC with one decimal, as registries do, and with
// milliseconds where there are any: who was first can hang on them.
func (t Time) MarshalText() ([]byte, error) {
	layout := "2006-01-02T15:04:05.0Z"
	if t.Nanosecond()%int(100*time.Millisecond) != 0 {
		layout = "2006-01-02T15:04:05.000Z"
	}
	return []byte(t.UTC().Format(layout)), nil
}

func (t *Time) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTime(string(b))
	return err
}

// Date is an XML Schema date, "2027-01-31". Registries mean the UTC day of exDate.
type Date string

// DateOf is the UTC day of t.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// Time is the first instant of the day in UTC. A zone after the date is ignored.
func (d Date) Time() (time.Time, error) {
	s := strings.TrimSpace(string(d))
	if len(s) > len(time.DateOnly) {
		s = s[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, &ValueError{"date", string(d)}
	}
	return t, nil
}

// ValueError is a value whose syntax is wrong (result code 2005). The value itself is not printed: it may be a secret.
type ValueError struct {
	Kind  string
	value string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("epp: not a %s (%d characters)", e.Kind, len(e.value))
}

// Flag is a boolean attribute, written 1 or 0: some clients take the text "false" for true.
type Flag bool

func (f Flag) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	v := "0"
	if f {
		v = "1"
	}
	return xml.Attr{Name: name, Value: v}, nil
}

func (f *Flag) UnmarshalXMLAttr(a xml.Attr) error {
	switch strings.TrimSpace(a.Value) {
	case "1", "true":
		*f = true
	case "0", "false":
		*f = false
	default:
		return &ValueError{"boolean", a.Value}
	}
	return nil
}

// Present is an empty element that says something by being there.
type Present bool

func (p Present) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if !p {
		return nil
	}
	return e.EncodeElement(struct{}{}, start)
}

func (p *Present) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	*p = true
	return d.Skip()
}

// Marks is an element whose children are empty and speak by their names (the data collection policy of a greeting).
type Marks []string

func (m Marks) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, name := range m {
		if err := e.EncodeElement(struct{}{}, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

func (m *Marks) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			*m = append(*m, t.Name.Local)
			if err := d.Skip(); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// Text is words for people. Markup inside is dropped when read, its words are kept.
type Text struct {
	Lang string // empty means English
	Body string
}

func (t Text) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if t.Lang != "" {
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "lang"}, Value: t.Lang})
	}
	return e.EncodeElement(t.Body, start)
}

func (t *Text) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	*t = Text{Lang: attr(start, "lang")}
	var b strings.Builder
	for depth := 1; depth > 0; {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			b.Write(tok)
		}
	}
	t.Body = strings.TrimSpace(b.String())
	return nil
}

// Status is one status of an object, in the registry's exact spelling.
type Status struct {
	S    string `xml:"s,attr"`
	Lang string `xml:"lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

// Period is a number of years ("y") or months ("m").
type Period struct {
	Unit  string `xml:"unit,attr"`
	Value int    `xml:",chardata"`
}

// Years makes a period of n years.
func Years(n int) *Period { return &Period{Unit: "y", Value: n} }

// Addr is an address of a name server; IP is "v4" (when empty) or "v6".
type Addr struct {
	IP    string `xml:"ip,attr,omitempty"`
	Value string `xml:",chardata"`
}

// Avail is a checked name or id.
type Avail struct {
	Avail Flag   `xml:"avail,attr"`
	Value string `xml:",chardata"`
}

// PendingResult is the object of a panData: the name or id and whether the pending action succeeded.
type PendingResult struct {
	OK    Flag   `xml:"paResult,attr"`
	Value string `xml:",chardata"`
}

// TrID pairs the transaction ids of client and server.
type TrID struct {
	ClTRID string `xml:"clTRID,omitempty"`
	SvTRID string `xml:"svTRID"`
}

// AuthInfo is the authorisation of an object. The zero value is an empty password, which is what create sends while no move is
// wanted (RFC 9154). Null clears it and is only known to domain update.
type AuthInfo struct {
	Pw   string
	Roid string // of the object whose password this is, when it is not this one's own
	Null bool
}

func (a AuthInfo) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	prefix, _, _ := strings.Cut(start.Name.Local, ":")
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	child := xml.StartElement{Name: xml.Name{Local: prefix + ":pw"}}
	if a.Null {
		child.Name.Local = prefix + ":null"
	} else if a.Roid != "" {
		child.Attr = []xml.Attr{{Name: xml.Name{Local: "roid"}, Value: a.Roid}}
	}
	value := a.Pw
	if a.Null {
		value = ""
	}
	if err := e.EncodeElement(value, child); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}

func (a *AuthInfo) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	*a = AuthInfo{}
	prefix, _, _ := strings.Cut(start.Name.Local, ":")
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case prefix + ":pw":
				a.Roid = attr(t, "roid")
				err = d.DecodeElement(&a.Pw, &t)
			case prefix + ":null":
				a.Null = true
				err = d.Skip()
			default:
				err = d.Skip()
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// ExtURIs is a list of extension namespaces; an empty one is not written at all, as the schema wants.
type ExtURIs []string

type extURIs struct {
	URI []string `xml:"extURI"`
}

func (u ExtURIs) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if len(u) == 0 {
		return nil
	}
	return e.EncodeElement(extURIs{u}, start)
}

func (u *ExtURIs) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var list extURIs
	err := d.DecodeElement(&list, &start)
	*u = list.URI
	return err
}
