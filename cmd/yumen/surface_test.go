package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"yumen/registrar/actor"
)

// This file and its neighbours attack the whole portal from outside. The table
// is the rule book: who finds something behind which address.

// door is one route.
type door struct {
	route string      // method and pattern, as the router has it
	right actor.Right // what it takes; one of the three below, or a right of staff
}

const (
	machine actor.Right = "machine" // no session, no house
	anyone  actor.Right = "anyone"
	holder  actor.Right = "holder" // whoever is signed in
)

var doors = []door{
	{"GET /healthz", machine}, {"GET /readyz", machine}, {"GET /favicon.ico", machine}, {"GET /static/*", machine}, {"POST /callbacks/cashier", machine},

	{"GET /", anyone}, {"GET /prices", anyone}, {"GET /endings/{tld}", anyone}, {"GET /status", anyone}, {"GET /status/registries", anyone},
	{"GET /prices.csv", anyone}, {"GET /prices.json", anyone}, {"GET /endings", anyone}, {"GET /endings.csv", anyone}, {"GET /endings.json", anyone},
	{"GET /search/lists", anyone}, {"POST /search/lists", anyone}, {"GET /search/lists/{token}", anyone}, {"GET /search/lists/{token}/stream", anyone}, {"GET /search/lists/{token}/names.csv", anyone},
	{"POST /search/lists/{token}/cart", anyone}, {"POST /search/lists/{token}/again", anyone}, {"POST /search/lists/{token}/forget", anyone},
	{"GET /search", anyone}, {"GET /search/stream", anyone}, {"GET /notice", anyone}, {"GET /texts/{kind}", anyone}, {"GET /help", anyone},
	{"GET /help/{slug}", anyone}, {"GET /cart", anyone}, {"POST /cart", anyone},
	{"GET /complaints", anyone}, {"GET /complaints/new", anyone}, {"POST /complaints", anyone}, {"POST /complaints/open", anyone},
	{"GET /complaints/{receipt}", anyone}, {"POST /complaints/{receipt}", anyone}, {"GET /complaints/{receipt}/receipt", anyone},
	{"GET /sign-up", anyone}, {"POST /sign-up", anyone}, {"GET /sign-up/code", anyone}, {"POST /sign-up/code", anyone}, {"POST /code/again", anyone},
	{"GET /sign-in", anyone}, {"POST /sign-in", anyone}, {"GET /sign-in/totp", anyone}, {"POST /sign-in/totp", anyone}, {"POST /sign-out", anyone},
	{"GET /reset", anyone}, {"POST /reset", anyone}, {"GET /reset/code", anyone}, {"POST /reset/code", anyone}, {"GET /reset/new", anyone}, {"POST /reset/new", anyone},

	{"GET /step-up", holder}, {"POST /step-up", holder}, {"GET /resume", holder}, {"POST /resume/drop", holder},
	{"GET /account", holder}, {"POST /account/settings", holder}, {"POST /account/sessions", holder}, {"POST /account/password", holder},
	{"POST /account/mail", holder}, {"GET /account/mail/code", holder}, {"POST /account/mail/code", holder},
	{"GET /account/totp", holder}, {"POST /account/totp", holder}, {"POST /account/totp/drop", holder},
	{"GET /account/recovery-codes", holder}, {"POST /account/recovery-codes", holder},
	{"GET /checkout", holder}, {"GET /orders", holder}, {"POST /orders", holder}, {"GET /orders/{ref}", holder}, {"GET /orders/{ref}/live", holder},
	{"POST /orders/{ref}/pay", holder}, {"POST /orders/{ref}/cancel", holder}, {"POST /orders/{ref}/holder", holder}, {"POST /orders/{ref}/refund", holder},
	{"GET /names", holder}, {"GET /names/{name}", holder}, {"GET /documents/{ref}", holder}, {"GET /wallet", holder}, {"GET /reviews", holder}, {"GET /reviews/new", holder}, {"POST /reviews/new", holder}, {"GET /reviews/{ref}", holder}, {"POST /reviews/{ref}/papers", holder}, {"POST /wallet", holder}, {"GET /notices", holder},
	{"GET /profiles", holder}, {"POST /profiles", holder}, {"GET /profiles/new", holder}, {"POST /profiles/check", holder}, {"POST /profiles/divisions", holder},
	{"GET /profiles/{ref}", holder}, {"POST /profiles/{ref}", holder}, {"GET /profiles/{ref}/edit", holder}, {"POST /profiles/{ref}/documents", holder},
	{"POST /profiles/{ref}/detach", holder}, {"POST /profiles/{ref}/submit", holder}, {"POST /profiles/{ref}/recall", holder},
	{"POST /profiles/{ref}/consents", holder}, {"POST /profiles/{ref}/withdraw", holder},

	{"GET /staff/", actor.SeeDesk}, {"GET /staff/desk", actor.SeeDesk}, {"GET /staff/desk/{id}", actor.SeeDesk}, {"POST /staff/desk/{id}", actor.SeeDesk},
	{"GET /staff/approvals", actor.ApproveSecond}, {"POST /staff/approvals", actor.ApproveSecond}, {"POST /staff/approvals/{id}", actor.ApproveSecond},
	{"GET /staff/orders", actor.SeeOrders}, {"GET /staff/orders/{ref}", actor.SeeOrders},
	{"GET /staff/refunds", actor.SeeMoney}, {"GET /staff/refunds/{number}", actor.SeeMoney}, {"POST /staff/refunds/{number}", actor.SeeMoney},
	{"GET /staff/registries", actor.SeeJobs}, {"POST /staff/registries/{key}", actor.SeeJobs}, {"GET /staff/jobs", actor.SeeJobs}, {"POST /staff/jobs/{id}", actor.SeeJobs},
	{"GET /staff/undecided/{name}", actor.RefundByHand}, {"POST /staff/undecided/{name}", actor.RefundByHand},
	{"GET /staff/comparisons", actor.SeeJobs}, {"POST /staff/comparisons/{name}", actor.SeeJobs},
	{"GET /staff/permits", actor.EditPermits}, {"GET /staff/permits/permit", actor.EditPermits}, {"POST /staff/permits/permit", actor.EditPermits},
	{"GET /staff/names", actor.EditPermits}, {"GET /staff/names/reviews/{ref}", actor.EditPermits}, {"POST /staff/names/reviews/{ref}", actor.EditPermits},
	{"POST /staff/names/reviews/{ref}/task", actor.EditPermits}, {"POST /staff/names/reviews/{ref}/look", actor.EditPermits}, {"GET /staff/names/lists", actor.EditPermits}, {"POST /staff/names/lists", actor.EditPermits},
	{"POST /staff/names/lists/import", actor.EditPermits}, {"POST /staff/names/lists/draft", actor.EditPermits}, {"GET /staff/names/rules", actor.EditPermits},
	{"GET /staff/names/rules/{ending}", actor.EditPermits}, {"POST /staff/names/rules/{ending}", actor.EditPermits}, {"POST /staff/names/rules/{ending}/draft", actor.EditPermits},
	{"GET /staff/permits/withdraw", actor.EditPermits}, {"POST /staff/permits/withdraw", actor.EditPermits},
	{"GET /staff/permits/imprint", actor.EditPermits}, {"POST /staff/permits/imprint", actor.EditPermits},
	{"GET /staff/permits/new-ending", actor.EditPermits}, {"POST /staff/permits/new-ending", actor.EditPermits},
	{"GET /staff/permits/endings/{ending}", actor.EditPermits}, {"POST /staff/permits/endings/{ending}", actor.EditPermits},
	{"GET /staff/campaigns", actor.EditCampaigns}, {"POST /staff/campaigns", actor.EditCampaigns}, {"GET /staff/campaigns/new", actor.EditCampaigns},
	{"GET /staff/campaigns/phrases", actor.EditCampaigns}, {"POST /staff/campaigns/phrases", actor.ApproveSecond}, {"GET /staff/campaigns/{ref}", actor.EditCampaigns},
	{"POST /staff/campaigns/{ref}", actor.EditCampaigns}, {"GET /staff/campaigns/{ref}/edit", actor.EditCampaigns}, {"POST /staff/campaigns/{ref}/edit", actor.EditCampaigns},
	{"POST /staff/campaigns/{ref}/publish", actor.EditCampaigns},
	{"GET /staff/duties", actor.SeeDuties}, {"GET /staff/audit", actor.SeeAudit},
	{"GET /staff/blocks", actor.BlockAbuse}, {"POST /staff/blocks", actor.BlockAbuse}, {"POST /staff/blocks/{ref}", actor.BlockAbuse},
	{"GET /staff/reviews", actor.ReviewIdentity}, {"GET /staff/reviews/{ref}", actor.ReviewIdentity}, {"POST /staff/reviews/{ref}/task", actor.ReviewIdentity},
	{"POST /staff/reviews/{ref}/look", actor.ReviewIdentity}, {"GET /staff/reviews/{ref}/picture", actor.ReviewIdentity},
	{"POST /staff/reviews/{ref}/numbers", actor.ReviewIdentity}, {"POST /staff/reviews/{ref}/decide", actor.ReviewIdentity},
	{"GET /staff/documents/{doc}", actor.ReviewIdentity}, {"GET /staff/names/papers/{doc}", actor.OpenDocuments},
	{"GET /staff/complaints", actor.SeeComplaints}, {"GET /staff/complaints/{receipt}", actor.SeeComplaints}, {"POST /staff/complaints/{receipt}/task", actor.SeeComplaints},
	{"POST /staff/complaints/{receipt}/answer", actor.SeeComplaints}, {"POST /staff/complaints/{receipt}/note", actor.SeeComplaints},
}

