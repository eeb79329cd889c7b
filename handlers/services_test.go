package handlers_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/screening"
	"yumen/registrar/search"
	"yumen/testkit/duty"
)

// What a route that takes something from people does for a name. One that gives
// a service says which; the others say why they give none.
var serves = map[string]struct {
	gives permits.Service
	none  string
}{
	"POST /cart":                      {gives: permits.Create},
	"POST /search/lists/{token}/cart": {gives: permits.Create},
	"POST /orders":                    {gives: permits.Create},
	"POST /orders/{ref}/pay":          {gives: permits.Create},
	"POST /orders/{ref}/holder":       {gives: permits.Create},

	"POST /search/lists":                {none: "looks; each name is answered as prohibited"},
	"POST /search/lists/{token}/again":  {none: "looks"},
	"POST /search/lists/{token}/forget": {none: "forgets a list"},
	"POST /orders/{ref}/cancel":         {none: "ends an order"},
	"POST /orders/{ref}/refund":         {none: "says where money goes back to"},
	"POST /reviews/new":                 {none: "asks for another judgement, which stays open"},
	"POST /reviews/{ref}/papers":        {none: "evidence for it"},
}

// aboutPeople begin the paths of what concerns accounts, identity and
// complaints, never a name. A route below none of these needs a row in serves.
var aboutPeople = []string{"/account", "/code", "/complaints", "/profiles", "/reset", "/resume", "/sign-", "/step-up", "/wallet", "/staff"}

// TestEveryRouteThatServesANameStandsBeforeTheGate: a new form under /names,
// /orders, /transfers or anywhere else says which service it gives, and then it
// is driven with a prohibited name below.
func TestEveryRouteThatServesANameStandsBeforeTheGate(t *testing.T) {
	w := open(t)
	driven := w.drivers(actor.Actor{}, nil)
	for _, route := range w.all() {
		method, path, _ := strings.Cut(route, " ")
		if method == http.MethodGet || rules[route] == machine || slices.ContainsFunc(aboutPeople, func(p string) bool { return strings.HasPrefix(path, p) }) {
			continue
		}
		row, ok := serves[route]
		switch {
		case !ok:
			t.Errorf("%s: nothing says which service it gives to a name\nhint: a row in serves, and a driver", route)
		case (row.gives == "") == (row.none == ""):
			t.Errorf("%s: a service or the reason why it gives none", route)
		case row.gives != "" && driven[route] == nil:
			t.Errorf("%s gives %s and is not driven with a prohibited name", route, row.gives)
		case row.gives != "" && !slices.Contains(screening.Services(), row.gives):
			t.Errorf("%s gives %s, which the gate does not know", route, row.gives)
		}
	}
	for route := range serves {
		if !slices.Contains(w.all(), route) {
			t.Errorf("%s stands in the table and on no router", route)
		}
	}
}

// TestFlowsAskTheGateAndNotTheListsThemselves: what the lists say is for showing;
// whether a service is given is screening.Serve's answer alone.
func TestFlowsAskTheGateAndNotTheListsThemselves(t *testing.T) {
	shows := []string{"customer/review.go", "staff/names.go"} // the form of an appeal; what staff see
	gates := 0
	for _, root := range []string{"../registrar", ".", "../cmd"} {
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "registrar/screening/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, ok := sel.X.(*ast.Ident)
				if !ok || pkg.Name != "screening" {
					return true
				}
				switch sel.Sel.Name {
				case "Serve":
					gates++
				case "Check", "CheckFor":
					if !slices.Contains(shows, filepath.ToSlash(path)) {
						t.Errorf("%s asks screening.%s itself\nhint: screening.Serve refuses for every service the same", path, sel.Sel.Name)
					}
				}
				return true
			})
			return nil
		}))
	}
	if gates == 0 {
		t.Error("nobody asks the gate: the test looks in the wrong place")
	}
}

// flagged is a label that the tests put on the list, and the ways to write it.
func flagged(label, traditional string) []string {
	return []string{label + "ab.com", traditional + "ab.com", names.MustParse(label + "ab.com").A(), names.MustParse(traditional + "ab.com").A(),
		label + "ＡＢ．ＣＯＭ", "  " + traditional + "AB。com "}
}

func (w *world) prohibit(label string) {
	w.t.Helper()
	compliance := actor.Actor{House: accounts.Root, Person: 881, Account: 880, Name: "x***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		_, err := screening.Add(tx, compliance, screening.Entry{Pattern: label, Match: screening.Contains, Class: "P6", Source: "letter 31"}, "for the test")
		return err
	})
}

