package orders_test

import (
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/labels"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/screening"
	"yumen/testkit/duty"
)

var nameKeeper = actor.Actor{House: 1, Account: 980, Person: 981, Name: "c***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}

// reviewOf waits for the name review of an order's item.
func (w *world) reviewOf(item string) screening.Review { return w.reviewAs(item, screening.Near) }

func (w *world) reviewAs(item string, kind screening.Kind) (r screening.Review) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		ok := false
		must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			r, ok, err = screening.ForItem(tx, 1, item, kind)
			return err
		}))
		if ok {
			return r
		}
	}
	w.t.Fatalf("nobody was asked to look at %s", item)
	return r
}

func (w *world) decideName(ref string, d screening.Decision) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		i, err := desk.For(tx, nameKeeper, screening.TaskKind, ref)
		if err != nil {
			return err
		}
		if err := desk.Claim(tx, nameKeeper, i.ID); err != nil {
			return err
		}
		return screening.Decide(tx, nameKeeper, ref, d)
	}))
}

// A name close to a prohibited one is ordered and paid; nothing is sent before
// a person has looked, and the money is held meanwhile.
func TestANearHitWaitsForAPersonWithItsMoneyHeld(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	for _, c := range []struct {
		name    string
		verdict screening.Decision
		want    orders.State
	}{
		{"du-bo.com", screening.Decision{Approve: true, Reason: "initials of a family firm"}, orders.Registered},
		{"se-qing.com", screening.Decision{Reason: "means what it says", Class: "P7"}, orders.Refunded},
	} {
		ref := w.order(who, profile, c.name)
		w.pay(who, ref)
		r := w.reviewOf(ref + "/1")
		o := w.find(who, ref)
		if o.State != orders.Ready || o.Items[0].Next() != orders.NextRegistrar || !slices.Contains(kinds(o), "name_review") {
			t.Errorf("%s: %s, %v", c.name, o.State, kinds(o))
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			held, err := ledger.Held(tx, 1, ref)
			if held != o.Total {
				t.Errorf("%s: %s held of %s", c.name, held, o.Total)
			}
			return err
		}))
		if list := w.attempts(who, ref); list != 0 {
			t.Errorf("%s: %d commands were sent before anybody looked", c.name, list)
		}
		w.decideName(r.Ref, c.verdict)
		o = w.await(who, ref, c.want)
		if c.want == orders.Refunded && (o.Items[0].Reason != orders.NameRefused || o.Items[0].Words != c.verdict.Reason || o.Items[0].Refund != o.Total) {
			t.Errorf("%+v", o.Items[0])
		}
		if c.want == orders.Registered && !slices.Contains(kinds(o), "name_approved") {
			t.Errorf("%v", kinds(o))
		}
		w.balanced(ref)
	}
	_, err := w.tryOrder(who, profile, "se-qing.com")
	if p, ok := problem.As(err); !ok || p.Code != "P7" {
		t.Errorf("the refused name is sold: %v", err)
	}
}

func (w *world) attempts(who actor.Actor, ref string) (n int) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := orders.Attempts(tx, who, ref, 1)
		n = len(list)
		return err
	}))
	return n
}

// A list that changes while an order waits is asked again before sending.
func TestANameListedWhileItsOrderWaitsIsRefunded(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who) // nobody has approved it: the order waits
	ref := w.order(who, profile, "later-listed.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		_, err := screening.Add(tx, nameKeeper, screening.Entry{Pattern: "later-listed", Match: screening.Index, Class: "R5", Source: "letter 9"}, "the registry asks")
		return err
	}))
	w.approve(profile)
	if o := w.await(who, ref, orders.Refunded); o.Items[0].Reason != orders.NameRefused {
		t.Errorf("%s", o.Items[0].Reason)
	}
	w.balanced(ref)
}