func (d door) method() string { m, _, _ := strings.Cut(d.route, " "); return m }

var blank = regexp.MustCompile(`\{[a-z]+\}|\*$`)

// path is an address behind the door; what it names does not exist.
func (d door) path() string {
	_, pattern, _ := strings.Cut(d.route, " ")
	return blank.ReplaceAllString(pattern, "Y7K2-9QDM")
}

func (d door) staff() bool   { return strings.Contains(d.route, " /staff") }
func (d door) changes() bool { return d.method() == http.MethodPost }

// asks is one request of somebody, without following redirects.
func (r *reader) asks(method, path, body string, head ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.base+path, strings.NewReader(body))
	must(r.t, err)
	if body != "" || method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Language", r.lang)
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
			continue
		}
		req.Header.Add(head[i], head[i+1])
	}
	plain := *r.http
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := plain.Do(req)
	must(r.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(r.t, err)
	return resp, string(b)
}

// in is somebody of the cast, signed in at the root house.
func (o *open) in(mail string) *reader {
	o.t.Helper()
	r := o.reader("zh", "localhost")
	if resp, body := r.asks("POST", "/sign-in", url.Values{"mail": {mail}, "password": {castPassword}}.Encode()); resp.StatusCode != http.StatusSeeOther {
		o.t.Fatalf("%s is not let in: %d %s", mail, resp.StatusCode, body)
	}
	return r
}

