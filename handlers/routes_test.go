package handlers_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
)

// Who a route is for. To everybody else of it nothing exists.
const (
	anyone  = "anyone"    // what is public, and the ways in
	asker   = "the asker" // whoever is signed in, and it is about themself alone
	owner   = "the owner" // the account that has the thing in the path
	machine = "a machine" // outside of the pages
	sellers = "compliance finance admin"
)

// rules says for each route whom it is for: a word from above, or the staff
// roles that may. A route that is missing here fails the test.
var rules = map[string]string{
	"GET /": anyone, "GET /search": anyone, "GET /search/stream": anyone,
	"GET /search/lists": anyone, "POST /search/lists": anyone, "GET /search/lists/{token}": anyone, "GET /search/lists/{token}/stream": anyone,
	"GET /search/lists/{token}/names.csv": anyone, "POST /search/lists/{token}/cart": anyone, "POST /search/lists/{token}/again": anyone, "POST /search/lists/{token}/forget": anyone,
	"GET /prices": anyone, "GET /prices.csv": anyone, "GET /prices.json": anyone, "GET /endings": anyone, "GET /endings.csv": anyone, "GET /endings.json": anyone, "GET /endings/{tld}": anyone,
	"GET /status": anyone, "GET /status/registries": anyone, "GET /notice": anyone, "GET /texts/{kind}": anyone, "GET /help": anyone, "GET /help/{slug}": anyone,
	"GET /complaints": anyone, "GET /complaints/new": anyone, "POST /complaints": anyone, "GET /complaints/{receipt}": anyone,
	"GET /complaints/{receipt}/receipt": anyone, "POST /complaints/open": anyone, "POST /complaints/{receipt}": anyone,
	"GET /sign-up": anyone, "POST /sign-up": anyone, "GET /sign-up/code": anyone, "POST /sign-up/code": anyone, "GET /sign-in": anyone, "POST /sign-in": anyone,
	"GET /sign-in/totp": anyone, "POST /sign-in/totp": anyone, "GET /reset": anyone, "POST /reset": anyone, "GET /reset/code": anyone, "POST /reset/code": anyone,
	"GET /reset/new": anyone, "POST /reset/new": anyone, "POST /code/again": anyone, "POST /sign-out": anyone, "GET /cart": anyone, "POST /cart": anyone,

	"GET /step-up": asker, "POST /step-up": asker, "GET /resume": asker, "POST /resume/drop": asker,
	"GET /account": asker, "POST /account/settings": asker, "POST /account/sessions": asker, "POST /account/password": asker, "POST /account/mail": asker,
	"GET /account/mail/code": asker, "POST /account/mail/code": asker, "GET /account/totp": asker, "POST /account/totp": asker, "POST /account/totp/drop": asker,
	"POST /account/recovery-codes": asker, "GET /account/recovery-codes": asker, "GET /checkout": asker, "GET /orders": asker, "POST /orders": asker,
	"GET /names": asker, "GET /profiles": asker, "GET /profiles/new": asker, "POST /profiles": asker, "POST /profiles/check": asker, "POST /profiles/divisions": asker,
	"GET /reviews": asker, "GET /reviews/new": asker, "POST /reviews/new": asker, "GET /reviews/{ref}": owner, "POST /reviews/{ref}/papers": owner,
	"GET /wallet": asker, "POST /wallet": asker, "GET /notices": asker,

	"GET /orders/{ref}": owner, "GET /orders/{ref}/live": owner, "POST /orders/{ref}/pay": owner, "POST /orders/{ref}/cancel": owner, "POST /orders/{ref}/holder": owner,
	"POST /orders/{ref}/refund": owner, "GET /names/{name}": owner, "GET /profiles/{ref}": owner, "POST /profiles/{ref}": owner, "GET /profiles/{ref}/edit": owner,
	"POST /profiles/{ref}/documents": owner, "POST /profiles/{ref}/detach": owner, "POST /profiles/{ref}/submit": owner, "POST /profiles/{ref}/recall": owner,
	"POST /profiles/{ref}/consents": owner, "POST /profiles/{ref}/withdraw": owner, "GET /documents/{ref}": owner,

	"GET /staff/": "reviewer support compliance finance admin", "GET /staff/desk": "reviewer support compliance finance admin",
	"GET /staff/desk/{id}": "reviewer", "POST /staff/desk/{id}": "reviewer", // the task in question is a review
	"GET /staff/approvals": "compliance", "POST /staff/approvals": "compliance", "POST /staff/approvals/{id}": "compliance",
	"GET /staff/orders": "support compliance finance admin", "GET /staff/orders/{ref}": "support compliance finance admin",
	"GET /staff/refunds": "finance", "GET /staff/refunds/{number}": "finance", "POST /staff/refunds/{number}": "finance",
	"GET /staff/registries": "compliance admin", "POST /staff/registries/{key}": "admin", "GET /staff/jobs": "compliance admin", "POST /staff/jobs/{id}": "admin",
	"GET /staff/undecided/{name}": "finance", "POST /staff/undecided/{name}": "finance",
	"GET /staff/comparisons": "compliance admin", "POST /staff/comparisons/{name}": "admin",
	"GET /staff/permits": "compliance admin", "GET /staff/permits/permit": "compliance admin", "POST /staff/permits/permit": "compliance admin",
	"GET /staff/permits/withdraw": "compliance admin", "POST /staff/permits/withdraw": "compliance admin", "GET /staff/permits/imprint": "compliance admin",
	"POST /staff/permits/imprint": "compliance admin", "GET /staff/permits/new-ending": "compliance admin", "POST /staff/permits/new-ending": "compliance admin",
	"GET /staff/permits/endings/{ending}": "compliance admin", "POST /staff/permits/endings/{ending}": "compliance admin",
	"GET /staff/names": "compliance admin", "GET /staff/names/reviews/{ref}": "compliance admin", "POST /staff/names/reviews/{ref}": "compliance admin",
	"POST /staff/names/reviews/{ref}/task": "compliance admin", "POST /staff/names/reviews/{ref}/look": "compliance admin", "GET /staff/names/lists": "compliance admin", "POST /staff/names/lists": "compliance admin",
	"POST /staff/names/lists/import": "compliance admin", "POST /staff/names/lists/draft": "compliance admin", "GET /staff/names/rules": "compliance admin",
	"GET /staff/names/rules/{ending}": "compliance admin", "POST /staff/names/rules/{ending}": "compliance admin", "POST /staff/names/rules/{ending}/draft": "compliance admin",
	"GET /staff/campaigns": sellers, "POST /staff/campaigns": sellers, "GET /staff/campaigns/new": sellers, "GET /staff/campaigns/phrases": sellers,
	"POST /staff/campaigns/phrases": "compliance", "GET /staff/campaigns/{ref}": sellers, "POST /staff/campaigns/{ref}": sellers,
	"GET /staff/campaigns/{ref}/edit": sellers, "POST /staff/campaigns/{ref}/edit": sellers, "POST /staff/campaigns/{ref}/publish": sellers,
	"GET /staff/duties": "compliance admin", "GET /staff/audit": "compliance admin",
	"GET /staff/blocks": "compliance admin", "POST /staff/blocks": "compliance admin", "POST /staff/blocks/{ref}": "compliance admin",
	"GET /staff/reviews": "reviewer", "GET /staff/reviews/{ref}": "reviewer", "POST /staff/reviews/{ref}/task": "reviewer", "POST /staff/reviews/{ref}/look": "reviewer",
	"GET /staff/reviews/{ref}/picture": "reviewer", "POST /staff/reviews/{ref}/numbers": "reviewer", "POST /staff/reviews/{ref}/decide": "reviewer",
	"GET /staff/documents/{doc}": "reviewer", "GET /staff/names/papers/{doc}": "compliance",
	"GET /staff/complaints": "support compliance", "GET /staff/complaints/{receipt}": "support compliance", "POST /staff/complaints/{receipt}/task": "support compliance",
	"POST /staff/complaints/{receipt}/answer": "support compliance", "POST /staff/complaints/{receipt}/note": "support compliance",

	"GET /favicon.ico": machine, "GET /healthz": machine, "GET /readyz": machine, "POST /callbacks/cashier": machine,
}

