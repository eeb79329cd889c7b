package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Buyer is somebody with an account, an approved profile and money.
type Buyer struct {
	browser
	Mail    string
	Profile string // reference of the approved profile

	rig *Rig
}

// Staff is a member of the house's staff with a browser.
type Staff struct {
	browser
	mu sync.Mutex // one reviewer does one thing at a time
}

// password is everybody's; the cast has its own.
const (
	password     = "correct horse battery"
	castPassword = "yumen-demo"
)

// eventually bounds every wait for something that another part does by itself.
const eventually = 60 * time.Second

// await looks until look says yes, or fails, or the time is over.
func await(ctx context.Context, what string, look func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, eventually)
	defer cancel()
	pause := 5 * time.Millisecond
	for {
		ok, err := look()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("rig: %s did not happen in %s", what, eventually)
		case <-time.After(pause):
			pause = min(2*pause, 100*time.Millisecond)
		}
	}
}

func (r *Rig) newBrowser() (browser, error) {
	jar, err := cookiejar.New(nil)
	return browser{client(jar), r.Portal}, err
}

// Buyers makes n people who can buy at once: account, identity papers,
// approval by a reviewer, and money (minor units of CNY, at most 5,000,000) in
// the wallet. Everything goes through the pages; it takes about a tenth of a
// second each.
func (r *Rig) Buyers(ctx context.Context, n int, money int64) ([]*Buyer, error) {
	reviewer, err := r.Reviewer(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	first := r.people
	r.people += n
	r.mu.Unlock()
	out := make([]*Buyer, n)
	errs := make([]error, n)
	places := make(chan struct{}, crowd())
	var wg sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		wg.Go(func() {
			out[i], errs[i] = r.buyer(ctx, reviewer, first+i, money)
			<-places
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

func (r *Rig) buyer(ctx context.Context, reviewer *Staff, n int, money int64) (*Buyer, error) {
	web, err := r.newBrowser()
	if err != nil {
		return nil, err
	}
	b := &Buyer{browser: web, Mail: fmt.Sprintf("buyer%d@example.cn", n), rig: r}
	for _, step := range []func(context.Context) error{b.signUp, b.makeProfile, b.handInPapers} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Mail, err)
		}
	}
	if err := reviewer.Approve(ctx, b.Profile); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Mail, err)
	}
	if money > 0 {
		number, err := b.TopUp(ctx, money)
		if err == nil {
			err = r.Credited(ctx, number)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Mail, err)
		}
	}
	return b, nil
}

// Newcomer has an account and a profile whose papers were not handed in yet.
func (r *Rig) Newcomer(ctx context.Context) (*Buyer, error) {
	web, err := r.newBrowser()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	b := &Buyer{browser: web, Mail: fmt.Sprintf("buyer%d@example.cn", r.people), rig: r}
	r.people++
	r.mu.Unlock()
	return b, errors.Join(b.signUp(ctx), b.makeProfile(ctx))
}

// HandIn uploads the papers of the buyer's profile and submits it for review.
func (b *Buyer) HandIn(ctx context.Context) error { return b.handInPapers(ctx) }

// See gets a page of the staff.
func (s *Staff) See(ctx context.Context, path string) ([]byte, error) {
	p, err := s.get(ctx, path)
	return p.body, err
}

// Visitor is somebody without an account.
func (r *Rig) Visitor() (*Buyer, error) {
	web, err := r.newBrowser()
	return &Buyer{browser: web, rig: r}, err
}

var code = regexp.MustCompile(`class="secret">\s*(\d{6})`)

// signUp opens the account. A sandbox shows the mailed code on its page.
func (b *Buyer) signUp(ctx context.Context) error {
	form, err := b.open(ctx, "/sign-up", "/sign-up")
	if err != nil {
		return err
	}
	form.Set("mail", b.Mail)
	form.Set("password", password)
	if _, err := b.post(ctx, "/sign-up", form); err != nil {
		return err
	}
	page, err := b.get(ctx, "/sign-up/code")
	if err != nil {
		return err
	}
	m := code.FindSubmatch(page.body)
	if m == nil {
		return fmt.Errorf("the page shows no code: %s", said(page.body))
	}
	_, err = b.post(ctx, "/sign-up/code", url.Values{"code": {string(m[1])}})
	return err
}

// SignIn begins a new session of an account that exists.
func (b *Buyer) SignIn(ctx context.Context) error {
	_, err := b.post(ctx, "/sign-in", url.Values{"mail": {b.Mail}, "password": {password}})
	return err
}

// open gets a page and gives its form with every box ticked.
func (b *browser) open(ctx context.Context, path, action string) (url.Values, error) {
	p, err := b.get(ctx, path)
	if err != nil {
		return nil, err
	}
	if p.to != "" {
		return nil, &Refusal{p.status, p.path, "leads on to " + p.to}
	}
	return fill(p, action)
}

