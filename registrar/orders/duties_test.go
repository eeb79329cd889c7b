package orders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

// This file proves the duties of Order 43 that an order keeps.

// code is how a refusal is called: its code, its message, or its fields.
func code(err error) string {
	p, ok := problem.As(err)
	switch {
	case !ok:
		return fmt.Sprint(err)
	case p.Code != "":
		return p.Code
	}
	out := p.ID
	for _, f := range p.Fields {
		out += " " + f.Field + "=" + f.ID
	}
	return out
}

// placed is an order whose buyer accepts exactly these texts.
func (w *world) placed(who actor.Actor, profile, name string, accepted []int64) (string, error) {
	w.t.Helper()
	must(w.t, orders.AddToCart(ctx, w.d, who, names.MustParse(name), 1))
	q, err := orders.QuoteCart(ctx, w.d, who)
	must(w.t, err)
	return orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: accepted})
}

// required are the ids of the texts to be accepted for an ending today.
func (w *world) required(ending string) (ids []int64) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := orders.RequiredTexts(tx, 1, []string{ending})
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return err
	}))
	return ids
}

// unlisted changes what stands behind an ending.
func (w *world) unlisted(ending string, change func(*permits.Listing)) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		l, _, err := permits.FindListing(tx, 1, ending)
		if err != nil {
			return err
		}
		change(&l)
		_, err = permits.SaveListing(tx, actor.System(1, "test", "the list changed"), l, "the list changed")
		return err
	}))
}

// letter is the newest letter of a kind about an order.
func (w *world) letter(ref, message string) (out notices.Notice) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := notices.About(tx, 1, ref, 50)
		for _, n := range list {
			if n.Message == message && n.ID > out.ID {
				out = n
			}
		}
		return err
	}))
	if out.ID == 0 {
		w.t.Fatalf("no letter %s about %s", message, ref)
	}
	return out
}

// atRegistry is what the sandbox's registry holds under an ending, by A-label.
func (w *world) atRegistry(ending string) map[string]domainState {
	w.t.Helper()
	var list []domainState
	w.call("GET", "/state/domains?ending="+ending+"&registrar=yumen", nil, &list)
	out := map[string]domainState{}
	for _, d := range list {
		out[d.Name] = d
	}
	return out
}

type domainState struct {
	Name     string    `json:"name"`
	CrDate   time.Time `json:"crDate"`
	ExDate   time.Time `json:"exDate"`
	Statuses []string  `json:"statuses"`
	State    string    `json:"state"`
}

func TestM02_AnEndingThatIsNotAnnouncedIsNotSoldAndItsNamesStay(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "before-the-change.com")
	w.pay(who, ref)
	w.await(who, ref, orders.Registered)

	var before, after int64
	version := func(into *int64) {
		must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) { *into, err = permits.Version(tx, 1); return err }))
	}
	version(&before)
	w.unlisted("com", func(l *permits.Listing) { l.Announced = 0 })
	version(&after)
	if after <= before {
		t.Errorf("the edit is version %d after %d", after, before)
	}
	var sold []string
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := catalogue.OnSale(tx, 1)
		for _, o := range list {
			sold = append(sold, o.ALabel)
		}
		return err
	}))
	if slices.Contains(sold, "com") || !slices.Contains(sold, "cn") {
		t.Errorf("on sale: %v", sold)
	}
	_, err := w.tryOrder(who, profile, "after-the-change.com")
	if code(err) != "TLD_NOT_ANNOUNCED" {
		t.Errorf("ordered: %v", err)
	}
	duty.ProveRefusal(t, "M-02", "an order under .com once it is not announced: "+code(err)+"; on sale stay "+strings.Join(sold, " "))
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		n, err := registrations.Find(tx, who, names.MustParse("before-the-change.com"))
		if n.State != registrations.Registered {
			t.Errorf("its name is %+v", n.Registration)
		}
		duty.Prove(t, "M-02", fmt.Sprintf("%s stays %s; the list went from version %d to %d", n.NameU, n.State, before, after))
		return err
	}))
}

