package orders_test

import (
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
	"yumen/testkit/duty"
)

// rules puts a version of an ending's rules in force.
func (w *world) rules(ending string, change func(*labels.Ask)) {
	w.t.Helper()
	e := names.MustParse("人才网." + ending).Ending()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		ask := labels.Ask{Ending: e, Policy: e.Policy()}
		change(&ask)
		draft, err := labels.Save(tx, nameKeeper, ask, "for the test")
		if err != nil {
			return err
		}
		return labels.PutInForce(tx, nameKeeper, draft.ID, "for the test")
	}))
}

func (w *world) enter(e screening.Entry) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error { _, err := screening.Add(tx, nameKeeper, e, "for the test"); return err }))
}

// .招聘 rules art. 16: companies, organisations and individual businesses;
// natural persons by a switch.
func TestZ30_NaturalPersonsHoldNamesAsTheSwitchOfTheEndingSays(t *testing.T) {
	w := once(t)
	who := w.buyer()
	mine := w.profile(who)
	w.approve(mine)
	firm := w.profileOf(who, identity.Form{Label: "公司", Holder: persons.Organisation, Document: persons.BizLicense, Number: "91350100M000100Y43",
		Name: "示例域名（北京）有限公司", Country: "CN", Division: "330106", Street: "文三路 1 号", Postcode: "310012", Phone: "+86 13800138000", Email: "wang@example.cn",
		AgentName: "王小明", AgentNumber: "11010519491231002X", AgentPhone: "13800138000", AgentEmployee: true, AgentMay: true})
	w.approve(firm)

	// As it comes with the program the registry decides.
	if _, err := w.tryOrder(who, mine, "自然人甲.招聘"); err != nil {
		t.Fatal(err)
	}
	waiting := w.order(who, "", "自然人丙.招聘")
	paid := w.order(who, "", "自然人戊.招聘")
	w.pay(who, paid)
	w.await(who, paid, orders.NeedsIdentity)

	w.rules("招聘", func(a *labels.Ask) { a.Persons = labels.PersonsMayNot })
	_, err := w.tryOrder(who, mine, "自然人乙.招聘")
	if p, ok := problem.As(err); !ok || p.Code != "NOT_ELIGIBLE" {
		t.Fatalf("a natural person orders: %v", err)
	}
	duty.ProveRefusal(t, "Z-30", "switched off, a person's profile: "+err.Error())
	for _, ref := range []string{waiting, paid} {
		if err := orders.ChooseProfile(ctx, w.d, who, ref, mine); !problem.Is(err, "NOT_ELIGIBLE") {
			t.Errorf("chosen later: %v", err)
		}
	}
	must(t, orders.ChooseProfile(ctx, w.d, who, paid, firm))
	w.await(who, paid, orders.Pending)
	must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse("自然人乙.招聘")))
	if _, err := w.tryOrder(who, mine, "natural-person.com"); err != nil {
		t.Errorf("another ending: %v", err)
	}
	w.rules("招聘", func(a *labels.Ask) { a.Persons = labels.PersonsMay })
	ref := w.order(who, mine, "自然人丁.招聘")
	w.pay(who, ref)
	w.await(who, ref, orders.Pending)
	duty.Prove(t, "Z-30", "switched off, an organisation's order goes on; switched on, a person's")
}

// A rule that closes to natural persons while a paid order waits for its turn.
func TestARuleThatClosesBeforeTheNameIsSentIsARefund(t *testing.T) {
	w := once(t)
	who := w.buyer()
	mine := w.profile(who)
	ref := w.order(who, mine, "关门之前.招聘")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	w.rules("招聘", func(a *labels.Ask) { a.Persons = labels.PersonsMayNot })
	w.approve(mine)
	o := w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.NotAllowed || w.attempts(who, ref) != 0 {
		t.Errorf("%s, %d commands", o.Items[0].Reason, w.attempts(who, ref))
	}
	w.balanced(ref)
}

