package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/identity"
)

// beyond are fields that no form has, under the names that tables and types
// give to what only the program decides.
var beyond = url.Values{"role": {"admin"}, "roles": {"admin"}, "Roles": {"admin"}, "staff": {"1"}, "state": {"approved"}, "State": {"approved"}, "approved": {"1"}, "verified": {"1"},
	"house": {"2"}, "house_id": {"2"}, "House": {"2"}, "account": {"999"}, "account_id": {"999"}, "person": {"999"}, "owner": {"999"}, "id": {"1"}, "ref": {"AAAA-AAAA"}, "mail": {"else@example.cn"},
	"balance": {"100000"}, "password": {"a password of somebody else"}, "version": {"7"}, "created_at": {"0"}}

func TestFieldsThatNoFormHasChangeNothing(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	send := func(path string, form url.Values) string {
		t.Helper()
		for field, value := range beyond {
			if !form.Has(field) {
				form[field] = value
			}
		}
		code, head, body := w.ask(me, http.MethodPost, path, form)
		if code != http.StatusSeeOther {
			t.Fatalf("%s is %d:\n%s", path, code, body)
		}
		return head.Get("Location")
	}
	send("/account/settings", url.Values{"name": {"Lin of the plains"}, "lang": {"en"}})
	form := w.particulars(lin)
	ref := strings.TrimPrefix(strings.Split(send("/profiles", form), "?")[0], "/profiles/")
	send("/profiles/"+ref, w.particulars(lin, "label", "second"))

	if got, err := accounts.Me(ctx, w.d, lin); err != nil || got.Name != "Lin of the plains" || got.Mail != "lin@example.cn" {
		t.Errorf("%+v, %v", got, err)
	}
	now := w.signed(visitor{name: "lin again"}, "lin@example.cn") // with the password of before
	if code, _, _ := w.ask(now, http.MethodGet, "/staff", nil); code != http.StatusNotFound {
		t.Errorf("the desk is %d", code)
	}
	dbtest.Read(t, w.d, func(tx *db.Tx) error {
		p, err := identity.Find(tx, lin, ref)
		if err == nil && (p.State != identity.Draft || p.Label != "second") {
			t.Errorf("the profile is %s, %q", p.State, p.Label)
		}
		return err
	})
}
