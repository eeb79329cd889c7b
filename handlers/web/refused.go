package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/blocks"
	"yumen/registrar/problem"
	viewspublic "yumen/views/public"
)

// refusal is who was refused for what: a network or an account, wherever it
// comes from.
type refusal struct {
	house   int64
	what    string // a class, a message id, or block:REF
	net     netip.Prefix
	account int64
}

// refusals counts what was refused and lets one line into the log for each
// network or account and window: a flood must not flood the log.
type refusals struct {
	mu     sync.Mutex
	told   map[refusal]told
	totals map[Refused]int64
}

// told is a line that stands in the log.
type told struct {
	until time.Time
	since int64 // refused after the line
}

// Refused is a counter's name: what was refused (a class of Rate, "block", or
// the message of another limit), of whom (network or account).
type Refused struct{ What, By string }

// Refusals counts the requests refused since the program began, for its
// metrics.
func (s *Site) Refusals() map[Refused]int64 {
	s.noes.mu.Lock()
	defer s.noes.mu.Unlock()
	out := make(map[Refused]int64, len(s.noes.totals))
	for k, n := range s.noes.totals {
		out[k] = n
	}
	return out
}

// refused counts a request that is refused, and writes the line of its window.
// Later ones of the window leave no access line either.
func (s *Site) refused(r *http.Request, k refusal, window time.Duration, more ...any) {
	by := "network"
	if k.account != 0 {
		by = "account"
	}
	label, _, _ := strings.Cut(k.what, ":")
	now := s.c.Now()
	s.noes.mu.Lock()
	if s.noes.totals == nil {
		s.noes.told, s.noes.totals = map[refusal]told{}, map[Refused]int64{}
	}
	s.noes.totals[Refused{label, by}]++
	had, ok := s.noes.told[k]
	if ok && now.Before(had.until) {
		had.since++
		s.noes.told[k] = had
		s.noes.mu.Unlock()
		*outerOf(r).quiet = true
		return
	}
	if !ok && len(s.noes.told) >= maxBuckets {
		for old, t := range s.noes.told {
			if !now.Before(t.until) {
				delete(s.noes.told, old)
			}
		}
		if len(s.noes.told) >= maxBuckets {
			clear(s.noes.told)
		}
	}
	s.noes.told[k] = told{until: now.Add(max(window, time.Second))}
	s.noes.mu.Unlock()
	args := []any{"request", of(r).id, "what", k.what, "by", by, "house", k.house, "method", r.Method, "path", maskPath(r.URL.Path), "refused_before", had.since}
	if k.account != 0 {
		args = append(args, "account", k.account)
	} else {
		args = append(args, "network", blocks.Masked(k.net))
	}
	s.c.Log.Warn("refused", append(args, more...)...)
}

// tooMany completes the page of a limit: what was typed goes along, and a
// secret has to be typed again. A limit that is not of this package is logged
// here.
func (s *Site) tooMany(r *http.Request, p *problem.Problem, m *viewspublic.Message) {
	st := of(r)
	if p.ID != "web.too_many" {
		k := refusal{house: st.house.ID, what: p.ID, account: st.who.Account}
		if k.account == 0 {
			k.net = accounts.Network(st.who.IP)
		}
		s.refused(r, k, time.Duration(p.RetrySeconds)*time.Second, "retry_after", p.RetrySeconds)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		m.Actions = slices.Insert(m.Actions, 0, viewspublic.AgainAction(r.Context(), here(r)))
		m.Actions[1].Primary = false
		return
	}
	if Fragment(r) {
		return // what is typed stays on the page it stands on
	}
	if again := typed(r); again != nil {
		m.Again, m.Means = again, locales.T(r.Context(), "web.too_many_kept")
		m.Actions[0].Primary = false
		return
	}
	m.Means = locales.T(r.Context(), "web.too_many_again")
	m.Actions = slices.Insert(m.Actions, 0, viewspublic.AgainAction(r.Context(), formPage(r)))
	m.Actions[1].Primary = false
}

// openWays stay open to whoever is blocked: complaining and following what
// becomes of it (Order 43 art. 35), what the law wants shown in public, and
// leaving. Below each, everything.
var openWays = []string{"/complaints", "/notice", "/notices", "/texts", "/help", "/status", "/sign-out"}

func openWay(path string) bool {
	return slices.ContainsFunc(openWays, func(w string) bool { return path == w || strings.HasPrefix(path, w+"/") })
}

// blocked finds the block that keeps the asker out.
func (s *Site) blocked(r *http.Request) (blocks.Block, bool) {
	st := of(r)
	b, out, err := blocks.Against(r.Context(), s.c.DB, st.house.ID, st.who.IP, st.who.Account)
	if err != nil && r.Context().Err() == nil {
		s.c.Log.Error("blocks not read", "request", st.id, "err", err) // the page itself will say so if it needs the database
	}
	return b, out && !openWay(r.URL.Path)
}

// blockWindow is how often the log says that somebody blocked still comes.
const blockWindow = time.Hour

// keptOut tells the blocked why, until when, and how to object.
func (s *Site) keptOut(w http.ResponseWriter, r *http.Request, b blocks.Block) {
	st := of(r)
	k := refusal{house: st.house.ID, what: "block:" + b.Ref, account: b.Account}
	if k.account == 0 {
		k.net = accounts.Network(st.who.IP)
	}
	s.refused(r, k, blockWindow)
	w.Header().Set("Cache-Control", "no-store")
	s.page(w, r, viewspublic.Blocked(r.Context(), b, st.id))
}

// Ours are the networks that the house itself comes from: this machine, its
// addresses, the proxies before it. Who blocks one of them is warned.
func Ours(r *http.Request) []netip.Prefix {
	out := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	out = append(out, of(r).site.c.Proxies...)
	list, err := net.InterfaceAddrs()
	if err != nil {
		of(r).site.c.Log.Warn("own addresses are not known", "err", err)
	}
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own := p.Addr().Unmap().WithZone("")
			out = append(out, netip.PrefixFrom(own, own.BitLen()))
		}
	}
	return out
}