func TestM30_Z08_Z76_TheRulesInForceAreAcceptedForEachOrder(t *testing.T) {
	w := once(t)
	who := w.buyer()
	who.IP = "192.0.2.7"
	profile := w.profile(who)

	all := w.required(zhaopin)
	_, err := w.placed(who, profile, "规则一.招聘", all[:len(all)-1])
	if !strings.Contains(code(err), "accept=orders.accept_texts") {
		t.Fatalf("without the rules of .招聘: %v", err)
	}
	duty.ProveRefusal(t, "M-30", "an order without the rules' acceptance: "+code(err))
	duty.ProveRefusal(t, "Z-08", "an order without the agreement of .招聘: "+code(err))

	ref, err := w.placed(who, profile, "规则一.招聘", all)
	must(t, err)
	var first texts.Acceptance
	accepted := func(ref string) (out texts.Acceptance) {
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			list, err := texts.Acceptances(tx, who.Account, ref)
			for _, a := range list {
				if a.Kind == texts.Rules(zhaopin) {
					out = a
				}
			}
			return err
		}))
		return out
	}
	if first = accepted(ref); first.Version != all[len(all)-1] || first.At.IsZero() || first.IP != who.IP {
		t.Errorf("kept of the acceptance: %+v", first)
	}
	duty.Prove(t, "Z-08", fmt.Sprintf("order %s keeps %s version %d at %s from %s", ref, first.Kind, first.Version, first.At.Format(time.RFC3339), first.IP))

	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		_, err := texts.Publish(tx, actor.System(1, "test", "new rules"), texts.Draft{House: 1, Kind: texts.Rules(zhaopin),
			TitleZh: "规则", TitleEn: "Rules", BodyZh: "新规则。" + texts.Prevails["zh"], BodyEn: "New rules. " + texts.Prevails["en"]})
		return err
	}))
	if _, err = w.placed(who, profile, "规则二.招聘", all); err == nil {
		t.Fatal("the old version is enough for a new order")
	}
	stale := code(err)
	ref2, err := w.placed(who, profile, "规则二.招聘", w.required(zhaopin))
	must(t, err)
	second := accepted(ref2)
	if second.Version == first.Version || accepted(ref).Version != first.Version {
		t.Errorf("the orders keep %d and %d", first.Version, second.Version)
	}
	for _, id := range []string{"M-30", "Z-76"} {
		duty.Prove(t, id, fmt.Sprintf("%s keeps version %d; after new rules the old acceptance answers %s and %s keeps version %d",
			ref, first.Version, stale, ref2, second.Version))
	}
}

func TestM34_Z04_Z14_Z18_WhoComesToTheRegistryFirstGetsTheName(t *testing.T) {
	w := once(t)
	early, late := w.buyer(), w.buyer()
	p1, p2 := w.profile(early), w.profile(late)
	w.approve(p1)
	w.approve(p2)
	// early orders first, late pays first: what counts is the registry's time.
	r1, r2 := w.order(early, p1, "先到先得.招聘"), w.order(late, p2, "先到先得.招聘")
	w.trouble(map[string]any{"ending": "招聘", "commands": []string{"domain:create"}, "delay": "1s"})
	w.pay(late, r2)
	won := w.await(late, r2, orders.Pending)
	w.trouble(map[string]any{"ending": "招聘"})
	w.turn(time.Hour) // what comes later happens visibly later
	w.pay(early, r1)
	lost := w.await(early, r1, orders.Refunded)

	a := won.Items[0].NameA
	theirs := w.atRegistry("招聘")[a].CrDate
	ours := won.Items[0].SubmittedAt
	if theirs.IsZero() || !ours.Equal(theirs.Truncate(time.Millisecond)) || ours.Equal(won.PlacedAt) {
		t.Errorf("submitted at %s, the registry says %s, placed at %s", ours, theirs, won.PlacedAt)
	}
	if n := w.name("先到先得.招聘"); n.Account != late.Account || !n.SubmittedAt.Equal(ours) {
		t.Errorf("the name is %+v", n)
	}
	duty.Prove(t, "Z-04", fmt.Sprintf("answered a second late: shown %s, the registry's own %s, ordered %s", ours.UTC().Format(time.RFC3339Nano), theirs.UTC().Format(time.RFC3339Nano), won.PlacedAt.UTC().Format(time.RFC3339Nano)))
	told := w.letter(r2, "orders.pending")
	shown := ours.In(time.FixedZone("CST", 8*3600)).Format("2006-01-02 15:04")
	if told.Args()["Submitted"] != shown || told.Args()["Ref"] != r2 {
		t.Errorf("the letter says %v, want %s and %s", told.Args(), shown, r2)
	}
	duty.Prove(t, "Z-14", fmt.Sprintf("letter %s: submitted %s, application %s, %v after the registry's time", told.Message, told.Args()["Submitted"], told.Args()["Ref"], told.OwedAt.Sub(ours).Round(time.Second)))
	if b := w.bank(r1); lost.Items[0].Refund != lost.Total || len(b) != 1 || b[0].Refunded != b[0].Amount {
		t.Errorf("the loser gets %s of %s; the bank: %+v", lost.Items[0].Refund, lost.Total, b)
	}
	w.balanced(r1)
	for _, id := range []string{"M-34", "Z-18"} {
		duty.Prove(t, id, fmt.Sprintf("%s placed %s, %s placed %s but submitted first (%s): %s, the other %s with %s back", r1, lost.PlacedAt.Format(time.TimeOnly),
			r2, won.PlacedAt.Format(time.TimeOnly), ours.Format("15:04:05.000"), won.State, lost.State, lost.Items[0].Refund))
	}
}