// drivers give each service by its route: they prepare what goes before while
// the name is free, call list, and send the form. They answer with what came
// back, in the end.
func (w *world) drivers(lin actor.Actor, b func() visitor) map[string]func(name, typed string, list func()) (int, string) {
	post := func(path string, form url.Values) (int, string) {
		code, _, body := w.ask(b(), http.MethodPost, path, form)
		return code, body
	}
	return map[string]func(name, typed string, list func()) (int, string){
		"POST /cart": func(_, typed string, list func()) (int, string) {
			list()
			return post("/cart", url.Values{"add": {typed}})
		},
		"POST /search/lists/{token}/cart": func(name, _ string, list func()) (int, string) {
			entries, err := search.ParseList([]byte(name), nil)
			must(w.t, err)
			token, err := w.runs.Start(ctx, lin, entries)
			must(w.t, err)
			run, err := w.runs.Open(ctx, lin, token)
			must(w.t, err)
			for {
				_, _, working, changed := run.Progress()
				if !working {
					break
				}
				<-changed
			}
			if rows := run.Rows(); len(rows) != 1 || rows[0].State != search.Available {
				w.t.Fatalf("%s is not free before: %+v", name, rows)
			}
			list()
			return post("/search/lists/"+token+"/cart", nil)
		},
		"POST /orders": func(name, _ string, list func()) (int, string) {
			q := w.fill(lin, name)
			list()
			form := url.Values{"quote": {q.Ref}}
			for _, id := range w.accepted(lin, q.Endings()...) {
				form.Add("accept", strconv.FormatInt(id, 10))
			}
			return post("/orders", form)
		},
		"POST /orders/{ref}/pay": func(name, _ string, list func()) (int, string) {
			ref := w.order(lin, "", name)
			list()
			if code, body := post("/orders/"+ref+"/pay", url.Values{"by": {"cashier"}}); code != http.StatusForbidden || !strings.Contains(body, "(P6)") {
				w.t.Errorf("the cashier is asked for money for %s: %d", name, code)
			}
			return post("/orders/"+ref+"/pay", url.Values{"by": {"wallet"}})
		},
		// Money is held already: the order itself ends with the refusal, in full.
		"POST /orders/{ref}/holder": func(name, _ string, list func()) (int, string) {
			ref := w.order(lin, "", name)
			must(w.t, orders.PayFromWallet(ctx, w.d, lin, ref))
			held := w.heldFor(lin, ref)
			list()
			profile, _ := w.draft(lin)
			if code, _ := post("/orders/"+ref+"/holder", url.Values{"profile": {profile}}); code >= 500 {
				w.t.Errorf("choosing a holder for %s is %d", name, code)
			}
			must(w.t, w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}))
			if left := w.heldFor(lin, ref); held == 0 || left != 0 {
				w.t.Errorf("%s: %d fen were held, %d still are", name, held, left)
			}
			code, _, body := w.ask(b(), http.MethodGet, "/orders/"+ref, nil)
			if code != http.StatusOK {
				w.t.Errorf("the order of %s is %d", name, code)
			}
			return http.StatusForbidden, strings.ReplaceAll(body, ": P6", "(P6)")
		},
	}
}

