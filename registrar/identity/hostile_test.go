package identity_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/identity"
	"yumen/registrar/problem"
)

func TestWhatIsSentBeyondTheFormStaysSmall(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	long := strings.Repeat("a", 90_000)
	f := orgForm()
	f.Email = long + "@example.cn"
	if _, err := identity.Save(ctx, w.d, w.lin, f); !has(err, "email") {
		t.Errorf("an address of 90 kB: %v", err)
	}
	for field, bend := range map[string]func(*identity.Form){
		"label": func(f *identity.Form) { f.Label = long }, "street": func(f *identity.Form) { f.Street = long }, "name": func(f *identity.Form) { f.Name = long },
		"city_latin": func(f *identity.Form) { f.CityLatin = long }, "phone": func(f *identity.Form) { f.Phone = "1" + strings.Repeat("3", 90_000) },
		"postcode": func(f *identity.Form) { f.Postcode = long }, "number": func(f *identity.Form) { f.Number = long }, "agent_name": func(f *identity.Form) { f.AgentName = long },
		"country": func(f *identity.Form) { f.Country = long }, "division": func(f *identity.Form) { f.Division = long },
		"valid_until": func(f *identity.Form) { f.ValidUntil = long }, "document_lang": func(f *identity.Form) { f.DocumentLang = long },
	} {
		f := orgForm()
		bend(&f)
		if _, err := identity.Save(ctx, w.d, w.lin, f); !has(err, field) {
			t.Errorf("%s of 90 kB: %v", field, err)
		}
	}
	f = orgForm()
	f.Endings = []string{long}
	for i := range 400 {
		f.Endings = append(f.Endings, fmt.Sprintf("e%d", i))
	}
	ref := w.save(w.lin, f)
	dbtest.Read(t, d, func(tx *db.Tx) error {
		p, err := identity.Find(tx, w.lin, ref)
		if len(p.Data.Endings) > 50 || strings.Contains(strings.Join(p.Data.Endings, " "), long) {
			t.Errorf("%d endings are kept", len(p.Data.Endings))
		}
		return err
	})
}

func has(err error, field string) bool {
	p, ok := problem.As(err)
	if !ok {
		return false
	}
	for _, f := range p.Fields {
		if f.Field == field {
			return true
		}
	}
	return false
}

// meanwhile does something while a question is on its way to the service.
type meanwhile struct {
	once sync.Once
	do   func()
}

func (m *meanwhile) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	m.once.Do(m.do)
	return resp, err
}

func TestAnAnswerAboutDataThatWereTakenBackIsNotKept(t *testing.T) {
	each(t, func(w world) {
		ref := w.save(w.lin, personForm())
		submit := func() {
			w.want("submit", identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")), "")
		}
		w.card(w.lin, ref)
		submit()
		checker := *w.checker
		checker.Verifier.Client = &http.Client{Transport: &meanwhile{do: func() {
			w.want("take back", identity.Withdraw(ctx, w.d, w.lin, ref), "")
			other := personForm()
			other.Ref, other.Name = ref, "王小明"
			w.save(w.lin, other)
			submit()
		}}}
		if err := checker.Check(ctx, jobs.Job{Key: ref}); err != nil {
			t.Fatal(err)
		}
		for _, c := range w.review(ref).Checks {
			t.Errorf("%s is %s by what was asked about somebody else", c.Point, c.Verdict)
		}
		w.check(ref)
		if len(w.review(ref).Checks) == 0 || w.service.asked[len(w.service.asked)-1]["name"] != "王小明" {
			t.Error("the data that stand now were not checked")
		}
	})
}
