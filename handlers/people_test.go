package handlers_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/persons"
	"yumen/registrar/registrations"
	"yumen/testkit/page"
)

// account opens one in a house.
func (w *world) account(house int64, mail, lang string, roles ...actor.Role) actor.Actor {
	w.t.Helper()
	by := actor.System(house, "test", "set up")
	p, err := accounts.Open(ctx, w.d, by, accounts.PersonForm{Mail: mail, Password: password, Name: "Lin", Lang: lang})
	must(w.t, err)
	for _, role := range roles {
		must(w.t, accounts.Appoint(ctx, w.d, by, p.Ref, role, "for the test"))
	}
	return actor.Actor{House: house, Account: p.Account, Person: p.ID, Name: accounts.MaskMail(mail), Roles: roles, Lang: lang, IP: "192.0.2.7"}
}

// lin is a customer of the root house.
func (w *world) lin(lang string) actor.Actor { return w.account(accounts.Root, "lin@example.cn", lang) }

// signIn are the words of the sign-in page.
var signIn = map[string][3]string{"zh": {"电子邮件", "密码", "登录"}, "en": {"Email", "Password", "Sign in"}}

// enter signs somebody in at the root house.
func (w *world) enter(mail, lang string) *webtest.Person { return w.enterAt("localhost", mail, lang) }

func (w *world) enterAt(host, mail, lang string) *webtest.Person {
	w.t.Helper()
	return again(w.Person(w.t, lang).At(host).Visit("/sign-in?back=/orders"), mail, lang)
}

// again fills in the sign-in page that a browser shows.
func again(b *webtest.Person, mail, lang string) *webtest.Person {
	b.T.Helper()
	in := signIn[lang]
	return b.Fill(in[0], mail, in[1], password).Submit(in[2])
}

// top fills a wallet.
func (w *world) top(who actor.Actor, fen int64) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		return ledger.TopUp(tx, actor.System(who.House, "test", "set up"), who.House, who.Account, "bank", "P-TEST-"+db.NewRef(), ledger.CNY(fen))
	})
}

// balance is what a wallet has, in fen.
func (w *world) balance(who actor.Actor) (fen int64) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		m, err := ledger.Balance(tx, who.House, who.Account, "CNY")
		fen = m.Minor
		return err
	})
	return fen
}

// heldFor is the money held for an order, in fen.
func (w *world) heldFor(who actor.Actor, ref string) (fen int64) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		m, err := ledger.Held(tx, who.House, ref)
		fen = m.Minor
		return err
	})
	return fen
}

// balanced fails the test unless the books add up.
func (w *world) balanced() {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		wrong, err := ledger.CheckSums(tx)
		for _, d := range wrong {
			w.t.Errorf("the books: %s", d)
		}
		return err
	})
}

// draft saves a profile with both sides of its card, not yet submitted; paper
// is the front.
func (w *world) draft(who actor.Actor) (ref, paper string) {
	w.t.Helper()
	ref, err := identity.Save(ctx, w.d, who, identity.Form{Label: "我自己", Holder: persons.Person, Document: persons.CNID,
		Number: "11010519491231002X", Name: "王小明", Country: "CN", Division: "330106", Street: "文三路 1 号", Postcode: "310012",
		Phone: "+86 13800138000", Email: "wang@example.cn", Endings: []string{zhaopin, "cn", "com"}})
	must(w.t, err)
	for kind, side := range map[documents.Kind][]byte{documents.Main: scan(), documents.Back: photo(640, 400)} {
		doc, err := documents.Intake(ctx, w.d, w.store, who, kind, bytes.NewReader(side))
		must(w.t, err)
		must(w.t, identity.AddDocument(ctx, w.d, w.store, who, ref, doc.Ref))
		if kind == documents.Main {
			paper = doc.Ref
		}
	}
	return ref, paper
}

// profile is a profile submitted with every consent.
func (w *world) profile(who actor.Actor) (ref, paper string) {
	w.t.Helper()
	ref, paper = w.draft(who)
	var agreed []int64
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, who.House, []string{zhaopin, "cn", "com"})
		for _, v := range list {
			agreed = append(agreed, v.ID)
		}
		return err
	})
	must(w.t, identity.Submit(ctx, w.d, who, ref, agreed))
	return ref, paper
}

// accepted are the texts that an order of these endings has to accept.
func (w *world) accepted(who actor.Actor, endings ...string) (ids []int64) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		list, err := orders.RequiredTexts(tx, who.House, endings)
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return err
	})
	return ids
}

// fill puts names into somebody's cart and gives the quote for it.
func (w *world) fill(who actor.Actor, list ...string) orders.Quote {
	w.t.Helper()
	for _, n := range list {
		must(w.t, orders.AddToCart(ctx, w.d, who, names.MustParse(n), 1))
	}
	q, err := orders.QuoteCart(ctx, w.d, who)
	must(w.t, err)
	return q
}

// order places one that waits for its payment.
func (w *world) order(who actor.Actor, profile string, list ...string) string {
	w.t.Helper()
	q := w.fill(who, list...)
	ref, err := orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: w.accepted(who, q.Endings()...)})
	must(w.t, err)
	return ref
}

// record writes a registered name of somebody's.
func (w *world) record(who actor.Actor, name string) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		_, err := registrations.Record(tx, actor.System(who.House, "test", "set up"), registrations.New{House: who.House, Account: who.Account, Name: names.MustParse(name),
			Registry: "thin", OrderItem: "T7K2-9QDM/1", Approved: true, SubmittedAt: tx.Now, CrDate: tx.Now, ExDate: tx.Now.AddDate(1, 0, 0), Statuses: []string{"ok"}})
		return err
	})
}

// scan is an image that looks like papers enough, as PNG.
var scan = sync.OnceValue(func() []byte { return slices.Clip(pngOf(picture(900, 600))) })

func picture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			img.Set(x, y, color.RGBA{uint8(x * y), uint8(x), uint8(y), 255})
		}
	}
	return img
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// file is what somebody picks from the disk.
func file(name, kind string, content []byte) page.File {
	return page.File{Name: name, Type: kind, Content: content}
}