// .招聘 rules art. 18(3): what the law of the applicant's domicile prohibits.
func TestZ37_WhatTheLawOfTheDomicileProhibitsIsRefusedToItsHoldersAlone(t *testing.T) {
	w := once(t)
	who := w.buyer()
	here := w.profile(who)
	w.approve(here)
	abroad := w.profileOf(who, identity.Form{Label: "柏林", Holder: persons.Person, Document: persons.CNID, Number: "11010519491231002X", Name: "王小明",
		Country: "DE", City: "Berlin", Street: "Musterweg 1", Postcode: "10115", Phone: "+49 301234567", Email: "wang@example.cn"})
	w.approve(abroad)

	// Of the mainland: Order 43 art. 28, for everybody.
	_, err := w.tryOrder(who, here, "赌博网.招聘")
	if p, ok := problem.As(err); !ok || p.Code != "P7" {
		t.Fatalf("%v", err)
	}
	duty.ProveRefusal(t, "Z-37", "a holder of the mainland, by Order 43 art. 28: "+err.Error())
	must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse("赌博网.招聘")))

	w.enter(screening.Entry{Pattern: "住所地禁", Match: screening.Index, Class: "R3", Domicile: "DE", Source: "letter 11"})
	_, err = w.tryOrder(who, abroad, "住所地禁.招聘")
	if p, ok := problem.As(err); !ok || p.Code != "R3" {
		t.Fatalf("a holder of that domicile: %v", err)
	}
	duty.ProveRefusal(t, "Z-37", "a holder of DE, prohibited there: "+err.Error())
	must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse("住所地禁.招聘")))
	ref := w.order(who, here, "住所地禁.招聘")
	w.pay(who, ref)
	w.await(who, ref, orders.Pending)

	// Listed while the order of a holder from there waits: refunded, not sent.
	later := w.order(who, "", "住所地后.招聘")
	w.pay(who, later)
	w.await(who, later, orders.NeedsIdentity)
	w.enter(screening.Entry{Pattern: "住所地后", Match: screening.Index, Class: "R3", Domicile: "DE", Source: "letter 12"})
	if err := orders.ChooseProfile(ctx, w.d, who, later, abroad); !problem.Is(err, "R3") {
		t.Errorf("chosen later: %v", err)
	}
	duty.Prove(t, "Z-37", "the same name is "+string(w.find(who, ref).State)+" for a holder of CN and refused to one of DE as R3")

	for field, e := range map[string]screening.Entry{
		"of no country": {Class: "R3", Domicile: "XX"}, "of another class": {Class: "P7", Domicile: "DE"},
	} {
		e.Pattern, e.Match, e.Source = "住所地误", screening.Index, "x"
		if err := w.d.Write(ctx, func(tx *db.Tx) error { _, err := screening.Add(tx, nameKeeper, e, "x"); return err }); !problem.Is(err, "problem.form") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// .招聘 rules art. 18(4), (5): what the registry restricts by its own judgement
// comes as its answer.
func TestZ38_Z39_WhatTheRegistryRestrictsCarriesItsClass(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	for class, c := range map[string]struct{ duty, name, words string }{
		"R4": {"Z-38", "易起冲突.招聘", "R4: likely to cause conflict"},
		"R5": {"Z-39", "自行决定.招聘", "R5: at the discretion of the registry"},
	} {
		n := names.MustParse(c.name)
		ref := w.order(who, profile, c.name) // nobody knew when it was ordered
		w.call("POST", "/registry/reserve", map[string]any{"name": n.A(), "reason": c.words}, nil)
		got, err := w.set.Check(ctx, "zhaopin", []names.Name{n})
		must(t, err)
		if a := got[n.A()]; a.State != registries.NotSold || a.Listed != class {
			t.Errorf("%s is %+v", c.name, a)
		}
		w.pay(who, ref)
		o := w.await(who, ref, orders.Refunded)
		if i := o.Items[0]; i.Reason != orders.Restricted || !strings.HasPrefix(i.Words, class) || i.Refund != o.Total {
			t.Errorf("%s: %s %q, refund %s", c.name, i.Reason, i.Words, i.Refund)
		}
		w.balanced(ref)
		duty.Prove(t, c.duty, fmt.Sprintf("%s: the registry answers %q; class %s, shown so in search, the order %s in full", c.name, o.Items[0].Words, got[n.A()].Listed, o.State))
	}
	// An application that is refused after its review says it in the same way.
	ref, o := w.applied()("审后限制.招聘")
	w.call("POST", "/registry/"+o.Items[0].NameA+"/reject", map[string]any{"reason": "R4 likely to cause conflict"}, nil)
	if o = w.until(o, orders.Refunded); o.Items[0].Reason != orders.Restricted {
		t.Errorf("%s %q", o.Items[0].Reason, o.Items[0].Words)
	}
	w.balanced(ref)
	for words, want := range map[string]string{"R4": "R4", "r5: no": "R5", "R45 hotels": "", "Reserved": "", "": "", "no R4": ""} {
		set, err := w.set.Settings("zhaopin")
		must(t, err)
		if got := set.ClassOf(words); got != want {
			t.Errorf("%q is %q, want %q", words, got, want)
		}
	}
}

// names.md section 7, 15: a list holds at every door, whichever spelling knocks
// and whenever the entry was made.
func TestComplaint15_AListHoldsAtEveryDoorAndNotOnlyInTheSearch(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	cart := func(name string) orders.Quote {
		t.Helper()
		must(t, orders.AddToCart(ctx, w.d, who, names.MustParse(name), 1))
		q, err := orders.QuoteCart(ctx, w.d, who)
		must(t, err)
		return q
	}
	forget := func(name string) { must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse(name))) }

	// Listed before: no price in the cart, in any spelling.
	w.enter(screening.Entry{Pattern: "门户禁", Match: screening.Index, Class: "R5", Source: "letter 21"})
	for _, spelling := range []string{"门户禁.招聘", "門戶禁.招聘", names.MustParse("門户禁.招聘").A(), "门户禁.cn"} {
		q := cart(spelling)
		if l := q.Lines[0]; l.Problem == nil || l.Problem.Code != "RESERVED" || !l.Total.IsZero() || q.Orderable() {
			t.Errorf("%s is quoted: %+v", spelling, l)
		}
		forget(spelling)
	}
	// Listed between quote and order: not placed.
	q := cart("报价后.招聘")
	if !q.Orderable() {
		t.Fatalf("%+v", q.Lines)
	}
	w.enter(screening.Entry{Pattern: "報價後", Match: screening.Index, Class: "P6", Source: "letter 22"})
	if _, err := orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: w.required(zhaopin)}); err == nil {
		t.Error("placed by a quote from before")
	}
	forget("报价后.招聘")
	// Listed between payment and sending: refunded, and nothing was sent.
	paid := w.order(who, "", "付款后.招聘")
	w.pay(who, paid)
	w.await(who, paid, orders.NeedsIdentity)
	w.enter(screening.Entry{Pattern: "付款後", Match: screening.Contains, Class: "P6", Source: "letter 23"})
	must(t, orders.ChooseProfile(ctx, w.d, who, paid, profile))
	o := w.await(who, paid, orders.Refunded)
	if o.Items[0].Reason != orders.NameRefused || w.attempts(who, paid) != 0 {
		t.Errorf("%s, %d commands", o.Items[0].Reason, w.attempts(who, paid))
	}
	w.balanced(paid)
	for name := range w.atRegistry("招聘") {
		t.Errorf("%s reached the registry", name)
	}
}

