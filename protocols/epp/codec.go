package epp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Namespaces we know. The ones without types here are announced or passed on by others; their elements arrive as *Raw.
const (
	NSCore         = "urn:ietf:params:xml:ns:epp-1.0"
	NSDomain       = "urn:ietf:params:xml:ns:domain-1.0"
	NSContact      = "urn:ietf:params:xml:ns:contact-1.0"
	NSHost         = "urn:ietf:params:xml:ns:host-1.0"
	NSSecDNS       = "urn:ietf:params:xml:ns:secDNS-1.1"
	NSRGP          = "urn:ietf:params:xml:ns:rgp-1.0"
	NSFee          = "urn:ietf:params:xml:ns:epp:fee-1.0"
	NSLaunch       = "urn:ietf:params:xml:ns:launch-1.0"
	NSLoginSec     = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
	NSChangePoll   = "urn:ietf:params:xml:ns:changePoll-1.0"
	NSSecureAuth   = "urn:ietf:params:xml:ns:epp:secure-authinfo-transfer-1.0"
	NSUnhandled    = "urn:ietf:params:xml:ns:epp:unhandled-namespaces-1.0"
	NSVerification = "urn:ietf:params:xml:ns:verificationCode-1.0"
	NSCNNICContact = "urn:ietf:params:xml:ns:cnnic-contact-1.0"
	NSCNNICDomain  = "urn:ietf:params:xml:ns:cnnic-domain-1.0"
	NSCNNICHost    = "urn:ietf:params:xml:ns:cnnic-host-1.0"
	NSNV           = "urn:ietf:params:xml:ns:nv-1.0"
	NSCDN          = "urn:ietf:params:xml:ns:cdn-1.0"
	NSBundle       = "urn:ietf:params:xml:ns:epp:b-dn"
)

// Extension registers the Go types of one namespace. Elements maps element names to values of the struct type that reads and
// writes them; its tags carry Prefix. Each element needs a type of its own. Without Elements only the prefix is known.
type Extension struct {
	URI, Prefix string
	Elements    map[string]any
}

// Codec knows the types of a set of namespaces. It does not change once made.
type Codec struct {
	prefixes map[string]string
	types    map[xml.Name]reflect.Type
	names    map[reflect.Type]xml.Name
}

// standard knows everything in this package.
var standard = func() *Codec {
	c, err := NewCodec()
	if err != nil {
		panic(err) // the table in builtin.go contradicts itself
	}
	return c
}()

// NewCodec adds extensions to what the package knows itself.
func NewCodec(more ...Extension) (*Codec, error) {
	c := &Codec{map[string]string{}, map[xml.Name]reflect.Type{}, map[reflect.Type]xml.Name{}}
	taken := map[string]bool{"": true, "xml": true, "xmlns": true}
	for _, x := range append(builtin(), more...) {
		if taken[x.Prefix] || c.prefixes[x.URI] != "" || x.URI == NSCore || x.URI == "" {
			return nil, fmt.Errorf("epp: namespace %q or prefix %q registered twice", x.URI, x.Prefix)
		}
		taken[x.Prefix] = true
		c.prefixes[x.URI] = x.Prefix
		for local, proto := range x.Elements {
			t := reflect.TypeOf(proto)
			if t.Kind() != reflect.Struct || c.names[t].Local != "" {
				return nil, fmt.Errorf("epp: %s:%s needs a struct type of its own, not %v", x.Prefix, local, t)
			}
			name := xml.Name{Space: x.URI, Local: local}
			c.types[name], c.names[t] = t, name
		}
	}
	return c, nil
}

// Knows says whether elements of the namespace are read into types.
func (c *Codec) Knows(uri string) bool {
	for name := range c.types {
		if name.Space == uri {
			return true
		}
	}
	return false
}

func (c *Codec) canonical(n xml.Name) string {
	if n.Space == NSCore {
		return n.Local
	}
	if p, ok := c.prefixes[n.Space]; ok {
		return p + ":" + n.Local
	}
	return "{" + n.Space + "}" + n.Local // matches no tag
}

// any reads an element into its registered type, or keeps it raw.
func (c *Codec) any(n *node) (any, error) {
	t, ok := c.types[n.name]
	if !ok {
		return &Raw{n.name, n}, nil
	}
	v := reflect.New(t)
	if err := n.decode(c, v.Interface()); err != nil {
		return &Raw{n.name, n}, fmt.Errorf("epp: %s: %w", c.canonical(n.name), err)
	}
	return v.Interface(), nil
}

func (c *Codec) all(nodes []*node) (out []any, first error) {
	for _, n := range nodes {
		v, err := c.any(n)
		if err != nil && first == nil {
			first = err
		}
		out = append(out, v)
	}
	return out, first
}

// Marshal writes a Greeting, Command or Response as a frame's XML, with the package's own types.
func Marshal(v any) ([]byte, error) { return standard.Marshal(v) }

// Marshal writes a Greeting, Command or Response as a frame's XML. Text that XML cannot carry (control characters, bytes that are
// not UTF-8, U+FFFD) is an error, and so is a payload of an unregistered type.
func (c *Codec) Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n")
	w := &writer{c: c, e: xml.NewEncoder(&b)}
	w.open("epp", xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: NSCore})
	switch v := v.(type) {
	case Greeting:
		w.greeting(v)
	case *Greeting:
		w.greeting(*v)
	case Command:
		w.command(v)
	case *Command:
		w.command(*v)
	case Response:
		w.response(v)
	case *Response:
		w.response(*v)
	default:
		return nil, fmt.Errorf("epp: %T is no frame", v)
	}
	w.close("epp")
	if w.err == nil {
		w.err = w.e.Close()
	}
	if w.err != nil {
		return nil, w.err
	}
	// The encoder replaces what XML forbids by U+FFFD without a word.
	if bytes.ContainsRune(b.Bytes(), '\uFFFD') {
		return nil, errors.New("epp: a value has characters that XML cannot carry")
	}
	return b.Bytes(), nil
}