func TestM35_M36_M37_Z29_AReservedOrProhibitedNameIsNotOrdered(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	seen := map[string]string{}
	for _, name := range []string{"奥林匹克.招聘", "赌博网.招聘", "賭博網.招聘", "dubo.cn"} {
		_, err := w.tryOrder(who, profile, name)
		seen[name] = code(err)
		q, err := orders.QuoteCart(ctx, w.d, who)
		must(t, err)
		if seen[name] == "P7" { // it does not even lie in a cart
			if len(q.Lines) != 0 {
				t.Errorf("%s lies in the cart: %+v", name, q.Lines)
			}
			continue
		}
		if len(q.Lines) != 1 || q.Lines[0].Problem == nil || !q.Lines[0].Total.IsZero() || q.Orderable() {
			t.Errorf("%s is quoted as %+v", name, q.Lines)
		}
		must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse(name)))
	}
	if seen["奥林匹克.招聘"] != "RESERVED" {
		t.Errorf("%v", seen)
	}
	duty.ProveRefusal(t, "M-35", fmt.Sprint("ordering 奥林匹克.招聘: ", seen["奥林匹克.招聘"], ", without a price"))
	delete(seen, "奥林匹克.招聘")
	for name, got := range seen {
		if got != "P7" {
			t.Errorf("%s answers %s", name, got)
		}
	}
	for _, id := range []string{"M-36", "M-37", "Z-29"} {
		duty.ProveRefusal(t, id, seen)
	}
	for name := range w.atRegistry("招聘") {
		t.Errorf("%s reached the registry", name)
	}
}

func TestM40_NoNameIsThereBeforeItsHolderIsApproved(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "held-until-known.com", "held-until-known.cn")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	w.turn(24 * time.Hour)
	w.sweep()
	for _, ending := range []string{"com", "cn"} {
		if there := w.atRegistry(ending); len(there) != 0 {
			t.Errorf("the registry has %v", there)
		}
	}
	duty.ProveRefusal(t, "M-40", fmt.Sprintf("a day with the holder in review: %s, nothing at either registry", w.find(who, ref).State))

	w.checker().must(profile)
	w.approve(profile)
	o := w.await(who, ref, orders.Registered)
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := registrations.List(tx, who, "", 100)
		if err != nil {
			return err
		}
		for _, n := range list {
			ok, err := identity.IsApproved(tx, n.ProfileVersion)
			if err != nil || !ok {
				t.Errorf("%s stands with version %d, approved %v", n.NameU, n.ProfileVersion, ok)
			}
		}
		v, err := identity.Review(tx, reviewer, profile)
		if err != nil {
			return err
		}
		var method string
		for _, c := range v.Checks {
			if c.Point == "verifier" {
				method = fmt.Sprintf("%s, evidence %s", c.Verdict, c.Evidence)
			}
		}
		if method == "" || v.State != identity.Approved || v.DecidedAt.IsZero() || v.Version.Reviewer != reviewer.Person || len(v.Contacts) == 0 {
			t.Errorf("the record is %+v, contacts %+v", v.Version, v.Contacts)
		}
		duty.Prove(t, "M-40", fmt.Sprintf("%d names, each with an approved version; record: verifier %s, %d checks, reviewer %d at %s, registry %s answers %s",
			len(o.Items), method, len(v.Checks), v.Version.Reviewer, v.DecidedAt.Format(time.RFC3339), v.Contacts[0].Registry, v.Contacts[0].State))
		return nil
	}))
	// A name that came through all the same stands under a restriction.
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		n := names.MustParse("slipped-through.com")
		_, err := registrations.Record(tx, actor.System(1, "test", "taken back meanwhile"), registrations.New{House: 1, Account: who.Account, Name: n,
			Registry: "thin", OrderItem: "TEST-TEST/1", Profile: profile, Approved: false, CrDate: tx.Now, ExDate: tx.Now.AddDate(1, 0, 0)})
		if err != nil {
			return err
		}
		whole, err := registrations.Find(tx, who, n)
		if err == nil && (len(whole.Restrictions) != 1 || whole.Restrictions[0].Reason != "identity" || whole.Resolves()) {
			t.Errorf("%+v resolves %v", whole.Restrictions, whole.Resolves())
		}
		return err
	}))
}

