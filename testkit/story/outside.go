package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"yumen/testkit/page"
)

// outside does the verbs that speak to the world rather than to the portal.
func (r *runner) outside(ctx context.Context, verb, rest string) error {
	switch verb {
	case "mail":
		return r.mail(ctx, rest)
	case "no mail":
		return r.noMail(ctx, rest)
	case "registry says":
		return r.registrySays(ctx, rest)
	case "registry has":
		return r.registryHas(ctx, rest)
	case "registry trouble":
		return r.control(ctx, http.MethodPost, "/trouble", json.RawMessage(rest), nil)
	case "registry well":
		return r.control(ctx, http.MethodDelete, "/trouble", nil, nil)
	case "registry settings":
		return r.control(ctx, http.MethodPost, "/settings", json.RawMessage(rest), nil)
	case "registry asks":
		return r.control(ctx, http.MethodPost, "/registry/price", json.RawMessage(rest), nil)
	case "rival":
		what, name, _ := strings.Cut(rest, " ")
		return r.control(ctx, http.MethodPost, "/rival/"+what, map[string]any{"name": ascii(name)}, nil)
	case "bank":
		return r.bank(ctx, rest)
	case "clock":
		return r.clock(ctx, rest)
	}
	return fmt.Errorf("no such verb")
}

func (r *runner) control(ctx context.Context, method, path string, body, into any) error {
	var rd io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		rd = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.Sandbox+path, rd)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return &refusal{resp.StatusCode, fmt.Sprintf("the sandbox answered %s: %s", resp.Status, b)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

// until repeats a look at the world until it holds or the time is over.
func (r *runner) until(ctx context.Context, look func() error) error {
	end := time.Now().Add(r.Wait)
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		err := look()
		if err == nil || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

type letter struct {
	ID      int64    `json:"id"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	Codes   []string `json:"codes"`
	Links   []string `json:"links"`
}

// address splits `lin@example.cn "subject"` or `lin@example.cn 主题 | subject`.
func (r *runner) address(rest string) (to, subject string) {
	to, subject, _ = strings.Cut(rest, " ")
	return to, strings.Trim(in(r.Lang, subject), `"“”`)
}

func (r *runner) letters(ctx context.Context, to, subject string) ([]letter, error) {
	var all []letter
	if err := r.control(ctx, http.MethodGet, "/state/mail?to="+url.QueryEscape(to), nil, &all); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(l letter) bool { return !strings.Contains(l.Subject, subject) }), nil
}

func (r *runner) mail(ctx context.Context, rest string) error {
	to, subject := r.address(rest)
	return r.until(ctx, func() error {
		list, err := r.letters(ctx, to, subject)
		if err != nil {
			return err
		}
		// A letter answers one step only, so that an old code is not taken for a new one.
		list = slices.DeleteFunc(list, func(l letter) bool { return r.vars["read "+strconv.FormatInt(l.ID, 10)] != "" })
		if len(list) == 0 {
			return r.noLetter(ctx, to)
		}
		l := list[len(list)-1]
		r.vars["read "+strconv.FormatInt(l.ID, 10)] = "yes"
		if len(l.Codes) > 0 {
			r.vars["code"] = l.Codes[0]
		}
		if len(l.Links) > 0 {
			r.vars["link"] = l.Links[0]
		}
		return nil
	})
}

// noLetter says which letters came instead.
func (r *runner) noLetter(ctx context.Context, to string) error {
	others, err := r.letters(ctx, to, "")
	if err != nil {
		return err
	}
	subjects := []string{}
	for _, l := range others {
		subjects = append(subjects, l.Subject)
	}
	return fmt.Errorf("no such letter came that no step has read; there are %q", subjects)
}

func (r *runner) noMail(ctx context.Context, rest string) error {
	to, subject := r.address(rest)
	list, err := r.letters(ctx, to, subject)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("it came: %q", list[0].Subject)
	}
	return err
}

// ascii is the A-label form of a name, for the sandbox's paths.
func ascii(name string) string {
	if a, err := idna.Lookup.ToASCII(strings.TrimSpace(name)); err == nil {
		return a
	}
	return name
}

func (r *runner) registrySays(ctx context.Context, rest string) error {
	left, why, _ := pair(r.Lang, rest)
	verb, name, ok := strings.Cut(left, " ")
	if !ok {
		return fmt.Errorf("wants VERB NAME")
	}
	var body any
	if why != "" {
		body = map[string]string{"reason": why}
	}
	return r.until(ctx, func() error { return r.control(ctx, http.MethodPost, "/registry/"+ascii(name)+"/"+verb, body, nil) })
}

