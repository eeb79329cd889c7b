package epp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTimesAreReadAsRegistriesWriteThem(t *testing.T) {
	for _, c := range []struct {
		in, want string
		zoneless bool
	}{
		{"2026-11-22T01:02:03Z", "2026-11-22T01:02:03.0Z", false},
		{"2026-11-22T01:02:03.0Z", "2026-11-22T01:02:03.0Z", false},
		{"2026-11-22T01:02:03.987654321Z", "2026-11-22T01:02:03.987Z", false},
		{"2026-11-22T09:02:03+08:00", "2026-11-22T01:02:03.0Z", false},
		{"2026-11-22T09:02:03.5+08:00", "2026-11-22T01:02:03.5Z", false},
		{"2026-11-22T01:02:03", "2026-11-22T01:02:03.0Z", true},
		{"2026-11-22T01:02:03.123456", "2026-11-22T01:02:03.123Z", true},
		{" 2026-11-22T01:02:03Z\n", "2026-11-22T01:02:03.0Z", false},
		{"2026-11-22", "", false},
		{"2026-11-22 01:02:03", "", false},
		{"2026-13-22T01:02:03Z", "", false},
		{"", "", false},
	} {
		got, err := ParseTime(c.in)
		var bad *ValueError
		if c.want == "" {
			if !errors.As(err, &bad) {
				t.Errorf("%q: read as %v, %v", c.in, got, err)
			}
			continue
		}
		text, _ := got.MarshalText()
		if err != nil || string(text) != c.want || got.Zoneless != c.zoneless || got.Location() != time.UTC {
			t.Errorf("%q: read as %s, zoneless %v, %v", c.in, text, got.Zoneless, err)
		}
	}
}