func TestM41_ACorrectionNamesItsItemsAndItsEnd(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "never-corrected.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	must(t, identity.Claim(ctx, w.d, reviewer, profile))
	for name, why := range map[string]identity.Decision{
		"nothing at all":         {},
		"an item without advice": {Items: []identity.Item{"image_unclear"}},
		"advice without an item": {Advice: "请重新拍摄"},
	} {
		more, reject := identity.AskMore(ctx, w.d, reviewer, profile, why), identity.Reject(ctx, w.d, reviewer, profile, why)
		if more == nil || reject == nil {
			t.Errorf("%s was enough", name)
		}
		duty.ProveRefusal(t, "M-41", name+": "+code(more)+"; rejecting: "+code(reject))
	}
	must(t, identity.AskMore(ctx, w.d, reviewer, profile, identity.Decision{Items: []identity.Item{"image_unclear", "address_mismatch"}, Advice: "请重新拍摄"}))
	letter := w.letter(profile, "identity.supplement")
	if a := letter.Args(); !strings.Contains(a["Items_ids"], "identity.item.image_unclear") || a["Date"] == "" || a["Advice"] == "" {
		t.Errorf("the letter says %v", a)
	}
	w.turn(16 * 24 * time.Hour)
	o := w.await(who, ref, orders.Refunded)
	must(t, identity.Sweep(ctx, w.d))
	var state identity.State
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		v, err := identity.Find(tx, who, profile)
		state = v.State
		return err
	}))
	if state != identity.Lapsed {
		t.Errorf("after the deadline it is %s", state)
	}
	duty.Prove(t, "M-41", fmt.Sprintf("told %v; after the deadline the profile is %s, the order %s (%s)", letter.Args(), state, o.State, o.Items[0].Reason))
	w.balanced(ref)

	// False data: the same document never passes the machine again.
	liar := w.buyer()
	lie := w.profile(liar)
	must(t, identity.Claim(ctx, w.d, reviewer, lie))
	must(t, identity.Reject(ctx, w.d, reviewer, lie, identity.Decision{Items: []identity.Item{"image_altered"}, Advice: "影像不实", False: true}))
	again := w.profile(liar)
	w.checker().must(again)
	must(t, identity.Claim(ctx, w.d, reviewer, again))
	w.look(again)
	err := identity.Approve(ctx, w.d, reviewer, again, "")
	if code(err) != "identity.check_against" {
		t.Errorf("a document known for false data was approved without a reason: %v", err)
	}
	duty.ProveRefusal(t, "M-41", "the same document after false data, approved without a reason: "+code(err))
}

// sweep runs once what time does by itself.
func (w *world) sweep() {
	w.t.Helper()
	must(w.t, w.flows.Sweep(ctx, jobs.Job{}))
}

type machine struct {
	t *testing.T
	c identity.Checker
}

func (m machine) must(profile string) {
	m.t.Helper()
	must(m.t, m.c.Check(ctx, jobs.Job{Key: profile}))
}

// checker is the machine's check with the sandbox's verifier.
func (w *world) checker() machine {
	w.t.Helper()
	var at struct {
		Verifier struct {
			BaseURL string `json:"base_url"`
			Secret  string `json:"secret"`
		} `json:"verifier"`
	}
	w.call("GET", "/connect", nil, &at)
	if at.Verifier.BaseURL == "" || at.Verifier.Secret == "" {
		w.t.Fatalf("the sandbox tells of its verifier: %+v", at)
	}
	return machine{w.t, identity.Checker{DB: w.d, Verifier: identity.Verifier{BaseURL: at.Verifier.BaseURL, Secret: at.Verifier.Secret}}}
}
