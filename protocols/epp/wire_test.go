package epp

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"yumen/testkit"
)

func TestEveryFrameIsReadBackAsItWasWritten(t *testing.T) {
	for _, f := range frames() {
		t.Run(f.name, func(t *testing.T) {
			b, err := Marshal(f.frame)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			switch want := f.frame.(type) {
			case Greeting:
				g, err := UnmarshalGreeting(b)
				if err != nil {
					t.Fatal(err)
				}
				if want.DCP == nil {
					want.DCP = DefaultDCP()
				}
				f.frame, got = want, g
			case Command:
				c, err := UnmarshalCommand(b)
				if err != nil {
					t.Fatal(err)
				}
				want.Verb = c.Verb
				f.frame, got = want, c
			case Response:
				r, err := UnmarshalResponse(b)
				if err != nil {
					t.Fatal(err)
				}
				if r.Unreadable != nil {
					t.Fatal(r.Unreadable)
				}
				r.Raw = nil
				for i := range want.Results {
					if want.Results[i].Msg.Body == "" {
						want.Results[i].Msg.Body = want.Results[i].Code.Text()
					}
				}
				f.frame, got = want, r
			}
			if want, got := show(f.frame), show(got); want != got {
				t.Errorf("wrote\n%s\nread\n%s", want, got)
			}
			again, err := Marshal(got)
			if err != nil || string(again) != string(b) {
				t.Errorf("first\n%s\nthen (%v)\n%s", b, err, again)
			}
		})
	}
}

// show prints a value through its pointers; nil and empty lists are the same.
func show(v any) string {
	var b strings.Builder
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if !v.IsValid() {
			b.WriteString("-")
			return
		}
		if r, ok := v.Interface().(*Raw); ok {
			b.WriteString(r.XML())
			return
		}
		if t, ok := v.Interface().(Time); ok {
			b.WriteString(t.Format("2006-01-02T15:04:05.999Z07:00"))
			return
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				b.WriteString("-")
				return
			}
			walk(v.Elem())
		case reflect.Slice:
			b.WriteString("[")
			for i := range v.Len() {
				walk(v.Index(i))
				b.WriteString(" ")
			}
			b.WriteString("]")
		case reflect.Struct:
			b.WriteString(v.Type().Name() + "{")
			for i := range v.NumField() {
				b.WriteString(v.Type().Field(i).Name + ":")
				walk(v.Field(i))
				b.WriteString(" ")
			}
			b.WriteString("}")
		default:
			fmt.Fprintf(&b, "%v", v.Interface())
		}
	}
	walk(reflect.ValueOf(v))
	return b.String()
}

