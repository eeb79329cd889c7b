package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/blocks"
	"yumen/registrar/calendar"
)

// Mark stands for everything besides the frame that decides what a kept page
// shows: it is compared, so equal marks mean equal pages. It is taken for each
// answer and must be cheap; what packages remember of their rows (a Shelf, a
// Board) gives it, and so a kept page is never older than one made anew.
type Mark func(ctx context.Context, house int64) (any, error)

// Keep lets visitors be answered from memory while nothing that the page shows
// has changed: not the permit and its day, not the house, not what mark tells.
// Whoever carries a session or a message, asks for a part of the page or with
// anything in the address, is answered anew. The page must be the same for all
// the others of a house, a language and a theme.
func Keep(mark Mark, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		st := of(r)
		k, plain := st.site.plain(r, st.house)
		if !plain || st.who.SignedIn() || st.who.Visitor != "" || len(st.flash) > 0 {
			return h(w, r)
		}
		m, err := st.site.standing(r.Context(), st.house, mark) // before the page: an edit meanwhile makes it old
		if err != nil {
			return h(w, r) // the page says what can be said
		}
		st.keep = func(body []byte) *keptPage {
			// What may go and come back (a registry's light, a full disk) must not
			// have done so while the page was made.
			if after, err := st.site.standing(r.Context(), st.house, mark); err != nil || after != m {
				return nil
			}
			return st.site.kept.put(k, body, m, mark, st.site.c.Now())
		}
		return h(w, r)
	}
}

// pageKey is what tells one kept page from another.
type pageKey struct {
	host, path  string // as they were asked: both stand in the page
	house       int64
	lang, theme string
}

// frameMark is what the frame shows, by its versions.
type frameMark struct {
	names, lang string
	notice      int64 // rises with each edit of the house's and the root's permits and imprint
	today       calendar.Day
	frozen      db.Trouble // the banner that nothing can be saved
	page        any
}

type keptPage struct {
	made         time.Time // by the machine's clock
	is           frameMark
	mark         Mark
	plain, gz    []byte
	etag, etagGz string
}

// keptPages lie in memory. A flood of host names or languages cannot fill it:
// at the bound they are made anew.
type keptPages struct {
	mu sync.RWMutex
	by map[pageKey]*keptPage
}

const maxKeptPages = 256

// keptFor is how long a page is kept at most, whatever its marks say.
const keptFor = time.Minute

func (p *keptPages) get(k pageKey) *keptPage {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.by[k]
}

func (p *keptPages) put(k pageKey, body []byte, is frameMark, mark Mark, now time.Time) *keptPage {
	e := &keptPage{made: now, is: is, mark: mark, plain: bytes.Clone(body)}
	var b bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a known one
	_, _ = zw.Write(body)                                  // a buffer takes everything
	_ = zw.Close()
	e.gz = b.Bytes()
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	e.etag, e.etagGz = `"`+tag+`"`, `"`+tag+`-gz"`
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil || len(p.by) >= maxKeptPages {
		p.by = map[pageKey]*keptPage{}
	}
	p.by[k] = e
	return e
}

// plain reports whether nothing a visitor sent could change the page but its
// key.
func (s *Site) plain(r *http.Request, h accounts.House) (pageKey, bool) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" || r.Header.Get("HX-Request") != "" {
		return pageKey{}, false
	}
	k := pageKey{host: r.Host, path: r.URL.RequestURI(), house: h.ID}
	if len(r.Header["Cookie"]) > 0 {
		for _, name := range []string{s.web.Cookie.Name, s.cookieName(flashCookie)} {
			if _, err := r.Cookie(name); err == nil {
				return pageKey{}, false
			}
		}
		k.theme = s.keptTheme(r)
	}
	k.lang = s.ask(r, "", h.Lang)
	return k, true
}

// standing is the frame's mark and the page's together.
func (s *Site) standing(ctx context.Context, h accounts.House, page Mark) (frameMark, error) {
	n, err := s.c.Notice(ctx, s.c.DB, h.ID) // its version counts the root's edits too
	if err != nil {
		return frameMark{}, err
	}
	m := frameMark{names: h.NameZh + "\n" + h.NameEn + "\n" + h.AgencyZh + "\n" + h.AgencyEn, lang: h.Lang, notice: n.Version, today: n.Today,
		frozen: s.c.DB.Health().Trouble}
	if page != nil {
		m.page, err = page(ctx, h.ID)
	}
	return m, err
}

// answerKept answers visitors whose page is kept and still right, before
// sessions and templates.
func (s *Site) answerKept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.fromMemory(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Site) fromMemory(w http.ResponseWriter, r *http.Request) bool {
	h, err := accounts.HouseOf(r.Context(), s.c.DB, r.Host)
	if err != nil {
		return false
	}
	k, plain := s.plain(r, h)
	if !plain {
		return false
	}
	e := s.kept.get(k)
	if e == nil || s.c.Now().Sub(e.made) >= keptFor {
		return false
	}
	ip := middleware.GetClientIP(r.Context())
	if _, out, _ := blocks.Against(r.Context(), s.c.DB, h.ID, ip, 0); out {
		return false // they are told why
	}
	m, err := s.standing(r.Context(), h, e.mark)
	if err != nil || m != e.is || s.wait(h.ID, ip, Browse) > 0 {
		return false // whoever is too fast spends once more there and is told so
	}
	w.Header().Add("Vary", "Cookie")
	w.Header().Set("Cache-Control", "private, no-cache")
	e.write(w, r)
	return true
}

// write sends a kept page, or says that the browser's copy is still right.
func (e *keptPage) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Add("Vary", "Accept-Language")
	h.Add("Vary", "Accept-Encoding")
	body, etag := e.plain, e.etag
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, etag = e.gz, e.etagGz
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if match := r.Header.Get("If-None-Match"); match != "" && (strings.Contains(match, e.etag) || strings.Contains(match, e.etagGz)) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away: nobody is left to tell
	}
}

// acceptsGzip reads the one answer we need out of Accept-Encoding (RFC 9110
// section 12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding != "gzip" && coding != "*" {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