// Order 43 art. 28(2): no service of any kind for a prohibited name, however it
// is written, at whichever door.
func TestM37_NoServiceOfAnyKindForAProhibitedName(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	w.top(lin, 10_000_000)
	in := w.signed(visitor{name: "lin"}, "lin@example.cn")
	b := func() visitor { return in }

	// The gate: every service there is, every spelling, one code.
	w.prohibit("门闸禁")
	refusedAs := map[string]bool{}
	for _, s := range screening.Services() {
		for _, typed := range flagged("门闸禁", "門閘禁") {
			n, _, err := names.Parse(typed)
			must(t, err)
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				_, err := screening.Serve(tx, accounts.Root, s, screening.Applicant{Account: lin.Account}, n)
				p, ok := problem.As(err)
				if !ok || p.Kind != problem.Refused || p.Code != "P6" || p.ID != "screening.refused.prohibited" {
					t.Errorf("%s of %s: %v", s, typed, err)
					return nil
				}
				refusedAs[p.Code] = true
				return nil
			})
		}
	}
	if len(screening.Services()) != len(permits.Services())+4 || len(refusedAs) != 1 {
		t.Errorf("%d services, codes %v", len(screening.Services()), refusedAs)
	}
	dbtest.Read(t, w.d, func(tx *db.Tx) error {
		for _, s := range screening.Services() {
			if _, err := screening.Serve(tx, accounts.Root, s, screening.Applicant{}, names.MustParse("nothing-against-it.com")); err != nil {
				t.Errorf("%s of a free name: %v", s, err)
			}
		}
		if _, err := screening.Serve(tx, accounts.Root, "no_such_service", screening.Applicant{}, names.MustParse("nothing-against-it.com")); err == nil {
			t.Error("the gate lets a service pass that it does not know")
		}
		return nil
	})
	duty.ProveRefusal(t, "M-37", fmt.Sprintf("%v: each refuses %v with P6", screening.Services(), flagged("门闸禁", "門閘禁")))

	// Every door that gives a service today, listed between one step and the next.
	simplified, traditional := []rune("东车马鸟鱼龙门见风云"), []rune("東車馬鳥魚龍門見風雲")
	at := 0
	for route, drive := range w.drivers(lin, b) {
		for i := range flagged("门", "門") {
			label := string(simplified[at%10]) + string(simplified[at/10%10]) + "禁令"
			other := string(traditional[at%10]) + string(traditional[at/10%10]) + "禁令"
			at++
			typed := flagged(label, other)[i]
			n, _, err := names.Parse(typed)
			must(t, err)
			code, body := drive(n.U(), typed, func() { w.prohibit(label) })
			if code != http.StatusForbidden || !strings.Contains(body, "(P6)") {
				t.Errorf("%s with %q: %d, and the page does not say P6", route, typed, code)
			}
			if !strings.HasSuffix(route, "/holder") && !strings.Contains(body, "/reviews/new?name="+url.QueryEscape(n.U())) {
				t.Errorf("%s with %q: no way to appeal", route, typed)
			}
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				cart, err := orders.Cart(tx, lin)
				for _, c := range cart {
					if route == "POST /cart" || strings.HasPrefix(route, "POST /search/") {
						t.Errorf("%s put %s into the cart", route, c.Name.U())
					}
				}
				return err
			})
			must(t, orders.RemoveFromCart(ctx, w.d, lin, n))
		}
		duty.ProveRefusal(t, "M-37", route+" ("+string(serves[route].gives)+"): P6 for every spelling")
	}
	// Another spelling of what lies in the cart already.
	w.fill(lin, "换写禁令ab.com")
	w.prohibit("换写禁令")
	if code, _, body := w.ask(in, http.MethodPost, "/cart", url.Values{"add": {"換寫禁令ab.com"}, "instead": {"换写禁令ab.com"}}); code != http.StatusForbidden || !strings.Contains(body, "(P6)") {
		t.Errorf("another spelling comes into the cart: %d", code)
	}
	if code, head, _ := w.ask(in, http.MethodGet, "/checkout", nil); code != http.StatusSeeOther || head.Get("Location") != "/cart" {
		t.Errorf("a cart with a prohibited name is checked out: %d", code)
	}
	must(t, orders.RemoveFromCart(ctx, w.d, lin, names.MustParse("换写禁令ab.com")))
	w.balanced()
	var sent []any
	w.call("GET", "/state/domains?ending=com", nil, &sent)
	for _, d := range sent {
		if strings.Contains(fmt.Sprint(d), "禁令") {
			t.Errorf("a registry was asked for %v", d)
		}
	}

	// What looks shows the class and no way into the cart.
	if _, _, body := w.ask(in, http.MethodGet, "/search?"+url.Values{"q": {"门闸禁ab.com"}, "wait": {"1"}}.Encode(), nil); !strings.Contains(body, "/reviews/new?name=") ||
		strings.Contains(body, `name="add" value="门闸禁ab.com"`) {
		t.Error("the search offers a prohibited name")
	}

	// Registered already, listed afterwards: the record stays, the page says what it
	// means, staff see it.
	w.record(lin, "后来禁令.com")
	before := w.rows([]string{names.MustParse("后来禁令.com").A()})
	w.prohibit("后来禁令")
	code, _, body := w.ask(in, http.MethodGet, "/names/"+names.MustParse("后来禁令.com").A(), nil)
	if code != http.StatusOK || !strings.Contains(body, "no further service is given") || !strings.Contains(body, "/reviews/new?name=") {
		t.Errorf("the holder's page says nothing of it (%d)", code)
	}
	unchanged(t, "listing it", before, w.rows([]string{names.MustParse("后来禁令.com").A()}))
	w.account(accounts.Root, "compliance@example.cn", "en", actor.Compliance)
	desk := w.signed(visitor{name: "compliance"}, "compliance@example.cn")
	if _, _, body := w.ask(desk, http.MethodGet, "/staff/names/lists", nil); !strings.Contains(body, "后来禁令.com") || !strings.Contains(body, "1 registered name is prohibited") {
		t.Error("staff do not see which registered names are prohibited")
	}
	duty.Prove(t, "M-37", "registered first and listed afterwards: the record is unchanged, the holder's page and the staff page say so; services offered today: create")
}