func TestEveryRegisteredTypeIsAmongTheFrames(t *testing.T) {
	var all strings.Builder
	for _, f := range frames() {
		b, err := Marshal(f.frame)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for name := range standard.types {
		if !strings.Contains(all.String(), "<"+standard.canonical(name)+" xmlns:") {
			t.Errorf("no frame has a %s", standard.canonical(name))
		}
	}
}

// schemas writes a schema that knows the public ones and our reconstructions.
func schemas(t *testing.T) string {
	t.Helper()
	public, err := filepath.Abs("../../../shared/data/epp-xsd/all.xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(public); err != nil {
		testkit.Missing(t, "the folder of EPP schemas", "put the schemas of the IANA registry of EPP extensions into ../shared/data/epp-xsd")
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<schema xmlns="http://www.w3.org/2001/XMLSchema"><include schemaLocation="%s"/>`, public)
	for _, uri := range []string{NSCNNICContact, NSCNNICDomain, NSCNNICHost} {
		own, err := filepath.Abs("testdata/" + uri[strings.LastIndex(uri, ":")+1:] + ".xsd")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, `<import namespace="%s" schemaLocation="%s"/>`, uri, own)
	}
	b.WriteString(`</schema>`)
	path := filepath.Join(t.TempDir(), "with-cnnic.xsd")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryFrameFollowsTheSchemas(t *testing.T) {
	xmllint := testkit.Need(t, "xmllint", "apt-get install libxml2-utils")
	schema := schemas(t)
	dir := t.TempDir()
	args := []string{"--nonet", "--noout", "--schema", schema}
	names := map[string]string{}
	for i, f := range frames() {
		b, err := Marshal(f.frame)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		path := filepath.Join(dir, fmt.Sprintf("%03d.xml", i))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		args, names[path] = append(args, path), f.name
	}
	out, err := exec.Command(xmllint, args...).CombinedOutput()
	text := string(out)
	for path, name := range names {
		text = strings.ReplaceAll(text, path, name)
	}
	if n := strings.Count(text, " validates\n"); err != nil || n != len(names) {
		for line := range strings.Lines(text) {
			if !strings.HasSuffix(line, " validates\n") {
				t.Log(strings.TrimSpace(line))
			}
		}
		t.Fatalf("%d of %d frames are valid: %v", n, len(names), err)
	}
	// The check itself must be able to fail.
	bad := filepath.Join(dir, "bad.xml")
	b, err := Marshal(check())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(xmllint, "--nonet", "--noout", "--schema", schema, bad).Run(); err == nil {
		t.Error("a check without a name passes for valid")
	}
}

func TestPrefixesAreWrittenAsServersExpectThem(t *testing.T) {
	b, err := Marshal(Command{Object: &DomainCheck{Names: []string{"a.cn"}}, Extensions: []any{&FeeCheck{Currency: "CNY", Commands: []FeeCommand{{Name: "create"}}}}, ClTRID: "YM-1"})
	if err != nil {
		t.Fatal(err)
	}
	want := `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><check><domain:check xmlns:domain="urn:ietf:params:xml:ns:domain-1.0">` +
		`<domain:name>a.cn</domain:name></domain:check></check><extension><fee:check xmlns:fee="urn:ietf:params:xml:ns:epp:fee-1.0">` +
		`<fee:currency>CNY</fee:currency><fee:command name="create"></fee:command></fee:check></extension><clTRID>YM-1</clTRID></command></epp>`
	if _, got, _ := strings.Cut(string(b), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestElementsAreKnownByNamespaceNotByPrefix(t *testing.T) {
	b := `<?xml version="1.0" encoding="utf-8"?>
	<!-- a server with tastes of its own -->
	<e:epp xmlns:e="urn:ietf:params:xml:ns:epp-1.0" xmlns:x="urn:example:other"><e:response x:seen="yes">
	  <e:result code="1000"><e:msg/></e:result>
	  <e:resData><infData xmlns="urn:ietf:params:xml:ns:domain-1.0" xmlns:domain="urn:example:other">
	    <domain:name>stranger.cn</domain:name>
	    <name>
	      a.cn
	    </name><roid><![CDATA[D1-TEST]]></roid><news>ignored</news><status s="ok" since="today"/><clID>yumen-1</clID>
	    <domain:clID>stranger</domain:clID><authInfo><pw> with spaces </pw></authInfo>
	  </infData></e:resData>
	  <e:extension><domain:fee xmlns:domain="urn:example:other" note="1">5<domain:sub/></domain:fee></e:extension>
	  <e:trID><e:clTRID>YM-1</e:clTRID><e:svTRID>SV-1</e:svTRID></e:trID>
	</e:response></e:epp>` + "\n\n"
	r, err := UnmarshalResponse([]byte(b))
	if err != nil || r.Unreadable != nil {
		t.Fatal(err, r.Unreadable)
	}
	d := Get[DomainInfData](r.Data)
	if d == nil || d.Name != "a.cn" || d.ROID != "D1-TEST" || d.ClID != "yumen-1" || !d.Has("ok") || d.AuthInfo.Pw != " with spaces " {
		t.Fatalf("read %+v", d)
	}
	if r.ClTRID != "YM-1" || r.SvTRID != "SV-1" || r.Code() != Done {
		t.Errorf("read %+v", r)
	}
	raw := Get[Raw](r.Extensions)
	want := `<x0:fee xmlns:x0="urn:example:other" note="1">5<x0:sub></x0:sub></x0:fee>`
	if raw == nil || raw.Name != (xml.Name{Space: "urn:example:other", Local: "fee"}) || raw.XML() != want {
		t.Errorf("unknown extension kept as %s", raw.XML())
	}
	again, err := Marshal(Response{Results: r.Results, Extensions: r.Extensions, SvTRID: "SV-1"})
	if err != nil || !strings.Contains(string(again), `<x1:fee xmlns:x1="urn:example:other" note="1">`) {
		t.Errorf("sent on as %s (%v)", again, err)
	}
}

func TestExtensionsOfOthersCanBeRegistered(t *testing.T) {
	type balance struct {
		Amount string `xml:"bal:amount"`
	}
	c, err := NewCodec(Extension{"urn:example:balance-1.0", "bal", map[string]any{"infData": balance{}}})
	if err != nil {
		t.Fatal(err)
	}
	r := Reply(Done, "", &balance{"7.50"})
	r.SvTRID = "SV-1"
	b, err := c.Marshal(r)
	if err != nil || !strings.Contains(string(b), `<bal:infData xmlns:bal="urn:example:balance-1.0"><bal:amount>7.50</bal:amount></bal:infData>`) {
		t.Fatalf("%s (%v)", b, err)
	}
	got, err := c.UnmarshalResponse(b)
	if x := Get[balance](got.Data); err != nil || x == nil || x.Amount != "7.50" {
		t.Errorf("%+v %v", x, err)
	}
	if got, err := UnmarshalResponse(b); err != nil || Get[Raw](got.Data) == nil {
		t.Errorf("without registration: %+v %v", got.Data, err)
	}
	if _, err := Marshal(r); err == nil {
		t.Error("a type nobody registered was written")
	}
	for name, x := range map[string]Extension{
		"prefix taken":    {"urn:example:a-1.0", "domain", nil},
		"namespace taken": {NSFee, "fee2", nil},
		"core":            {NSCore, "epp", nil},
		"no namespace":    {"", "none", nil},
		"type taken":      {"urn:example:a-1.0", "a", map[string]any{"check": DomainCheck{}}},
		"not a struct":    {"urn:example:a-1.0", "a", map[string]any{"check": "text"}},
	} {
		if _, err := NewCodec(x); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDataThatCannotBeReadLeavesTheResultCertain(t *testing.T) {
	for name, body := range map[string]string{
		"a date that is none":   `<resData><d:creData xmlns:d="` + NSDomain + `"><d:name>a.cn</d:name><d:crDate>yesterday</d:crDate></d:creData></resData>`,
		"a queue without count": `<msgQ count="many" id="1"/>`,
		"a bad extension":       `<extension><s:infData xmlns:s="` + NSSecDNS + `"><s:dsData><s:keyTag>70000</s:keyTag></s:dsData></s:infData></extension>`,
	} {
		b := `<epp xmlns="` + NSCore + `"><response><result code="1000"><msg>ok</msg></result>` + body + `<trID><clTRID>YM-1</clTRID><svTRID>SV-1</svTRID></trID></response></epp>`
		r, err := UnmarshalResponse([]byte(b))
		if err != nil || r.Unreadable == nil || r.Code() != Done || r.ClTRID != "YM-1" || r.SvTRID != "SV-1" {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		if Get[DomainCreData](r.Data) != nil {
			t.Errorf("%s: half-read data handed out", name)
		}
	}
}
