package public_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
)

var requestIDs = regexp.MustCompile(`[A-Z2-7]{16}`)

// TestSignUpAndResetSayTheSameForAKnownAddress compares what a stranger sees,
// step by step, for an address that has an account and one that has none:
// status, way on, cookies and every byte of the page.
func TestSignUpAndResetSayTheSameForAKnownAddress(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	if _, err := accounts.Open(t.Context(), d, actor.System(accounts.Root, "test", "somebody"), accounts.PersonForm{Mail: lin, Password: password, Lang: "zh"}); err != nil {
		t.Fatal(err)
	}
	agree := url.Values{"password": {"a table of another kind"}}
	for _, id := range accountstest.Agreed(t, d, accounts.Root) {
		agree.Add("agree", fmt.Sprint(id))
	}
	walk := func(mail, start string, form url.Values) (said []string) {
		c := p.Client(t)
		ask := func(method, path, body string) {
			req, err := http.NewRequest(method, p.URL.String()+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			page := requestIDs.ReplaceAllString(strings.ReplaceAll(string(b), mail, "MAIL"), "")
			said = append(said, fmt.Sprint(resp.StatusCode, resp.Header.Get("Location"), len(resp.Cookies()), page))
		}
		form.Set("mail", mail)
		ask("POST", start, form.Encode())
		ask("GET", start+"/code", "")
		ask("POST", start+"/code", "code=000000")
		ask("POST", "/code/again?at="+start+"/code", "")
		ask("GET", start+"/code", "")
		for range 6 { // until the code is void
			ask("POST", start+"/code", "code=000000")
		}
		return said
	}
	for start, form := range map[string]url.Values{"/reset": {}, "/sign-up": agree} {
		known, unknown := walk(lin, start, form), walk("somebody-else@example.cn", start, form)
		if !strings.HasPrefix(known[0], "303") || !strings.HasPrefix(known[2], "422") {
			t.Fatalf("%s does not get as far as the code: %.200s %.200s", start, known[0], known[2])
		}
		for i := range known {
			if known[i] != unknown[i] {
				t.Errorf("%s, step %d tells them apart", start, i+1)
			}
		}
	}
}

func TestSigningOutClearsWhatTheBrowserKept(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := signIn(p.Person(t, "zh").Visit("/sign-in"), "zh", lin, password)
	if got := b.Head.Get("Clear-Site-Data"); got != "" {
		t.Errorf("a sign-in clears %s", got)
	}
	c := p.Client(t)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.Post(p.URL.String()+"/sign-out", "application/x-www-form-urlencoded", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Clear-Site-Data"); resp.StatusCode != http.StatusSeeOther || got != `"cache", "storage"` {
		t.Errorf("%d, clears %q", resp.StatusCode, got)
	}
}