// writer keeps the first error, so that the shape of a frame reads straight.
type writer struct {
	c   *Codec
	e   *xml.Encoder
	err error
}

func (w *writer) token(t xml.Token) {
	if w.err == nil {
		w.err = w.e.EncodeToken(t)
	}
}

func (w *writer) open(name string, attrs ...xml.Attr) {
	w.token(xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs})
}

func (w *writer) close(name string) { w.token(xml.EndElement{Name: xml.Name{Local: name}}) }

func (w *writer) element(name string, v any, attrs ...xml.Attr) {
	if w.err == nil {
		w.err = w.e.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs})
	}
}

func (w *writer) greeting(g Greeting) {
	if g.DCP == nil {
		g.DCP = DefaultDCP()
	}
	w.element("greeting", g)
}

// payload writes a registered type under its prefix, or a raw element.
func (w *writer) payload(v any) {
	if w.err != nil {
		return
	}
	if r, ok := v.(*Raw); ok && r != nil && r.node != nil {
		w.err = r.node.write(w.c, w.e, map[string]string{"": NSCore})
		return
	}
	name, err := w.c.nameOf(v)
	if err != nil {
		w.err = err
		return
	}
	p := w.c.prefixes[name.Space]
	w.element(p+":"+name.Local, v, xml.Attr{Name: xml.Name{Local: "xmlns:" + p}, Value: name.Space})
}

func (c *Codec) nameOf(v any) (xml.Name, error) {
	if r, ok := v.(*Raw); ok && r != nil {
		return r.Name, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	if rv.IsValid() {
		if name, ok := c.names[rv.Type()]; ok {
			return name, nil
		}
	}
	return xml.Name{}, fmt.Errorf("epp: no element is registered for %T", v)
}

func (w *writer) payloads(name string, list []any) {
	if len(list) == 0 {
		return
	}
	w.open(name)
	for _, v := range list {
		w.payload(v)
	}
	w.close(name)
}

func (w *writer) command(cmd Command) {
	verb, err := w.c.verb(cmd)
	if err != nil {
		w.err = err
		return
	}
	if verb == HelloVerb {
		w.element("hello", struct{}{})
		return
	}
	w.open("command")
	switch verb {
	case LoginVerb:
		w.element("login", *cmd.Login)
	case Logout:
		w.element("logout", struct{}{})
	case Poll:
		w.element("poll", *cmd.Poll)
	default:
		var attrs []xml.Attr
		if verb == Transfer {
			attrs = []xml.Attr{{Name: xml.Name{Local: "op"}, Value: string(cmd.Op)}}
		}
		w.open(string(verb), attrs...)
		w.payload(cmd.Object)
		w.close(string(verb))
	}
	w.payloads("extension", cmd.Extensions)
	w.trid("clTRID", cmd.ClTRID)
	w.close("command")
}

func (w *writer) trid(name, id string) {
	if id != "" {
		w.element(name, id)
	}
}

// verb finds the verb and checks that what it needs is there.
func (c *Codec) verb(cmd Command) (Verb, error) {
	switch {
	case cmd.Login != nil:
		return LoginVerb, nil
	case cmd.Poll != nil:
		return Poll, nil
	case cmd.Object != nil:
		name, err := c.nameOf(cmd.Object)
		if err != nil {
			return "", err
		}
		v := Verb(name.Local)
		switch v {
		case Check, Info, Transfer, Create, Delete, Renew, Update:
		default:
			return "", fmt.Errorf("epp: %s is no command", name.Local)
		}
		if v == Transfer && cmd.Op == "" {
			return "", errors.New("epp: a transfer needs its operation")
		}
		return v, nil
	case cmd.Verb == Logout, cmd.Verb == HelloVerb:
		return cmd.Verb, nil
	}
	return "", fmt.Errorf("epp: command %q is empty", cmd.Verb)
}

func (w *writer) response(r Response) {
	if len(r.Results) == 0 {
		w.err = errors.New("epp: a response needs a result")
		return
	}
	w.open("response")
	for _, x := range r.Results {
		w.open("result", xml.Attr{Name: xml.Name{Local: "code"}, Value: fmt.Sprint(int(x.Code))})
		if x.Msg.Body == "" {
			x.Msg.Body = x.Code.Text()
		}
		w.element("msg", x.Msg)
		for _, v := range x.Values {
			w.value(v)
		}
		for _, v := range x.ExtValues {
			w.open("extValue")
			w.value(v.Value)
			w.element("reason", v.Reason)
			w.close("extValue")
		}
		w.close("result")
	}
	if r.MsgQ != nil {
		w.element("msgQ", *r.MsgQ)
	}
	w.payloads("resData", r.Data)
	w.payloads("extension", r.Extensions)
	w.open("trID")
	w.trid("clTRID", r.ClTRID)
	w.trid("svTRID", r.SvTRID)
	w.close("trID")
	w.close("response")
}

func (w *writer) value(v Value) {
	if w.err == nil && len(v.Items) != 1 {
		w.err = errors.New("epp: a value needs exactly one element")
	}
	w.open("value")
	for _, x := range v.Items {
		w.payload(x)
	}
	w.close("value")
}

// Known lists those of uris that the codec has types for, or that stand for a practice without elements of its own.
func (c *Codec) Known(uris []string) []string {
	var out []string
	for _, u := range uris {
		u = strings.TrimSpace(u)
		if c.Knows(u) || u == NSSecureAuth || u == NSUnhandled {
			out = append(out, u)
		}
	}
	return out
}