// Nobody looks at a name for an order that is over.
func TestAReviewEndsWithItsOrder(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	w.rules("招聘", func(a *labels.Ask) { a.Relevance = true })
	place := func(name string) string {
		t.Helper()
		ref, err := w.askOrder(who, orders.Ask{Profile: profile, Basis: "own_name", Evidence: "licence 9144"}, name)
		must(t, err)
		return ref
	}
	unpaid, paid := place("没付款.招聘"), place("付了款.招聘")
	w.pay(who, paid)
	w.eventually(who, paid, "relevance_review")
	for ref, stop := range map[string]func(ref string) error{
		unpaid: func(ref string) error { return orders.Cancel(ctx, w.d, who, ref) },
		paid:   func(ref string) error { return orders.Withdraw(ctx, w.d, who, ref, 1) },
	} {
		r := w.reviewAs(ref+"/1", screening.Relevance)
		must(t, stop(ref))
		if r = w.reviewAs(ref+"/1", screening.Relevance); r.State != screening.Withdrawn || r.DecidedAt.IsZero() {
			t.Errorf("%s: %+v", ref, r)
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			i, err := desk.For(tx, nameKeeper, screening.TaskKind, r.Ref)
			if err == nil {
				t.Errorf("the desk still has %+v", i)
			}
			return nil
		}))
		err := w.d.Write(ctx, func(tx *db.Tx) error {
			return screening.Decide(tx, nameKeeper, r.Ref, screening.Decision{Approve: true, Reason: "late"})
		})
		if !problem.Is(err, "screening.decided_already") {
			t.Errorf("decided all the same: %v", err)
		}
	}
	w.await(who, paid, orders.Refunded)
	w.balanced(paid)
}