func (b *Buyer) makeProfile(ctx context.Context) error {
	form, err := b.open(ctx, "/profiles/new?holder=person", "/profiles")
	if err != nil {
		return err
	}
	for field, value := range map[string]string{"step": "save", "name": "示例人", "document": "CN_ID", "number": "110000199001010005",
		"phone": "13000000000", "email": b.Mail, "country": "CN", "province": "110000", "prefecture": "110100", "division": "110108",
		"street": "示例路 1 号", "postcode": "100000"} {
		form.Set(field, value)
	}
	p, err := b.post(ctx, "/profiles", form)
	if err != nil {
		return err
	}
	b.Profile = last(p.to)
	return nil
}

// last is the last part of an address's path.
func last(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address[strings.LastIndexByte(address, '/')+1:]
}

func (b *Buyer) handInPapers(ctx context.Context) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i, kind := range []string{"main", "back"} {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"image/jpeg"},
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="card.jpg"`, kind)}})
		if err != nil {
			return err
		}
		if _, err := part.Write(card()[i]); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	path := "/profiles/" + b.Profile
	p, err := b.send(ctx, http.MethodPost, path+"/documents", w.FormDataContentType(), body.Bytes())
	if err == nil && p.status != http.StatusSeeOther {
		err = p.refusal()
	}
	if err != nil {
		return err
	}
	form, err := b.open(ctx, path, path+"/submit")
	if err != nil {
		return err
	}
	_, err = b.post(ctx, path+"/submit", form)
	return err
}

// card is an identity card, as small as the portal takes it: a picture of each
// side.
var card = sync.OnceValue(func() (sides [2][]byte) {
	for side := range sides {
		img := image.NewGray(image.Rect(0, 0, 320, 220+side))
		for i := range img.Pix {
			img.Pix[i] = uint8(200 + i*7%41)
		}
		img.SetGray(0, 0, color.Gray{})
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			panic(err) // a picture of ours in memory
		}
		sides[side] = b.Bytes()
	}
	return sides
})

// Reviewer is the cast's reviewer, signed in.
func (r *Rig) Reviewer(ctx context.Context) (*Staff, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.staff != nil {
		return r.staff, nil
	}
	s, err := r.member(ctx, "reviewer@example.cn")
	if err == nil {
		r.staff = s
	}
	return s, err
}

// Member signs in one of the cast, such as "finance@example.cn".
func (r *Rig) Member(ctx context.Context, mail string) (*Staff, error) { return r.member(ctx, mail) }

func (r *Rig) member(ctx context.Context, mail string) (*Staff, error) {
	web, err := r.newBrowser()
	if err != nil {
		return nil, err
	}
	s := &Staff{browser: web}
	_, err = s.post(ctx, "/sign-in", url.Values{"mail": {mail}, "password": {castPassword}})
	return s, err
}

// Approve claims the review of a profile, waits for the verifier's answer, looks
// at every paper and approves.
func (s *Staff) Approve(ctx context.Context, profile string) error {
	path := "/staff/reviews/" + profile
	if err := await(ctx, "the verification of "+profile, func() (bool, error) {
		p, err := s.get(ctx, path)
		return bytes.Contains(p.body, []byte("Real-name verification: match")), err
	}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.post(ctx, path+"/task", url.Values{"do": {"claim"}}); err != nil {
		return err
	}
	if err := s.look(ctx, path); err != nil {
		return err
	}
	_, err := s.post(ctx, path+"/decide", url.Values{"do": {"approve"}})
	return err
}

var (
	paper   = regexp.MustCompile(`\?doc=([A-Z0-9]{4}-[A-Z0-9]{4})"`)
	picture = regexp.MustCompile(`src="(/staff/documents/[^"]+)"`)
)

// look opens each paper of a review, with a reason.
func (s *Staff) look(ctx context.Context, path string) error {
	review, err := s.get(ctx, path)
	if err != nil {
		return err
	}
	for _, doc := range paper.FindAllSubmatch(review.body, -1) {
		shown, err := s.post(ctx, path+"/look", url.Values{"doc": {string(doc[1])}, "reason": {"comparing"}, "full": {"0"}})
		if err != nil {
			return err
		}
		if shown, err = s.get(ctx, shown.to); err != nil {
			return err
		}
		src := picture.FindSubmatch(shown.body)
		if src == nil {
			return fmt.Errorf("%s shows no picture of %s", path, doc[1])
		}
		if _, err := s.get(ctx, html.UnescapeString(string(src[1]))); err != nil {
			return err
		}
	}
	return nil
}

// Post sends a form of the staff pages; nil means that it was done.
func (s *Staff) Post(ctx context.Context, path string, form url.Values) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.post(ctx, path, form)
	return err
}
