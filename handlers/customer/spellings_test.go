package customer_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"yumen/db/dbtest"
	"yumen/registrar/names"
	"yumen/registrar/registrations"
)

// names.md section 7, 4: whichever spelling a link has, one page answers, at one
// address; both forms stand on it, in lists and in exports.
func TestComplaint04_EverySpellingOfANameLeadsToOnePageThatShowsBothForms(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	lin := s.account("lin@example.cn", "zh")
	s.record(lin, "人才网.招聘", 0)
	n := names.MustParse("人才网.招聘")
	page := "/names/" + n.A()
	for _, spelling := range []string{n.A(), "XN--GMQ009BYGV.xn--otu796d", "人才网.招聘", url.PathEscape("人才网.招聘"), "人才网.xn--otu796d", "人才网。招聘", url.PathEscape("　人才网．招聘"), "人才网.招聘."} {
		b := s.enter("lin@example.cn", "zh").Visit("/names/" + spelling)
		if spelling != n.A() {
			if to := b.Head.Get("Location"); b.Page.Status != http.StatusMovedPermanently || to != page {
				t.Errorf("/names/%s answers %d and leads to %q", spelling, b.Page.Status, to)
			}
			b.Visit(page)
		}
		b.Is(page, http.StatusOK).See("人才网.招聘", n.A())
	}
	s.enter("lin@example.cn", "zh").Visit("/names").See("人才网.招聘", n.A())
	for _, none := range []string{"xn--", "xn--zzzzzz.招聘", "人才网", "%ff.招聘"} {
		if b := s.enter("lin@example.cn", "zh").Visit("/names/" + none); b.Page.Status >= 500 || b.Page.Status < 400 {
			t.Errorf("/names/%s answers %d", none, b.Page.Status)
		}
	}
	var out bytes.Buffer
	must(t, registrations.Export(ctx, d, &out))
	var row struct {
		Name   string `json:"name"`
		ULabel string `json:"u_label"`
	}
	must(t, json.Unmarshal(out.Bytes(), &row))
	if row.Name != n.A() || row.ULabel != "人才网.招聘" {
		t.Errorf("exported as %+v", row)
	}
}