func (r *runner) registryHas(ctx context.Context, rest string) error {
	words := strings.Fields(rest)
	none := len(words) > 0 && words[0] == "no"
	if none {
		words = words[1:]
	}
	if len(words) == 0 {
		return fmt.Errorf("wants a name")
	}
	return r.until(ctx, func() error {
		var d struct {
			State    string   `json:"state"`
			ClID     string   `json:"clID"`
			Statuses []string `json:"statuses"`
			RGP      []string `json:"rgp"`
		}
		err := r.control(ctx, http.MethodGet, "/state/domains/"+ascii(words[0]), nil, &d)
		if e, ok := err.(*refusal); ok && e.status == http.StatusNotFound {
			if none {
				return nil
			}
			return fmt.Errorf("the registry does not have it")
		}
		if err != nil {
			return err
		}
		if none {
			return fmt.Errorf("the registry has it: %+v", d)
		}
		for _, want := range words[1:] {
			if d.State != want && d.ClID != want && !slices.Contains(d.Statuses, want) && !slices.Contains(d.RGP, want) {
				return fmt.Errorf("the registry holds %+v, not %s", d, want)
			}
		}
		return nil
	})
}

func (r *runner) bank(ctx context.Context, rest string) error {
	left, right, _ := pair(r.Lang, rest)
	verb, order, _ := strings.Cut(left, " ")
	if verb != "refunded" {
		var body any = struct{}{}
		if verb == "forge" {
			body = map[string]string{"what": right}
		}
		if verb == "repeat" {
			body = map[string]int{"times": 3}
		}
		return r.control(ctx, http.MethodPost, "/cashier/"+url.PathEscape(order)+"/"+verb, body, nil)
	}
	whole, fen, _ := strings.Cut(right, ".")
	want, err := strconv.ParseInt(whole+(fen + "00")[:2], 10, 64)
	if err != nil {
		return fmt.Errorf("wants an amount such as 128.00: %w", err)
	}
	return r.until(ctx, func() error {
		var all []struct {
			OrderNo string `json:"order_no"`
			Refunds []struct {
				Amount int64  `json:"amount"`
				Status string `json:"status"`
			} `json:"refunds"`
		}
		if err := r.control(ctx, http.MethodGet, "/state/payments", nil, &all); err != nil {
			return err
		}
		var sum int64
		for _, p := range all {
			if !strings.HasPrefix(p.OrderNo, order) {
				continue
			}
			for _, f := range p.Refunds {
				if f.Status == "done" {
					sum += f.Amount
				}
			}
		}
		if sum != want {
			return fmt.Errorf("the bank has refunded %d fen, not %d", sum, want)
		}
		return nil
	})
}

var days = regexp.MustCompile(`^\+(\d+)d$`)

func (r *runner) clock(ctx context.Context, rest string) error {
	body := map[string]string{}
	switch {
	case days.MatchString(rest):
		n, err := strconv.Atoi(days.FindStringSubmatch(rest)[1])
		if err != nil {
			return err
		}
		body["advance"] = fmt.Sprintf("%dh", 24*n)
	case strings.HasPrefix(rest, "+"):
		body["advance"] = rest[1:]
	default:
		t, err := time.ParseInLocation("2006-01-02 15:04", rest, time.FixedZone("CST", 8*3600))
		if err != nil {
			return err
		}
		body["to"] = t.Format(time.RFC3339)
	}
	return r.control(ctx, http.MethodPost, "/clock", body, nil)
}

// picture makes a file a person might upload. Each call gives the same bytes.
func picture(name string) (page.File, error) {
	shade := map[string]uint8{"id-front": 200, "id-back": 170, "licence": 230}
	if s, ok := shade[name]; ok {
		img := image.NewRGBA(image.Rect(0, 0, 1012, 638)) // an identity card at 300 dpi
		for y := range 638 {
			for x := range 1012 {
				// Noise keeps the file as large as a photograph is.
				n := uint8((x*7 + y*13 + x*y) % 41) // #nosec G115 -- below 41
				img.SetRGBA(x, y, color.RGBA{s - n, s - n/2, s, 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
			return page.File{}, err
		}
		return page.File{Name: name + ".jpg", Type: "image/jpeg", Content: b.Bytes()}, nil
	}
	if name == "not-a-picture" {
		return page.File{Name: "card.jpg", Type: "image/jpeg", Content: []byte("<?php echo 1; ?>")}, nil
	}
	b, err := os.ReadFile(name) // #nosec G304 -- a file a test or a developer names
	if err != nil {
		return page.File{}, err
	}
	return page.File{Name: filepath.Base(name), Content: b}, nil
}
