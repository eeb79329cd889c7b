package epp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	maxDepth    = 32
	maxElements = 20000 // a frame of the largest size made of nothing but tags would cost forty times its size in memory
	maxAttrs    = 64
)

// node is an element with its namespace resolved. Prefixes, comments and the difference between text and CDATA are gone.
type node struct {
	name xml.Name
	attr []xml.Attr
	kids []any // *node or string
}

// parse reads a whole frame. It refuses what no EPP peer needs and what parsers get wrong: DOCTYPE, processing instructions,
// other encodings than UTF-8, deep nesting, text or elements after the root. Every error is a *FrameError.
func parse(b []byte) (*node, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	d := xml.NewDecoder(bytes.NewReader(b))
	var root *node
	var open []*node
	elements := 0
	for {
		at := d.InputOffset()
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, &FrameError{"invalid XML", err}
		}
		switch t := tok.(type) {
		case xml.ProcInst:
			if t.Target != "xml" || at != 0 {
				return nil, &FrameError{Reason: "processing instruction refused"}
			}
		case xml.Directive:
			return nil, &FrameError{Reason: "DOCTYPE refused"}
		case xml.CharData:
			if len(open) > 0 {
				top := open[len(open)-1]
				top.kids = append(top.kids, string(t))
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, &FrameError{Reason: "text outside the root element"}
			}
		case xml.StartElement:
			if len(open) == 0 && root != nil {
				return nil, &FrameError{Reason: "second root element"}
			}
			if elements++; elements > maxElements {
				return nil, &FrameError{Reason: "too many elements"}
			}
			if len(open) == maxDepth {
				return nil, &FrameError{Reason: "elements nested too deep"}
			}
			if err := checkAttrs(t.Attr); err != nil {
				return nil, err
			}
			n := &node{name: t.Name}
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
					n.attr = append(n.attr, a)
				}
			}
			if len(open) > 0 {
				top := open[len(open)-1]
				top.kids = append(top.kids, n)
			} else {
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	if root == nil {
		return nil, &FrameError{Reason: "no root element"}
	}
	return root, nil
}

// checkAttrs refuses repeated attributes, which encoding/xml lets pass although XML forbids them.
func checkAttrs(list []xml.Attr) error {
	if len(list) > maxAttrs {
		return &FrameError{Reason: "too many attributes"}
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if a.Name == b.Name {
				return &FrameError{Reason: "attribute given twice"}
			}
		}
	}
	return nil
}

// children are the elements directly below.
func (n *node) children() []*node {
	var out []*node
	for _, k := range n.kids {
		if c, ok := k.(*node); ok {
			out = append(out, c)
		}
	}
	return out
}

func (n *node) child(space, local string) *node {
	for _, c := range n.children() {
		if c.name.Space == space && c.name.Local == local {
			return c
		}
	}
	return nil
}

func (n *node) attribute(local string) string {
	for _, a := range n.attr {
		if a.Name.Space == "" && a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// text is the element's own text, without that of its children.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for _, k := range n.kids {
		if s, ok := k.(string); ok {
			b.WriteString(s)
		}
	}
	return strings.TrimSpace(b.String())
}

// tokens gives the element to encoding/xml with canonical names, so that one struct tag serves reading and writing.
func (n *node) tokens(c *Codec, out []xml.Token) []xml.Token {
	start := xml.StartElement{Name: xml.Name{Local: c.canonical(n.name)}}
	for _, a := range n.attr {
		if a.Name.Space == "" { // no type of ours has attributes from another namespace
			start.Attr = append(start.Attr, a)
		}
	}
	out = append(out, start)
	leaf := len(n.children()) == 0
	for _, k := range n.kids {
		switch k := k.(type) {
		case *node:
			out = k.tokens(c, out)
		case string:
			// All our leaves are XML tokens, where white space around the value means nothing; authInfo alone is not.
			if leaf && n.name.Local != "pw" {
				k = strings.Trim(k, " \t\r\n")
			}
			out = append(out, xml.CharData(k))
		}
	}
	return append(out, start.End())
}

type tokenList struct{ list []xml.Token }

func (t *tokenList) Token() (xml.Token, error) {
	if len(t.list) == 0 {
		return nil, io.EOF
	}
	tok := t.list[0]
	t.list = t.list[1:]
	return tok, nil
}

// decode fills v, a pointer, from the element.
func (n *node) decode(c *Codec, v any) error {
	return xml.NewTokenDecoder(&tokenList{n.tokens(c, nil)}).Decode(v)
}

