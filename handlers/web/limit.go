package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"yumen/registrar/accounts"
	"yumen/registrar/problem"
)

// Class is a kind of route with a rate of its own.
type Class string

// The classes. Every page spends Browse, every form Change; a route may spend
// one of the others besides, by Limit.
const (
	Browse   Class = "browse"
	Change   Class = "change"
	Enter    Class = "enter"    // passwords and codes
	Search   Class = "search"   // asks registries
	Lists    Class = "lists"    // asks them about thousands of names
	Complain Class = "complain" // opens a case
	Upload   Class = "upload"   // pictures that are built anew
	Lookup   Class = "lookup"   // receipts with codes, public lookups
)

// Rate is how many requests one network may make in a house, and one account
// from all its networks: Count at once, then Count over each Per.
type Rate struct {
	Count int
	Per   time.Duration
}

// DefaultRates are generous to a family or an office behind one address.
func DefaultRates() map[Class]Rate {
	return map[Class]Rate{
		Browse:   {1800, time.Minute},
		Change:   {300, time.Minute},
		Enter:    {60, 5 * time.Minute},
		Search:   {120, time.Minute},
		Lists:    {20, time.Hour},
		Complain: {20, time.Hour},
		Upload:   {60, 10 * time.Minute},
		Lookup:   {60, 5 * time.Minute},
	}
}

// Limit makes a route spend a class.
func Limit(c Class) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return limited{c, next}
	}
}

func (l limited) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := of(r).site
	if err := s.spend(r, l.class); err != nil {
		s.fail(w, r, err)
		return
	}
	l.next.ServeHTTP(w, r)
}

func (s *Site) spend(r *http.Request, c Class) error {
	st := of(r)
	network := s.wait(st.house.ID, st.who.IP, c)
	wait := network
	if st.who.Account != 0 && !s.c.RatesOff { // an account does not get more by coming from everywhere
		wait = max(wait, s.buckets.take(bucketKey{house: st.house.ID, class: c, account: st.who.Account}))
	}
	if wait == 0 {
		return nil
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	window := s.buckets.rates[c].Per
	if network != 0 {
		s.refused(r, refusal{st.house.ID, string(c), accounts.Network(st.who.IP), 0}, window, "retry_after", seconds)
	} else {
		s.refused(r, refusal{st.house.ID, string(c), netip.Prefix{}, st.who.Account}, window, "retry_after", seconds)
	}
	return problem.New(problem.TooMany, "web.too_many", "Count", seconds).WithRetry(seconds)
}

// limited is a handler that spends a class; a type, so that ClassOf knows it.
type limited struct {
	class Class
	next  http.Handler
}

// ClassOf is the class that a middleware makes its route spend; empty when it is
// not one of Limit.
func ClassOf(middleware func(http.Handler) http.Handler) Class {
	if l, ok := middleware(http.NotFoundHandler()).(limited); ok {
		return l.class
	}
	return ""
}

// wait spends one request of a class; when there is none left, it says for how
// long.
func (s *Site) wait(house int64, ip string, c Class) time.Duration {
	if s.c.RatesOff {
		return 0
	}
	return s.buckets.take(bucketKey{house: house, class: c, net: accounts.Network(ip)})
}

// bucketKey is a network, or an account wherever it comes from.
type bucketKey struct {
	house   int64
	class   Class
	net     netip.Prefix
	account int64
}

// bucket is a token bucket: left tokens at an instant, filling up evenly.
type bucket struct {
	left float64
	at   time.Time
}

// buckets lie in memory: a restart forgives everybody, and a second process
// counts for itself.
type buckets struct {
	mu    sync.Mutex
	now   func() time.Time
	rates map[Class]Rate
	by    map[bucketKey]bucket
}

// maxBuckets bounds the memory; at the bound the full ones are thrown out.
const maxBuckets = 100_000

func newBuckets(c Config) *buckets {
	b := &buckets{now: c.Now, rates: DefaultRates(), by: map[bucketKey]bucket{}}
	for class, rate := range c.Rates {
		b.rates[class] = rate
	}
	return b
}

// take spends one token; when there is none it tells how long to wait.
func (b *buckets) take(k bucketKey) time.Duration {
	rate := b.rates[k.class]
	if rate.Count <= 0 || rate.Per <= 0 {
		return 0
	}
	each := rate.Per / time.Duration(rate.Count) // time in which one token comes back
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	have, ok := b.by[k]
	if !ok {
		if len(b.by) >= maxBuckets {
			b.sweep(now)
		}
		have = bucket{float64(rate.Count), now}
	}
	have.left = min(float64(rate.Count), have.left+float64(now.Sub(have.at))/float64(each))
	have.at = now
	defer func() { b.by[k] = have }()
	if have.left < 1 {
		return time.Duration((1 - have.left) * float64(each))
	}
	have.left--
	return 0
}

func (b *buckets) sweep(now time.Time) {
	for k, have := range b.by {
		rate := b.rates[k.class]
		if now.Sub(have.at) >= rate.Per {
			delete(b.by, k)
		}
	}
	if len(b.by) >= maxBuckets { // a flood from as many addresses: begin anew
		clear(b.by)
	}
}
