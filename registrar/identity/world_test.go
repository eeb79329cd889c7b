package identity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/notices"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
	"yumen/registrar/texts"
)

var ctx = context.Background()

// service is a verification service on a socket, speaking its real wire.
type service struct {
	mu     sync.Mutex
	answer string
	asked  []map[string]string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q map[string]string
	_ = json.NewDecoder(r.Body).Decode(&q)
	s.asked = append(s.asked, q)
	switch s.answer {
	case "pending":
		w.WriteHeader(http.StatusAccepted)
	case "unavailable":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"ref": "ver_1", "reference": q["reference"], "answer": s.answer, "time": "2026-03-02T02:00:00Z"})
}

func (s *service) set(answer string) { s.mu.Lock(); defer s.mu.Unlock(); s.answer = answer }

// world is a house with a holder, reviewers, texts and a verification service.
type world struct {
	*testing.T
	d        *db.DB
	clock    *dbtest.Clock
	docs     *documents.Store
	lin, mei actor.Actor
	reviewer actor.Actor
	service  *service
	checker  *identity.Checker
}

func each(t *testing.T, f func(w world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { f(open(t, d, clock)) })
}

func open(t *testing.T, d *db.DB, clock *dbtest.Clock) world {
	t.Helper()
	sealtest.Attach(t, d)
	visitor := accountstest.Root(t, d)
	docs, err := documents.OpenStore(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = docs.Close() })
	s := &service{answer: "match"}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	w := world{T: t, d: d, clock: clock, docs: docs, service: s,
		checker: &identity.Checker{DB: d, Verifier: identity.Verifier{BaseURL: srv.URL, Secret: "secret"}}}
	person := func(mail string, roles ...actor.Role) actor.Actor {
		p, err := accounts.Open(ctx, d, actor.System(visitor.House, "test", "a person to begin with"), accounts.PersonForm{Mail: mail, Password: "correct horse battery", Lang: "zh"})
		if err != nil {
			t.Fatal(err)
		}
		return actor.Actor{House: visitor.House, Account: p.Account, Person: p.ID, Name: mail, Roles: roles, Lang: "zh", IP: "192.0.2.7"}
	}
	w.lin, w.mei = person("lin@example.cn"), person("mei@example.cn")
	w.reviewer = person("reviewer@example.cn", actor.Reviewer)
	facts := texts.Facts{RegistrarZh: "域门网络有限公司", RegistrarEn: "Yumen Networks", Permit: "京D3-20260001", ContactZh: "p@yumen.example.cn", ContactEn: "p@yumen.example.cn"}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if err := texts.Seed(tx, 1, facts); err != nil {
			return err
		}
		for _, e := range []texts.Ending{
			{ALabel: "xn--otu796d", ULabel: "招聘", Rules: "zhaopin", RegistryZh: "招聘注册局", RegistryEn: "the registry", ContactZh: "x", ContactEn: "x", PlaceZh: "中国香港", PlaceEn: "Hong Kong", Abroad: true},
			{ALabel: "cn", ULabel: "cn", Rules: "cnnic", RegistryZh: "注册局", RegistryEn: "the registry", ContactZh: "x", ContactEn: "x", PlaceZh: "北京", PlaceEn: "Beijing"},
		} {
			if err := texts.SeedEnding(tx, facts, e); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// want fails unless err is the problem, or the problem of a field, id.
func (w world) want(name string, err error, id string) {
	w.Helper()
	if id == "" {
		if err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		return
	}
	p, ok := problem.As(err)
	if !ok || (p.ID != id && !slices.ContainsFunc(p.Fields, func(f problem.FieldProblem) bool { return f.Field+"="+f.ID == id || f.ID == id })) {
		w.Fatalf("%s: %v, want %s", name, err, id)
	}
}

func personForm() identity.Form {
	return identity.Form{
		Holder: persons.Person, Document: persons.CNID, Number: "11010519491231002x", Name: "张丽娟", Country: "CN", Division: "440305",
		Street: "示例路1号", Postcode: "518000", Phone: "138 0013 8000", Email: "lin@example.cn", Endings: []string{"cn", "xn--otu796d"},
	}
}

func orgForm() identity.Form {
	f := personForm()
	f.Holder, f.Document, f.Number, f.Name = persons.Organisation, persons.BizLicense, "91350100M000100Y43", "示例域名（北京）有限公司"
	f.AgentName, f.AgentNumber, f.AgentPhone, f.AgentEmployee, f.AgentMay = "张示例", "11010519491231002X", "13800138000", true, true
	return f
}

func (w world) save(who actor.Actor, f identity.Form) string {
	w.Helper()
	ref, err := identity.Save(ctx, w.d, who, f)
	if err != nil {
		w.Fatal(err)
	}
	return ref
}

func (w world) upload(who actor.Actor, ref string, kind documents.Kind) {
	w.Helper()
	doc := w.intake(who, kind, slices.Index(documents.Kinds(), kind)) // no two kinds are one picture
	if err := identity.AddDocument(ctx, w.d, w.docs, who, ref, doc.Ref); err != nil {
		w.Fatal(err)
	}
}

// add uploads a certain picture as a paper of lin's profile.
func (w world) add(ref string, kind documents.Kind, picture int) error {
	w.Helper()
	return identity.AddDocument(ctx, w.d, w.docs, w.lin, ref, w.intake(w.lin, kind, picture).Ref)
}

func (w world) intake(who actor.Actor, kind documents.Kind, picture int) documents.Document {
	w.Helper()
	var b bytes.Buffer
	side := image.NewGray(image.Rect(0, 0, 600, 400))
	for i := range side.Pix {
		side.Pix[i] = uint8(20 * picture) // #nosec G115 -- a shade, whichever
	}
	if err := png.Encode(&b, side); err != nil {
		w.Fatal(err)
	}
	doc, err := documents.Intake(ctx, w.d, w.docs, who, kind, &b)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

// card uploads both sides.
func (w world) card(who actor.Actor, ref string) {
	w.Helper()
	w.upload(who, ref, documents.Main)
	w.upload(who, ref, documents.Back)
}

// look opens every paper of a profile.
func (w world) look(ref string) {
	w.Helper()
	for _, doc := range w.find(ref).Documents {
		w.open(doc.Ref)
	}
}

func (w world) open(doc string) {
	w.Helper()
	if _, err := documents.Open(ctx, w.d, w.docs, w.reviewer, doc, "comparing", false); err != nil {
		w.Fatal(err)
	}
}

func (w world) consents(endings ...string) []int64 {
	w.Helper()
	var ids []int64
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, 1, endings)
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return err
	})
	return ids
}

// submitted brings a person's profile to the reviewers, checked.
func (w world) submitted() string {
	w.Helper()
	ref := w.save(w.lin, personForm())
	w.card(w.lin, ref)
	if err := identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")); err != nil {
		w.Fatal(err)
	}
	w.check(ref)
	return ref
}

func (w world) check(ref string) {
	w.Helper()
	if err := w.checker.Check(ctx, jobs.Job{Key: ref}); err != nil {
		w.Fatal(err)
	}
}

func (w world) find(ref string) identity.Profile {
	w.Helper()
	var p identity.Profile
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
		p, err = identity.Find(tx, w.lin, ref)
		return err
	})
	return p
}

func (w world) review(ref string) identity.ReviewView {
	w.Helper()
	var r identity.ReviewView
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
		r, err = identity.Review(tx, w.reviewer, ref)
		return err
	})
	return r
}

func (w world) letters(ref string) []string {
	w.Helper()
	var out []string
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := notices.About(tx, 1, ref, 20)
		for _, n := range list {
			out = append(out, n.Message)
		}
		return err
	})
	return out
}
