package epp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func core(body string) string { return `<epp xmlns="` + NSCore + `">` + body + `</epp>` }

const goodCommand = `<command><logout/><clTRID>YM-1</clTRID></command>`

func TestHostileXMLIsRefused(t *testing.T) {
	good := core(goodCommand)
	nest := func(n int) string {
		return core(`<command><logout/><extension>` + strings.Repeat("<a>", n) + strings.Repeat("</a>", n) + `</extension></command>`)
	}
	for _, c := range []struct {
		name string
		xml  string
		ok   bool
	}{
		{"a plain command", good, true},
		{"with declaration and white space around", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + good + "\r\n \t", true},
		{"with a byte order mark", "\ufeff" + good, true},
		{"with a comment after the end", good + "<!-- bye -->", true},
		{"DOCTYPE", `<!DOCTYPE epp>` + good, false},
		{"DOCTYPE with an entity bomb", `<!DOCTYPE epp [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>` + good, false},
		{"DOCTYPE that reads a file", `<!DOCTYPE epp [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + good, false},
		{"an entity that is not declared", core(`<command><logout/><clTRID>&x;</clTRID></command>`), false},
		{"a style sheet", `<?xml-stylesheet href="x"?>` + good, false},
		{"a processing instruction inside", core(`<?php x ?>` + goodCommand), false},
		{"a second XML declaration", `<?xml version="1.0"?>` + core(`<?xml version="1.0"?>`+goodCommand), false},
		{"encoding GB18030", `<?xml version="1.0" encoding="GB18030"?>` + good, false},
		{"encoding ISO-8859-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + good, false},
		{"UTF-16", "\xff\xfe<\x00e\x00p\x00p\x00/\x00>\x00", false},
		{"bytes that are not UTF-8", core("<command><logout/><clTRID>YM-\xc3\x28</clTRID></command>"), false},
		{"a null byte", core("<command><logout/><clTRID>YM-\x00</clTRID></command>"), false},
		{"a forbidden character by reference", core("<command><logout/><clTRID>YM-&#1;</clTRID></command>"), false},
		{"28 levels below the extension", nest(28), true},
		{"33 levels in all", nest(30), false},
		{"a million levels", nest(100_000), false},
		{"thirty thousand elements", core(`<command><logout/><extension>` + strings.Repeat("<a/>", 30_000) + `</extension></command>`), false},
		{"an attribute twice", core(`<command><poll op="req" op="ack"/></command>`), false},
		{"a hundred attributes", core(`<command><logout ` + manyAttrs(100) + `/></command>`), false},
		{"text after the end", good + "x", false},
		{"a second document", good + good, false},
		{"text before the start", "x" + good, false},
		{"tags that cross", core(`<command><logout></command></logout>`), false},
		{"no end", strings.TrimSuffix(good, "</epp>"), false},
		{"nothing", "", false},
		{"only white space", " \n", false},
		{"another root", `<html xmlns="` + NSCore + `"/>`, false},
		{"the root in another namespace", `<epp xmlns="urn:example:epp">` + goodCommand + `</epp>`, false},
		{"the root in none", `<epp>` + goodCommand + `</epp>`, false},
		{"two children of the root", core(goodCommand + goodCommand), false},
		{"two verbs", core(`<command><logout/><poll op="req"/></command>`), false},
		{"two objects", core(`<command><check><d:check xmlns:d="` + NSDomain + `"/><d:check xmlns:d="` + NSDomain + `"/></check></command>`), false},
		{"a verb around another's object", core(`<command><check><d:delete xmlns:d="` + NSDomain + `"><d:name>a.cn</d:name></d:delete></check></command>`), false},
		{"a tag name that looks like ours", core(`<command><domain:check><name>a.cn</name></domain:check></command>`), false},
		{"an object in no namespace", core(`<command><check><check xmlns=""><name>a.cn</name></check></check></command>`), true}, // raw, for the handler to refuse
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd, err := UnmarshalCommand([]byte(c.xml))
			if (err == nil) != c.ok {
				t.Errorf("error %v, command %+v", err, cmd)
			}
			if c.name == "an object in no namespace" && Get[Raw]([]any{cmd.Object}) == nil {
				t.Errorf("object is %T", cmd.Object)
			}
			var frame *FrameError
			var command *CommandError
			if err != nil && !errors.As(err, &frame) && !errors.As(err, &command) {
				t.Errorf("error of an unknown kind: %v", err)
			}
			Mask([]byte(c.xml))
		})
	}
}

func manyAttrs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + strings.Repeat("b", i) + `="1"`)
	}
	return b.String()
}

func TestOnlyAPlainResultIsBelievedOfABrokenAnswer(t *testing.T) {
	answer := func(result, rest, trid string) string {
		return core(`<response>` + result + rest + trid + `</response>`)
	}
	result, trid := `<result code="1000"><msg>ok</msg></result>`, `<trID><clTRID>YM-1</clTRID><svTRID>SV-1</svTRID></trID>`
	for _, c := range []struct {
		name, xml string
		ok        bool
	}{
		{"an entity nobody declared", answer(result, `<resData><a>&nbsp;</a></resData>`, trid), true},
		{"a bare ampersand", answer(`<result code="2306"><msg>a & b</msg></result>`, ``, trid), true},
		{"an attribute without quotes", answer(`<result code=1000><msg>ok</msg></result>`, ``, trid), true},
		{"cut after the ids", `<epp><response>` + result + trid, true},
		{"cut before the ids", `<epp><response>` + result, false},
		{"no clTRID", answer(result, `&nope;`, `<trID><svTRID>SV-1</svTRID></trID>`), false},
		{"ids only of a pending action", answer(result, `&nope;<resData><panData><paTRID><clTRID>YM-1</clTRID><svTRID>SV-1</svTRID></paTRID></panData></resData>`, ``), false},
		{"ids inside the text of a message", answer(result, `&nope;<msgQ><msg><trID><clTRID>YM-1</clTRID><svTRID>S</svTRID></trID></msg></msgQ>`, ``), false},
		{"a code that is none", answer(`<result code="ok"/>`, `&nope;`, trid), false},
		{"a code out of range", answer(`<result code="9999"/>`, `&nope;`, trid), false},
		{"DOCTYPE", `<!DOCTYPE epp>` + answer(result, ``, trid), false},
		{"a command", core(`<command>&nope;</command>`), false},
	} {
		r, err := UnmarshalResponse([]byte(c.xml))
		if (err == nil) != c.ok {
			t.Errorf("%s: %+v %v", c.name, r, err)
		}
		if err == nil && (r.Unreadable == nil || r.ClTRID != "YM-1" || r.SvTRID != "SV-1" || len(r.Data)+len(r.Extensions) != 0) {
			t.Errorf("%s: believed %+v", c.name, r)
		}
	}
}

func TestFramesAreReadWholeOrNotAtAll(t *testing.T) {
	length := func(n uint32, body string) []byte { return append(binary.BigEndian.AppendUint32(nil, n), body...) }
	for _, c := range []struct {
		name string
		in   []byte
		want string
		err  string // "" none, "end" io.EOF, "frame" *FrameError
	}{
		{"one frame", length(7, "abc"), "abc", ""},
		{"the largest", length(1000, strings.Repeat("x", 996)), strings.Repeat("x", 996), ""},
		{"one byte too many", length(1001, strings.Repeat("x", 997)), "", "frame"},
		{"closed between frames", nil, "", "end"},
		{"closed in the header", []byte{0, 0}, "", "frame"},
		{"closed after the header", length(7, ""), "", "frame"},
		{"closed inside", length(7, "ab"), "", "frame"},
		{"empty", length(4, ""), "", "frame"},
		{"shorter than its header", length(3, ""), "", "frame"},
		{"zero", length(0, ""), "", "frame"},
		{"4 GB", length(1<<32-1, "x"), "", "frame"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// However the bytes trickle in, the result is the same.
			for _, r := range []io.Reader{bytes.NewReader(c.in), iotest.OneByteReader(bytes.NewReader(c.in)), iotest.DataErrReader(bytes.NewReader(c.in))} {
				got, err := ReadFrame(r, 1000)
				var bad *FrameError
				kind := ""
				if errors.As(err, &bad) {
					kind = "frame"
				} else if err == io.EOF {
					kind = "end"
				} else if err != nil {
					kind = err.Error()
				}
				if string(got) != c.want || kind != c.err {
					t.Errorf("got %q, %v", got, err)
				}
			}
		})
	}
	var b bytes.Buffer
	if err := WriteFrame(&b, []byte("<epp/>")); err != nil || b.String() != "\x00\x00\x00\x0a<epp/>" {
		t.Errorf("wrote %q, %v", b.String(), err)
	}
}

func seeds(f *testing.F, want string) {
	for i, x := range frames() {
		if strings.HasPrefix(x.name, want) && i%2 == 0 {
			b, err := Marshal(x.frame)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte(core(goodCommand)))
	f.Add([]byte(`<!DOCTYPE epp [<!ENTITY a "b">]>` + core(`<response>&a;</response>`)))
	f.Add([]byte(`<a:epp xmlns:a="` + NSCore + `"><a:response><a:result code="1000"><a:msg/></a:result><a:extension><x xmlns="u:x" y:z="1" xmlns:y="u:y">t<q xmlns=""/></x></a:extension><a:trID/></a:response></a:epp>`))
}

// What was read and can be written must say the same when read again; and nothing may panic.
func FuzzUnmarshalResponse(f *testing.F) {
	seeds(f, "response")
	f.Fuzz(func(t *testing.T, b []byte) {
		Mask(b)
		r, err := UnmarshalResponse(b)
		if err != nil || r.Unreadable != nil {
			return
		}
		_, _ = r.Code(), r.Reason()
		again(t, r, func(b []byte) (any, error) {
			r, err := UnmarshalResponse(b)
			r.Raw = nil
			return r, errors.Join(err, r.Unreadable)
		})
	})
}

func FuzzUnmarshalCommand(f *testing.F) {
	seeds(f, "command")
	f.Fuzz(func(t *testing.T, b []byte) {
		Mask(b)
		c, err := UnmarshalCommand(b)
		if err != nil {
			return
		}
		KindOf(c)
		again(t, c, func(b []byte) (any, error) { return UnmarshalCommand(b) })
	})
}

func again(t *testing.T, v any, read func([]byte) (any, error)) {
	first, err := Marshal(v)
	if err != nil {
		return // values that no frame of ours has, such as an empty value element
	}
	got, err := read(first)
	if err != nil {
		t.Fatalf("cannot read what was written: %v\n%s", err, first)
	}
	second, err := Marshal(got)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("first\n%s\nthen (%v)\n%s", first, err, second)
	}
}