// all lists the routes of the router, "METHOD /pattern".
func (w *world) all() (list []string) {
	must(w.t, chi.Walk(w.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/static/") {
			list = append(list, method+" "+route)
		}
		return nil
	}))
	slices.Sort(list)
	return list
}

// transient are tables of browsers and counters, which a request may touch
// whatever becomes of it.
var transient = []string{"sessions", "web_sessions", "web_drafts", "throttles", "mail_codes", "jobs", "job_schedule"}

// rows are the database's rows about somebody, whatever their table.
func (w *world) rows(marks []string) map[string]bool {
	w.t.Helper()
	out := map[string]bool{}
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		tables, err := db.All[string](tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' LIMIT 500`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if slices.Contains(transient, table) {
				continue
			}
			columns, err := db.All[string](tx, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`') LIMIT 100`)
			if err != nil {
				return err
			}
			list, err := db.All[string](tx, `SELECT `+strings.Join(columns, ` || ' ' || `)+` FROM "`+table+`" LIMIT 100000`)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for _, row := range list {
				if slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(row, m) }) {
					out[table+" "+row] = true
				}
			}
		}
		return nil
	})
	return out
}

// unchanged fails the test when a row about somebody is not what it was.
func unchanged(t *testing.T, what string, before, after map[string]bool) {
	t.Helper()
	for row := range before {
		if !after[row] {
			t.Errorf("%s changed or deleted %.200s", what, row)
		}
	}
	for row := range after {
		if !before[row] {
			t.Errorf("%s made %.200s", what, row)
		}
	}
}