// Z-34: forms of a registered name are told to be reserved, without naming it,
// whichever spelling asks.
func TestZ34_AReservedFormIsRefusedToOthersWithoutNamingItsHolder(t *testing.T) {
	w := once(t)
	first := w.buyer()
	profile := w.profile(first)
	w.approve(profile)
	ref := w.order(first, profile, "变体网.com")
	w.pay(first, ref)
	w.await(first, ref, orders.Registered)

	second := w.buyer()
	for _, form := range []string{"變體網.com", "xn--" + names.MustParse("變體網.com").ALabel()[4:] + ".com", "變体网.com"} {
		_, err := w.tryOrder(second, "", form)
		p, ok := problem.As(err)
		if !ok || p.Code != "VARIANT_RESERVED" {
			t.Fatalf("%s: %v", form, err)
		}
		for _, a := range p.Args {
			if s, _ := a.(string); s == "变体网.com" || s == names.MustParse("变体网.com").A() {
				t.Errorf("%s: the answer names the holder's name", form)
			}
		}
		duty.ProveRefusal(t, "Z-34", form+": "+p.Error())
		must(t, orders.RemoveFromCart(ctx, w.d, second, names.MustParse(form)))
	}
	if _, err := w.tryOrder(second, "", "变体网.com"); !problem.Is(err, "TAKEN") {
		t.Errorf("the name itself: %v", err)
	}
	duty.Prove(t, "Z-34", "变体网.com is registered; its forms are refused as reserved with a registered name")
}

// names.md section 7, 11: two orders for two variants of one set at the same
// moment: one wins, the other is refunded in full with "variant taken".
func TestComplaint11_OfTwoVariantsOrderedAtOnceOneWinsAndOneIsRefunded(t *testing.T) {
	w := once(t)
	type order struct {
		who actor.Actor
		ref string
	}
	var list []order
	for _, n := range []string{"双写学.com", "雙寫學.com"} {
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		list = append(list, order{who, w.order(who, profile, n)})
	}
	for _, o := range list {
		w.pay(o.who, o.ref)
	}
	won, lost := 0, 0
	for _, o := range list {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if s := w.find(o.who, o.ref); s.State == orders.Registered {
				won++
				break
			} else if s.State == orders.Refunded {
				lost++
				if s.Items[0].Reason != orders.VariantTaken || s.Items[0].Refund != s.Total {
					t.Errorf("%+v", s.Items[0])
				}
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s is %s", o.ref, w.find(o.who, o.ref).State)
			}
		}
		w.balanced(o.ref)
	}
	if won != 1 || lost != 1 {
		t.Errorf("%d registered, %d refunded", won, lost)
	}
}

// A variant that another registrar sold cannot be asked about beforehand: the
// create fails late, and the refund says why.
func TestALateRefusalForAVariantSaysSoAndRefundsInFull(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "迟来网.招聘")
	w.call("POST", "/rival/register", map[string]any{"name": names.MustParse("遲來網.招聘").A(), "years": 1}, nil)
	w.pay(who, ref)
	o := w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.VariantTaken || o.Items[0].Refund != o.Total {
		t.Errorf("%+v", o.Items[0])
	}
	w.balanced(ref)
}

func TestAnotherSpellingTakesThePlaceOfANameInTheCart(t *testing.T) {
	w := once(t)
	who := w.buyer()
	old, chosen := names.MustParse("选择网.招聘"), names.MustParse("選擇網.招聘")
	must(t, orders.AddToCart(ctx, w.d, who, old, 3))
	must(t, orders.ChooseForm(ctx, w.d, who, old, chosen))
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := orders.Cart(tx, who)
		if len(list) != 1 || list[0].Name != chosen || list[0].Years != 3 {
			t.Errorf("%+v", list)
		}
		return err
	}))
	if err := orders.ChooseForm(ctx, w.d, who, chosen, names.MustParse("别的网.招聘")); !problem.Is(err, "orders.no_form") {
		t.Error(err)
	}
	if err := orders.ChooseForm(ctx, w.d, who, old, chosen); !problem.Is(err, "orders.cart_changed") {
		t.Error(err)
	}
}