func TestDatesAreUTCDays(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	if d := DateOf(time.Date(2027, 3, 1, 7, 0, 0, 0, shanghai)); d != "2027-02-28" {
		t.Errorf("seven in the morning in Shanghai is the UTC day %s", d)
	}
	for in, want := range map[Date]string{"2027-02-28": "2027-02-28", " 2027-02-28 ": "2027-02-28", "2027-02-28Z": "2027-02-28", "2027-02-29": "", "tomorrow": "", "": ""} {
		got, err := in.Time()
		if want == "" && err == nil || want != "" && (err != nil || got.Format(time.DateOnly) != want) {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}

func TestWhatCodesMean(t *testing.T) {
	for _, c := range []struct {
		verb Verb
		code Code
		want Class
	}{
		{Create, Done, Completed},
		{Create, DonePending, Pending},
		{Poll, NoMessages, Completed},
		{Poll, AckToDequeue, Completed},
		{Logout, Bye, Completed},
		{Create, ObjectExists, Ask},
		{Create, OutOfRange, Fault},
		{Create, PolicyViolation, Refused},
		{Create, UseError, Relogin},
		{Create, NoCredit, NoFunds},
		{Create, CommandFailed, Unknown},
		{Create, FailedClosing, Unknown},
		{Create, AuthFailed, Suspended},
		{LoginVerb, AuthClosing, Suspended},
		{Create, TooManySessions, Wait},
		{Renew, NotRenewable, Ask},
		{Renew, PolicyViolation, Ask},
		{Renew, OutOfRange, Ask},
		{Renew, ValueSyntax, Fault},
		{Transfer, TransferPending, Ask},
		{Transfer, NoTransferPending, Ask},
		{Transfer, NotTransferable, Refused},
		{Transfer, WrongAuthInfo, Refused},
		{Delete, NoSuchObject, Ask},
		{Delete, LinkProhibits, Refused},
		{Update, NotAuthorised, Ask},
		{Update, StatusProhibits, Refused},
		{Info, NoSuchObject, Refused},
		{Info, NotAuthorised, Refused},
		{Poll, NoSuchObject, Completed},
		{Create, 1999, Unknown},
		{Create, 2999, Unknown},
		{Create, 0, Unknown},
	} {
		if got := ClassOf(c.verb, c.code); got != c.want {
			t.Errorf("%s %d: %v, want %v", c.verb, c.code, got, c.want)
		}
	}
	unknown := map[Code]bool{CommandFailed: true, FailedClosing: true}
	for code, text := range codeTexts {
		if (ClassOf(Update, code) == Unknown) != unknown[code] || text == "" {
			t.Errorf("%d %q is %v", code, text, ClassOf(Update, code))
		}
		if closes := code == Bye || code >= 2500; code.Closes() != closes {
			t.Errorf("%d closes: %v", code, code.Closes())
		}
	}
}

func TestAnOutcomeTellsRefusedFromUnknownFromUnsent(t *testing.T) {
	login := &ResultError{Verb: LoginVerb, Code: AuthFailed}
	for _, c := range []struct {
		r    Response
		err  error
		want Class
	}{
		{Reply(Done, ""), nil, Completed},
		{Reply(DonePending, ""), nil, Pending},
		{Response{}, &ResultError{Verb: Create, Code: PolicyViolation}, Refused},
		{Response{}, fmt.Errorf("create: %w", &ResultError{Verb: Create, Code: ObjectExists}), Ask},
		{Response{}, &UnsentError{login}, Unsent},
		{Response{}, &UnknownError{Create, "YM-1", errors.New("timeout")}, Unknown},
		{Response{}, errors.New("something else"), Unknown},
		{Response{}, nil, Unknown},
	} {
		if got := Outcome(Create, c.r, c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

func TestLogsShowNoSecrets(t *testing.T) {
	for _, f := range frames() {
		b, err := Marshal(f.frame)
		if err != nil {
			t.Fatal(err)
		}
		got := Mask(b)
		for _, s := range secrets {
			if strings.Contains(got, s) {
				t.Errorf("%s shows %q:\n%s", f.name, s, got)
			}
		}
		for _, w := range openWords {
			if strings.Count(got, w) < strings.Count(string(b), w) {
				t.Errorf("%s hides %q:\n%s", f.name, w, got)
			}
		}
	}
	for _, c := range []struct{ name, in, hidden, shown string }{
		{"a signed code keeps eight characters", `<create><v:encodedSignedCode xmlns:v="` + NSVerification + `"><v:code>PHZlcmlmaWNhdGlvbkNvZGU</v:code></v:encodedSignedCode></create>`, "PHZlcmlma", "PHZlcmlm***"},
		{"a name in a real-name check", `<create><n:create xmlns:n="` + NSNV + `"><n:rnv role="person"><n:name>林小满</n:name><n:num>1101</n:num></n:rnv></n:create></create>`, "林小满", `role="person"`},
		{"a name in a label check", `<create><n:create xmlns:n="` + NSNV + `"><n:dnv><n:name>例子</n:name></n:dnv></n:create></create>`, "\x00", "例子"},
		{"whatever a stranger sends", `<create><i:create xmlns:i="https://registry.example/identica-1.0" no="A-99"><i:nin>1234567</i:nin></i:create></create>`, "1234567", "nin"},
		{"attributes of a stranger", `<create><i:create xmlns:i="https://registry.example/identica-1.0" no="A-99"/></create>`, "A-99", "no="},
		{"a prefix nobody declared", `<create><contact:email>lin@example.cn</contact:email></create>`, "lin@", "email"},
		{"no XML", `lin@example.cn &`, "lin@", "unreadable"},
	} {
		got := Mask([]byte(core(`<command>` + c.in + `</command>`)))
		if c.name == "no XML" {
			got = Mask([]byte(c.in))
		}
		if strings.Contains(got, c.hidden) || !strings.Contains(got, c.shown) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	for _, err := range []error{&ResultError{Verb: Create, Code: ValueSyntax, Msg: "bad", ClTRID: "YM-1", SvTRID: "SV-1"}, &ValueError{"time", "auth-Secret-1"}} {
		if strings.Contains(err.Error(), "Secret") {
			t.Error(err)
		}
	}
}