// visitor asks for one route and reads the answer.
type visitor struct {
	name, role, host string
	client           *http.Client
}

func (w *world) ask(v visitor, method, path string, form url.Values, head ...string) (int, http.Header, string) {
	w.t.Helper()
	at := *w.URL
	if v.host != "" {
		at.Host = v.host + ":" + at.Port()
	}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, at.String()+path, body)
	must(w.t, err)
	req.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := v.client.Do(req)
	must(w.t, err)
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	must(w.t, errors.Join(err, resp.Body.Close()))
	return resp.StatusCode, resp.Header, string(b)
}

// signed is a client in which somebody is signed in.
func (w *world) signed(v visitor, mail string) visitor {
	w.t.Helper()
	v.client = w.Client(w.t)
	if code, _, _ := w.ask(v, http.MethodPost, "/sign-in", url.Values{"mail": {mail}, "password": {password}}); code != http.StatusSeeOther {
		w.t.Fatalf("%s cannot sign in: %d", v.name, code)
	}
	return v
}

// others is everybody who is not lin.
func (w *world) others() []visitor {
	w.t.Helper()
	h, err := accounts.CreateHouse(ctx, w.d, actor.System(accounts.Root, "test", "set up"), accounts.HouseForm{NameZh: "名铺", NameEn: "Names",
		Hosts: []string{"names.localhost"}, AgencyZh: "本站由样例代理经营", AgencyEn: "This site is run by an agent"})
	must(w.t, err)
	w.account(h.ID, "lin@example.cn", "en")
	w.account(h.ID, "staff@names.example.cn", "en", actor.Reviewer, actor.Support, actor.Compliance, actor.Finance, actor.Admin)
	w.account(accounts.Root, "zhou@example.cn", "en")
	list := []visitor{{name: "nobody", client: w.Client(w.t)},
		w.signed(visitor{name: "another account"}, "zhou@example.cn"),
		w.signed(visitor{name: "the same address in another house", host: "names.localhost"}, "lin@example.cn"),
		w.signed(visitor{name: "the whole staff of another house", host: "names.localhost"}, "staff@names.example.cn")}
	for _, role := range []actor.Role{actor.Reviewer, actor.Support, actor.Compliance, actor.Finance, actor.Admin, actor.Reseller} {
		mail := string(role) + "@example.cn"
		w.account(accounts.Root, mail, "en", role)
		list = append(list, w.signed(visitor{name: "the " + string(role), role: string(role)}, mail))
	}
	return list
}

func TestEveryRouteIsForWhomTheRulesSay(t *testing.T) {
	w := open(t)
	have := w.all()
	for _, r := range have {
		if rules[r] == "" {
			t.Errorf("%s: the rules do not say whom it is for", r)
		}
	}
	for r := range rules {
		if !slices.Contains(have, r) {
			t.Errorf("%s is in the rules and on no router", r)
		}
	}
}

// ofTheRegistrar are pages of the installation: no other house has them.
var ofTheRegistrar = []string{"/staff/registries", "/staff/comparisons", "/staff/jobs"}