// write sends the element to an encoder, declaring each namespace where it first appears.
func (n *node) write(c *Codec, e *xml.Encoder, scope map[string]string) error {
	inner := scope
	declare := func(uri string) (prefix string, extra []xml.Attr) {
		if p, ok := inner[uri]; ok {
			return p, nil
		}
		p, ok := c.prefixes[uri]
		if !ok {
			p = "x" + strconv.Itoa(len(inner))
		}
		grown := make(map[string]string, len(inner)+1)
		for k, v := range inner {
			grown[k] = v
		}
		grown[uri] = p
		inner = grown
		return p, []xml.Attr{{Name: xml.Name{Local: "xmlns:" + p}, Value: uri}}
	}
	var start xml.StartElement
	switch uri := n.name.Space; uri {
	case "": // no namespace: the default one must be taken away
		start.Name.Local = n.name.Local
		if inner[""] != "none" {
			start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "xmlns"}})
			inner = withDefault(inner, "none")
		}
	case NSCore:
		start.Name.Local = n.name.Local
		if inner[""] != NSCore {
			start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: NSCore})
			inner = withDefault(inner, NSCore)
		}
	default:
		p, extra := declare(uri)
		start.Name.Local = p + ":" + n.name.Local
		start.Attr = append(start.Attr, extra...)
	}
	for _, a := range n.attr {
		local := a.Name.Local
		switch a.Name.Space {
		case "":
		case "http://www.w3.org/XML/1998/namespace":
			local = "xml:" + local
		default:
			p, extra := declare(a.Name.Space)
			start.Attr = append(start.Attr, extra...)
			local = p + ":" + local
		}
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: local}, Value: a.Value})
	}
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, k := range n.kids {
		var err error
		switch k := k.(type) {
		case *node:
			err = k.write(c, e, inner)
		case string:
			err = e.EncodeToken(xml.CharData(k))
		}
		if err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

func withDefault(scope map[string]string, value string) map[string]string {
	grown := make(map[string]string, len(scope)+1)
	for k, v := range scope {
		grown[k] = v
	}
	grown[""] = value
	return grown
}

// Raw is an element of a namespace or kind that no Go type is registered for, kept as it came.
type Raw struct {
	Name xml.Name
	node *node
}

// ParseRaw makes an element to send from XML text of its own.
func ParseRaw(text string) (*Raw, error) {
	n, err := parse([]byte(text))
	if err != nil {
		return nil, err
	}
	return &Raw{n.name, n}, nil
}

// XML is the element as text that stands alone: all namespaces it needs are declared in it.
func (r *Raw) XML() string {
	if r == nil || r.node == nil {
		return ""
	}
	var b strings.Builder
	e := xml.NewEncoder(&b)
	if err := r.node.write(standard, e, nil); err != nil {
		return ""
	}
	if err := e.Close(); err != nil {
		return ""
	}
	return b.String()
}

// lenient is the second pass over an answer that is not valid XML: the command may be done, and the result code and the
// transaction ids tell. Nothing else of such a frame is believed.
func lenient(b []byte) (Response, bool) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var path []string
	var r Response
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		switch t := tok.(type) {
		case xml.Directive:
			return Response{}, false
		case xml.StartElement:
			if len(path) == maxDepth {
				return Response{}, false
			}
			path = append(path, t.Name.Local)
			if strings.Join(path, "/") == "epp/response/result" {
				code, err := strconv.Atoi(attr(t, "code"))
				if err != nil || code < 1000 || code > 2999 {
					return Response{}, false
				}
				r.Results = append(r.Results, Result{Code: Code(code)})
			}
		case xml.EndElement:
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		case xml.CharData:
			switch strings.Join(path, "/") {
			case "epp/response/trID/clTRID":
				r.ClTRID += strings.TrimSpace(string(t))
			case "epp/response/trID/svTRID":
				r.SvTRID += strings.TrimSpace(string(t))
			}
		}
	}
	return r, len(r.Results) > 0 && r.ClTRID != "" && r.SvTRID != ""
}

// codeFor chooses the result code for a command that could not be read.
func codeFor(err error) Code {
	var num *strconv.NumError
	var val *ValueError
	if errors.As(err, &num) || errors.As(err, &val) {
		return ValueSyntax
	}
	return BadSyntax
}

func unexpected(n *node) error {
	return fmt.Errorf("epp: unexpected element %s", n.name.Local)
}