// .招聘 rules arts. 15(1), 16: the name concerns the applicant's business, who
// bears the burden of proof.
func TestZ26_ANameIsOrderedWithItsBasisAndEvidenceAndAReviewerDecides(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	e := names.MustParse("人才网.招聘").Ending()
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		draft, err := labels.Save(tx, nameKeeper, labels.Ask{Ending: e, Policy: e.Policy(), Relevance: true}, "arts. 15 and 16")
		if err != nil {
			return err
		}
		return labels.PutInForce(tx, nameKeeper, draft.ID, "arts. 15 and 16")
	}))
	for _, c := range []struct {
		ask   orders.Ask
		field string
	}{
		{orders.Ask{Profile: profile}, "basis"},
		{orders.Ask{Profile: profile, Basis: "because", Evidence: "licence"}, "basis"},
		{orders.Ask{Profile: profile, Basis: "own_name"}, "evidence"},
	} {
		_, err := w.askOrder(who, c.ask, "相关网.招聘")
		p, ok := problem.As(err)
		if !ok || len(p.Fields) == 0 || p.Fields[0].Field != c.field {
			t.Fatalf("%+v: %v", c.ask, err)
		}
		duty.ProveRefusal(t, "Z-26", c.field+" is missing: "+p.Error())
	}
	for _, c := range []struct {
		name    string
		verdict screening.Decision
		want    orders.State
	}{
		{"相关网.招聘", screening.Decision{Approve: true, Reason: "the name on the licence"}, orders.Pending},
		{"无关网.招聘", screening.Decision{Reason: "the trade mark is another's"}, orders.Refunded},
	} {
		const basis = "own_name"
		ref, err := w.askOrder(who, orders.Ask{Profile: profile, Basis: basis, Evidence: "licence 9144"}, c.name)
		must(t, err)
		w.pay(who, ref)
		r := w.reviewAs(ref+"/1", screening.Relevance)
		for end := time.Now().Add(20 * time.Second); !slices.Contains(kinds(w.find(who, ref)), "relevance_review"); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%v", kinds(w.find(who, ref)))
			}
		}
		if n := w.attempts(nameKeeper, ref); n != 0 {
			t.Errorf("%d commands were sent before the proof was looked at", n)
		}
		w.decideName(r.Ref, c.verdict)
		o := w.await(who, ref, c.want)
		if c.want == orders.Refunded && (o.Items[0].Reason != orders.NotRelevant || o.Items[0].Words != c.verdict.Reason) {
			t.Errorf("%+v", o.Items[0])
		}
		got := w.reviewAs(ref+"/1", screening.Relevance)
		if got.Basis != basis || got.Evidence != "licence 9144" || got.Reason != c.verdict.Reason {
			t.Errorf("%+v", got)
		}
		duty.Prove(t, "Z-26", c.name+": basis "+got.Basis+", evidence "+got.Evidence+", "+string(got.State)+" because "+got.Reason)
	}
	// An ending that does not ask takes an order without.
	if _, err := w.tryOrder(who, profile, "no-basis-needed.com"); err != nil {
		t.Error(err)
	}
}

// A proof that did not suffice ends an order before the buyer pays for nothing,
// and at once where the money is held for another reason.
func TestAProofThatDidNotSufficeTakesNoMoney(t *testing.T) {
	w := once(t)
	who := w.buyer()
	w.rules("招聘", func(a *labels.Ask) { a.Relevance = true })
	place := func(name string) string {
		t.Helper()
		ref, err := w.askOrder(who, orders.Ask{Basis: "own_name", Evidence: "licence 9144"}, name)
		must(t, err)
		return ref
	}
	const why = "the licence is another's"
	unpaid, waiting := place("未付无关.招聘"), place("已付无关.招聘")
	w.pay(who, waiting)
	w.await(who, waiting, orders.NeedsIdentity)
	for _, ref := range []string{unpaid, waiting} {
		w.decideName(w.reviewAs(ref+"/1", screening.Relevance).Ref, screening.Decision{Reason: why})
	}
	if o := w.await(who, waiting, orders.Refunded); o.Items[0].Reason != orders.NotRelevant || o.Items[0].Words != why {
		t.Errorf("%+v", o.Items[0])
	}
	w.balanced(waiting)
	_, err := orders.Pay(ctx, w.d, w.cashier, who, unpaid, "Domain names", "http://127.0.0.1/orders/"+unpaid)
	if p, ok := problem.As(err); !ok || p.Code != "NOT_RELEVANT" {
		t.Errorf("money is taken: %v", err)
	}
	told := 0
	for end := time.Now().Add(20 * time.Second); told == 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			told, err = db.Get[int](tx, `SELECT count(*) FROM notices WHERE ref = $1 AND message = 'screening.refused'`, unpaid)
			return err
		}))
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// askOrder is tryOrder with more that was asked.
func (w *world) askOrder(who actor.Actor, ask orders.Ask, list ...string) (string, error) {
	for _, n := range list {
		if err := orders.AddToCart(ctx, w.d, who, names.MustParse(n), 1); err != nil {
			return "", err
		}
	}
	q, err := orders.QuoteCart(ctx, w.d, who)
	if err != nil {
		return "", err
	}
	var accepted []int64
	if err := w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := orders.RequiredTexts(tx, who.House, q.Endings())
		for _, v := range list {
			accepted = append(accepted, v.ID)
		}
		return err
	}); err != nil {
		return "", err
	}
	ask.Quote, ask.Accepted = q.Ref, accepted
	return orders.Place(ctx, w.d, who, ask)
}
