package customer_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/documents"
)

// session signs in and gives a client that carries it, for requests no page
// has a form for.
func (s *shop) session(mail string) *http.Client {
	s.t.Helper()
	c := s.Client(s.t)
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	c.Jar = jar
	resp, err := c.PostForm(s.URL.String()+"/sign-in", url.Values{"mail": {mail}, "password": {password}})
	must(s.t, err)
	must(s.t, resp.Body.Close())
	if resp.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("sign-in: %d", resp.StatusCode)
	}
	return c
}

func TestAnUploadOfManyPicturesIsCutShort(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.account("lin@example.cn", "en")
	b := s.enter("lin@example.cn", "en").Visit("/profiles/new?holder=person").Fill("Full name", "王小明", "Document number", "11010519491231002X").Choose("Document type", "Resident").Tick("I consent to the handling").Press("Save and continue", "")
	ref := strings.TrimPrefix(b.Page.URL.Path, "/profiles/")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	small := picture(0)
	for i := range 60 {
		part, err := form.CreateFormFile(string(documents.Main), fmt.Sprintf("../../%d.php", i))
		must(t, err)
		_, err = part.Write(small.Content)
		must(t, err)
	}
	must(t, form.Close())
	resp, err := s.session("lin@example.cn").Post(s.URL.String()+"/profiles/"+ref+"/documents", form.FormDataContentType(), &body)
	must(t, err)
	must(t, resp.Body.Close())
	var n int64
	must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = db.Get[int64](tx, `SELECT count(*) FROM documents`)
		return err
	}))
	if resp.StatusCode != http.StatusRequestEntityTooLarge || n > 8 {
		t.Errorf("sixty pictures at once: %d, %d were taken apart", resp.StatusCode, n)
	}
}

func TestASessionThatWasEndedElsewhereOpensNothing(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	who := s.account("lin@example.cn", "en")
	stolen := s.session("lin@example.cn")
	get := func(c *http.Client) int {
		resp, err := c.Get(s.URL.String() + "/wallet")
		must(t, err)
		must(t, resp.Body.Close())
		return resp.StatusCode
	}
	if got := get(stolen); got != http.StatusOK {
		t.Fatalf("signed in: %d", got)
	}
	who.Session = 1 // the one that asks is another
	must(t, accounts.RevokeOthers(ctx, d, who))
	if got := get(stolen); got != http.StatusSeeOther {
		t.Errorf("after its end: %d", got)
	}
}

func TestTheSameCheckoutSentTwiceIsOneOrder(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.account("lin@example.cn", "en")
	c := s.session("lin@example.cn")
	post := func(path string, form url.Values) int {
		resp, err := c.PostForm(s.URL.String()+path, form)
		must(t, err)
		must(t, resp.Body.Close())
		return resp.StatusCode
	}
	post("/cart", url.Values{"add": {"twice.com"}})
	if _, err := c.Get(s.URL.String() + "/checkout"); err != nil {
		t.Fatal(err)
	}
	var quote string
	var accept []string
	must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
		if quote, err = db.Get[string](tx, `SELECT ref FROM order_quotes ORDER BY made_at DESC LIMIT 1`); err != nil {
			return err
		}
		ids, err := db.All[int64](tx, `SELECT id FROM texts`)
		for _, id := range ids {
			accept = append(accept, fmt.Sprint(id))
		}
		return err
	}))
	form := url.Values{"quote": {quote}, "accept": accept}
	codes := make(chan int, 8)
	for range cap(codes) {
		go func() { codes <- post("/orders", form) }()
	}
	for range cap(codes) {
		if code := <-codes; code >= 500 {
			t.Errorf("answered %d", code)
		}
	}
	var n int64
	must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = db.Get[int64](tx, `SELECT count(*) FROM orders`)
		return err
	}))
	if n != 1 {
		t.Errorf("%d orders", n)
	}
}
