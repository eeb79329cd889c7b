package staff_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/public"
	"yumen/handlers/staff"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/registrar/registries"
	"yumen/registrar/texts"
	view "yumen/views/public"
)

var ctx = context.Background()

const password = "correct horse battery"

// world is a portal with the desk, a holder and the people who work there.
type world struct {
	*testing.T
	d                *db.DB
	clock            *dbtest.Clock
	portal           *webtest.Portal
	docs             *documents.Store
	set              *registries.Set
	lin              actor.Actor // holds a profile
	duties, dutyText []byte
}

func open(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	docs, err := documents.OpenStore(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = docs.Close() })
	w := &world{T: t, d: d, clock: clock, docs: docs, set: registries.NewSet(),
		duties:   []byte("id,state,refusal,test,where,reason\nM-27,tested,no,TestM27_HomePageShowsPermit,/,\nZ-31,open,yes,,,the clock is missing\n"),
		dutyText: []byte("id,title_zh,title_en,reason_zh\nM-27,首页公示许可,The permit on the home page,\nZ-31,三至六十三个字符,3 to 63 characters,缺时钟\n")}
	w.portal = webtest.Open(t, d, func(r chi.Router) {
		r.Get("/", web.H(func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "home"), view.Message{Kind: "info", Title: "home"}))
		}))
		(&public.Accounts{DB: d}).Routes(r)
		(&public.Complaints{DB: d}).Routes(r)
		(&staff.Pages{DB: d, Papers: docs, Registries: w.set, Duties: w.duties, DutyText: w.dutyText}).Routes(r)
	}, nil)
	facts := texts.Facts{RegistrarZh: "域门网络（北京）有限公司", RegistrarEn: "Yumen", Permit: "京D3-20990001", ContactZh: "p@yumen.example.cn", ContactEn: "p@yumen.example.cn"}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return texts.SeedEnding(tx, facts, texts.Ending{ALabel: "cn", ULabel: "cn", Rules: "cnnic", RegistryZh: "注册局", RegistryEn: "the registry", ContactZh: "x", ContactEn: "x", PlaceZh: "北京", PlaceEn: "Beijing"})
	})
	w.lin = w.person("lin@example.cn")
	for mail, role := range map[string]actor.Role{"reviewer@example.cn": actor.Reviewer, "support@example.cn": actor.Support, "compliance@example.cn": actor.Compliance,
		"second@example.cn": actor.Compliance, "finance@example.cn": actor.Finance, "admin@example.cn": actor.Admin} {
		w.person(mail, role)
	}
	return w
}

// person opens an account in the root house.
func (w *world) person(mail string, roles ...actor.Role) actor.Actor {
	w.Helper()
	by := actor.System(accounts.Root, "test", "people to begin with")
	p, err := accounts.Open(ctx, w.d, by, accounts.PersonForm{Mail: mail, Password: password, Lang: "zh"})
	if err != nil {
		w.Fatal(err)
	}
	for _, role := range roles {
		if err := accounts.Appoint(ctx, w.d, by, p.Ref, role, "for the test"); err != nil {
			w.Fatal(err)
		}
	}
	return actor.Actor{House: accounts.Root, Account: p.Account, Person: p.ID, Name: mail, Roles: roles, Lang: "zh", IP: "192.0.2.7"}
}

// as is a browser in which somebody is signed in.
func (w *world) as(t *testing.T, mail string) *webtest.Person {
	t.Helper()
	return w.portal.Person(t, "zh").Visit("/sign-in?back=%2F").Fill("电子邮件", mail, "密码", password).Submit("登录").See("退出登录")
}

// submitted is a person's profile that waits for a reviewer.
func (w *world) submitted() string {
	w.Helper()
	ref, err := identity.Save(ctx, w.d, w.lin, identity.Form{
		Holder: persons.Person, Document: persons.CNID, Number: "11010519491231002X", Name: "张丽娟", Country: "CN", Division: "440305",
		Street: "示例路1号", Postcode: "518000", Phone: "138 0013 8000", Email: "lin@example.cn", Endings: []string{"cn"},
	})
	if err != nil {
		w.Fatal(err)
	}
	for i, kind := range []documents.Kind{documents.Main, documents.Back} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1200, 800+i))); err != nil {
			w.Fatal(err)
		}
		doc, err := documents.Intake(ctx, w.d, w.docs, w.lin, kind, &b)
		if err != nil {
			w.Fatal(err)
		}
		if err := identity.AddDocument(ctx, w.d, w.docs, w.lin, ref, doc.Ref); err != nil {
			w.Fatal(err)
		}
	}
	var agreed []int64
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, accounts.Root, []string{"cn"})
		for _, v := range list {
			agreed = append(agreed, v.ID)
		}
		return err
	})
	if err := identity.Submit(ctx, w.d, w.lin, ref, agreed); err != nil {
		w.Fatal(err)
	}
	return ref
}

// profile is what the holder sees.
func (w *world) profile(ref string) (p identity.Profile) {
	w.Helper()
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
		p, err = identity.Find(tx, w.lin, ref)
		return err
	})
	return p
}

// acts are the acts done to one thing, in their order.
func (w *world) acts(object, ref string) (out []string) {
	w.Helper()
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := audit.Of(tx, accounts.Root, object, ref, 100)
		for _, e := range list {
			out = append(out, e.Act)
		}
		return err
	})
	return out
}