// unlimited is for knocking at many doors at once.
func unlimited(p *portal) { p.cfg.Limits = "off" }

func TestEveryRouteStandsInTheRuleBook(t *testing.T) {
	o := raise(t)
	h, err := o.handler()
	must(t, err)
	var there []string
	must(t, chi.Walk(h.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if route == "/static/*" && method != http.MethodGet {
			return nil // mounted for every method; the file server answers 405 itself
		}
		there = append(there, method+" "+route)
		return nil
	}))
	for _, route := range there {
		if !slices.ContainsFunc(doors, func(d door) bool { return d.route == route }) {
			t.Errorf("%s is served, and nothing says for whom\nhint: add it to doors in surface_test.go", route)
		}
	}
	for _, d := range doors {
		if !slices.Contains(there, d.route) {
			t.Errorf("%s stands in the rule book and is not served", d.route)
		}
	}
}

// TestADoorOpensForThoseItIsFor knocks at every door as a visitor, a customer
// and each kind of staff. What one may not see is not found; who is nobody yet
// is asked to sign in.
func TestADoorOpensForThoseItIsFor(t *testing.T) {
	o := raiseWith(t, unlimited)
	people := []struct {
		who    string
		reader *reader
		as     actor.Actor
	}{{"a visitor", o.reader("zh", "localhost"), actor.Actor{}}}
	for _, m := range cast {
		people = append(people, struct {
			who    string
			reader *reader
			as     actor.Actor
		}{m.mail, o.in(m.mail), actor.Actor{Person: 1, Roles: m.roles}})
	}
	for _, d := range doors {
		if d.right == machine || d.route == "POST /sign-out" || d.route == "POST /account/sessions" {
			continue
		}
		for _, p := range people {
			resp, body := p.reader.asks(d.method(), d.path(), "")
			to := resp.Header.Get("Location")
			if d.right != anyone && p.as.SignedIn() && strings.Contains(body, "</html>") && resp.StatusCode < 500 && !strings.Contains(body, `action="/sign-out"`) {
				t.Errorf("%s for %s: no way out on the page", d.route, p.who)
			}
			asked := resp.StatusCode == http.StatusSeeOther && strings.HasPrefix(to, "/sign-in")
			switch {
			case d.right == anyone:
				if asked && d.path() != "/sign-in/totp" || resp.StatusCode >= 500 {
					t.Errorf("%s for %s: %d %s, though it is for anyone", d.route, p.who, resp.StatusCode, to)
				}
			case !p.as.SignedIn():
				if !asked {
					t.Errorf("%s for %s: %d %s, want to be asked to sign in", d.route, p.who, resp.StatusCode, to)
				}
			case d.staff() && !p.as.May(d.right):
				if resp.StatusCode != http.StatusNotFound {
					t.Errorf("%s for %s: %d, though it is not for them", d.route, p.who, resp.StatusCode)
				}
			default:
				if asked || resp.StatusCode >= 500 || resp.StatusCode == http.StatusMethodNotAllowed ||
					!d.changes() && resp.StatusCode == http.StatusNotFound && !blank.MatchString(d.route) {
					t.Errorf("%s for %s: %d %s, though it is for them", d.route, p.who, resp.StatusCode, to)
				}
			}
		}
	}
}