// TestWhatIsAnothersIsNotThereOnAnyRoute: not found, not forbidden; a visitor is
// asked to sign in; and whatever the answer, nothing of lin's is shown or moved.
func TestWhatIsAnothersIsNotThereOnAnyRoute(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	others := w.others()
	before := w.rows(th.marks)
	if len(before) < 30 {
		t.Fatalf("only %d rows are about lin: nothing could be seen to change", len(before))
	}
	asked := 0
	for _, route := range w.all() {
		method, pattern, _ := strings.Cut(route, " ")
		rule := rules[route]
		if rule == machine || rule == "" {
			continue
		}
		path := th.fillIn(t, pattern)
		for _, v := range others {
			may := slices.Contains(strings.Fields(rule), v.role)
			if may && method == http.MethodPost || route == "POST /sign-out" || route == "POST /reset/new" {
				continue // what they may do is the flows' own tests' matter; the browser shall stay signed in
			}
			asked++
			code, head, body := w.ask(v, method, path, th.form)
			what := v.name + ": " + method + " " + path
			if code >= 500 {
				t.Errorf("%s is %d", what, code)
			}
			switch {
			case rule == anyone:
			case v.name == "nobody":
				if code != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/sign-in") {
					t.Errorf("%s is %d to %q, not the sign-in page", what, code, head.Get("Location"))
				}
			case rule == asker:
				if code == http.StatusForbidden {
					t.Errorf("%s is forbidden", what)
				}
			case may && v.host == "":
				if code != http.StatusOK && code != http.StatusSeeOther && code != http.StatusUnprocessableEntity {
					t.Errorf("%s is %d, though the rules allow it", what, code)
				}
				continue // what staff see is their business
			case v.name == "the whole staff of another house" && !strings.Contains(pattern, "{") && !slices.Contains(ofTheRegistrar, pattern):
				// A desk of their own.
			case v.name == "the whole staff of another house" && strings.HasPrefix(pattern, "/staff/permits/endings/"):
				// The house's own listing of an ending.
			case code != http.StatusNotFound:
				t.Errorf("%s is %d, not 404", what, code)
			}
			for _, s := range th.secret {
				if strings.Contains(body, s) && !strings.Contains(path, s) && (method == http.MethodGet || !slices.Contains(th.form["number"], s)) && s != th.form.Get("profile") {
					t.Errorf("%s shows %s", what, s)
				}
			}
		}
		after := w.rows(th.marks)
		unchanged(t, route+", sent by others,", before, after)
		before = after
	}
	t.Logf("%d requests", asked)
	// The same addresses are there for lin: they were not missing for all.
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	for _, route := range w.all() {
		method, pattern, _ := strings.Cut(route, " ")
		if rules[route] == owner && method == http.MethodGet {
			if code, _, _ := w.ask(me, method, th.fillIn(t, pattern), nil); code != http.StatusOK {
				t.Errorf("lin: %s is %d", route, code)
			}
		}
	}
	for _, path := range []string{"/profiles/{ref}/withdraw", "/orders/{ref}/refund", "/orders/{ref}/holder", "/profiles/{ref}/detach", "/orders/{ref}/cancel"} {
		if code, _, body := w.ask(me, http.MethodPost, th.fillIn(t, path), th.form); code != http.StatusSeeOther {
			t.Errorf("lin: POST %s is %d\n%.3000s", path, code, body)
		}
	}
}

// TestWhatAnotherSiteSendsIsRefused: every changing route, whoever's browser it
// is in.
func TestWhatAnotherSiteSendsIsRefused(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	nobody := visitor{name: "nobody", client: w.Client(t)}
	before := w.rows(th.marks)
	for _, route := range w.all() {
		method, pattern, _ := strings.Cut(route, " ")
		if method != http.MethodPost || rules[route] == machine {
			continue
		}
		path := th.fillIn(t, pattern)
		for _, v := range []visitor{me, nobody} {
			for _, head := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
				code, _, body := w.ask(v, method, path, th.form, head...)
				if code != http.StatusForbidden || !strings.Contains(body, "another site") {
					t.Errorf("%s: POST %s with %v is %d", v.name, path, head, code)
				}
			}
		}
	}
	unchanged(t, "another site", before, w.rows(th.marks))
}

// TestAMethodThatARouteDoesNotHaveIsRefused, and changes nothing.
func TestAMethodThatARouteDoesNotHaveIsRefused(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	before := w.rows(th.marks)
	have := w.all()
	for _, route := range have {
		method, pattern, _ := strings.Cut(route, " ")
		path := th.fillIn(t, pattern)
		for _, other := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND", "X"} {
			if method == other || slices.Contains(have, other+" "+pattern) {
				continue
			}
			// A path that another pattern takes as its own is that one's.
			if ctx := chi.NewRouteContext(); w.routes.Match(ctx, other, path) {
				continue
			}
			code, _, _ := w.ask(me, other, path, nil)
			if code != http.StatusMethodNotAllowed && code != http.StatusNotFound {
				t.Errorf("%s %s is %d", other, path, code)
			}
		}
	}
	unchanged(t, "another method", before, w.rows(th.marks))
	for _, route := range have { // what can be read can be asked about
		method, pattern, _ := strings.Cut(route, " ")
		if path := th.fillIn(t, pattern); method == http.MethodGet && rules[route] != machine {
			if code, _, body := w.ask(me, http.MethodHead, path, nil); code >= 500 || code == http.StatusMethodNotAllowed || body != "" {
				t.Errorf("HEAD %s is %d with %d bytes", path, code, len(body))
			}
		}
	}
}
