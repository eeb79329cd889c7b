package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yumen/cmd/faults/rig"
)

// mall is where the shoppers of a run act.
type mall struct {
	rig    *rig.Rig
	seed   uint64
	flow   string
	people []*shopper
	kept   *promises
	held   int           // kills while no commit went through
	within time.Duration // how long settling may take

	lostBefore int // answers that this start of the registry had lost before the round
}

// promises are what the portal acknowledged: it has to keep every one.
type promises struct {
	mu     sync.Mutex
	placed map[string]string // order -> the name it was placed for
	paid   map[string]bool   // orders that a 303 said were paid from the wallet
	lost   int

	answers atomic.Int64 // requests of people that were answered, whatever the answer
}

func newPromises() *promises {
	return &promises{placed: map[string]string{}, paid: map[string]bool{}}
}

func (p *promises) place(ref, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.placed[ref] = name
}

func (p *promises) pay(ref string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paid[ref] = true
}

func (p *promises) lostOne() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost++
}

func (p *promises) lostRequests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// shopper is a buyer with a will of their own.
type shopper struct {
	*rig.Buyer
	mall *mall
	dice *rand.Rand
	n    int // number within the mall
	made int // names so far
}

// furnish makes the people, and lets the registry of .招聘 decide soon by
// itself and the bank tell everything twice.
func (m *mall) furnish(ctx context.Context) error {
	buyers, err := m.rig.Buyers(ctx, shoppers, rig.Yuan(40_000))
	if err != nil {
		return err
	}
	for i, b := range buyers {
		m.people = append(m.people, &shopper{Buyer: b, mall: m, n: i})
	}
	auto := "150ms"
	if m.flow == "refund" {
		auto = "0s" // the harness decides, and rejects half of them
	}
	return m.rig.Tell(ctx, "/settings", map[string]any{"ending": "招聘", "auto_approve": auto, "callback_copies": 2})
}

// act goes on until ctx ends; what dies in between is found out and done again,
// as people do.
func (s *shopper) act(ctx context.Context, round, n int) {
	s.dice = rand.New(rand.NewPCG(s.mall.seed, uint64(1000*(round+1)+n))) // #nosec G404 G115 -- chance that a seed plays again; nothing is secret
	_ = s.again(ctx, func() error { _, err := s.TopUp(ctx, rig.Yuan(3000)); return err })
	for ctx.Err() == nil {
		switch s.mall.flow {
		case "topup":
			s.topUp(ctx)
		case "refund":
			s.regret(ctx)
		default:
			s.buy(ctx)
		}
	}
}

// endings of every kind of registry: thin, verify first, pending.
var endings = []string{"com", "com", "cn", "招聘"}

// name is one nobody has asked for yet; now and then one that others of this
// mall want as well.
func (s *shopper) name() string {
	s.made++
	ending := endings[s.dice.IntN(len(endings))]
	if s.dice.IntN(12) == 0 {
		return fmt.Sprintf("want%s-%d.%s", tag(s.mall.seed), s.made/3, ending)
	}
	return fmt.Sprintf("f%s-%d-%d.%s", tag(s.mall.seed), s.n, s.made, ending)
}

func tag(seed uint64) string { return rig.Itoa(int(seed % 46656)) } // #nosec G115 -- below 46656

// again repeats a step until it is answered; a step that lost its answer is
// repeated as it is.
func (s *shopper) again(ctx context.Context, step func() error) error {
	for {
		err := step()
		if err == nil || !rig.Lost(err) {
			s.mall.kept.answers.Add(1)
			return err
		}
		s.mall.kept.lostOne()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond): // the portal is dead and about to come back
		}
	}
}

// place orders a name. When the answer is lost it looks whether there is an
// order before it asks again.
func (s *shopper) place(ctx context.Context, name string, toWallet bool) (ref string, err error) {
	if err := s.again(ctx, func() error { return s.Put(ctx, name) }); err != nil {
		return "", err
	}
	err = s.again(ctx, func() (err error) {
		if toWallet {
			ref, err = s.PlaceToWallet(ctx)
		} else {
			ref, err = s.Place(ctx)
		}
		return err
	})
	if rig.Refused(err) {
		// The cart is empty because the order stands, or the name cannot be had.
		if ref, ok := s.find(ctx, name); ok {
			return ref, nil
		}
		_ = s.again(ctx, func() error { return s.Clear(ctx, name) })
	}
	if err == nil {
		s.mall.kept.place(ref, name)
	}
	return ref, err
}

var orderLink = regexp.MustCompile(`href="/orders/([A-Z0-9]{4}-[A-Z0-9]{4})"`)

// find looks for the order of a name among the buyer's newest.
func (s *shopper) find(ctx context.Context, name string) (string, bool) {
	var page []byte
	if err := s.again(ctx, func() (err error) { page, err = s.See(ctx, "/orders"); return err }); err != nil {
		return "", false
	}
	for _, m := range orderLink.FindAllSubmatch(page, 6) {
		ref := string(m[1])
		var one []byte
		if err := s.again(ctx, func() (err error) { one, err = s.See(ctx, "/orders/"+ref); return err }); err != nil {
			return "", false
		}
		if strings.Contains(string(one), name) {
			return ref, true
		}
	}
	return "", false
}

// wallet pays an order from the wallet. A repeated press after a lost answer is
// refused when the first one was taken.
func (s *shopper) wallet(ctx context.Context, ref string) error {
	err := s.again(ctx, func() error { return s.PayByWallet(ctx, ref) })
	if err == nil {
		s.mall.kept.pay(ref)
	}
	return err
}

// twice presses Pay in two tabs at once.
func (s *shopper) twice(ctx context.Context, ref string) {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _ = s.wallet(ctx, ref) })
	}
	wg.Wait()
}

// cashier pays at the bank, which pays at once.
func (s *shopper) cashier(ctx context.Context, ref string) (number string, err error) {
	err = s.again(ctx, func() (err error) { number, err = s.PayAtCashier(ctx, ref); return err })
	return number, err
}

// watch looks at an order until it has come to its end, or to where somebody
// else has to decide.
func (s *shopper) watch(ctx context.Context, ref string) {
	for pause := 10 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 100*time.Millisecond) {
		page, err := s.See(ctx, "/orders/"+ref)
		if err == nil {
			s.mall.kept.answers.Add(1)
		}
		if err == nil && !strings.Contains(string(page), `http-equiv="refresh"`) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// buy is the flow register: one name from the cart to the holder.
func (s *shopper) buy(ctx context.Context) {
	ref, err := s.place(ctx, s.name(), s.dice.IntN(4) == 0)
	if err != nil {
		return
	}
	switch s.dice.IntN(8) {
	case 0, 1, 2:
		_, err = s.cashier(ctx, ref)
	case 3:
		s.twice(ctx, ref)
	default:
		err = s.wallet(ctx, ref)
	}
	if err == nil {
		s.watch(ctx, ref)
	}
}

// topUp is the flow topup: money into the wallet, told twice, and sometimes
// repeated by the bank.
func (s *shopper) topUp(ctx context.Context) {
	var number string
	err := s.again(ctx, func() (err error) { number, err = s.TopUp(ctx, 100+s.dice.Int64N(9_900)); return err })
	if err == nil && s.dice.IntN(3) == 0 {
		_ = s.mall.rig.BankRepeats(ctx, number, 2) // the bank may be dead, or have nothing to repeat yet
	}
}

// regret is the flow refund: ways in which money has to come back.
func (s *shopper) regret(ctx context.Context) {
	name, toWallet := s.name(), s.dice.IntN(3) == 0
	switch s.dice.IntN(5) {
	case 0: // somebody else is first
		_ = s.mall.rig.RivalTakes(ctx, name)
		s.spend(ctx, name, toWallet)
	case 1: // the registry rejects, or approves, a pending application
		name = name[:strings.LastIndexByte(name, '.')] + ".招聘"
		s.spend(ctx, name, toWallet)
		_ = s.mall.rig.Decide(ctx, name, s.dice.IntN(2) == 0)
	case 2: // paid twice: at the bank and from the wallet
		ref, err := s.place(ctx, name, toWallet)
		if err != nil {
			return
		}
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = s.cashier(ctx, ref) })
		_ = s.wallet(ctx, ref)
		wg.Wait()
	case 3: // cancelled while the money is on its way, in two tabs
		ref, err := s.place(ctx, name, toWallet)
		if err != nil {
			return
		}
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = s.cashier(ctx, ref) })
		for range 2 {
			wg.Go(func() { _ = s.again(ctx, func() error { return s.Cancel(ctx, ref) }) })
		}
		wg.Wait()
	default:
		s.buy(ctx)
	}
}

func (s *shopper) spend(ctx context.Context, name string, toWallet bool) {
	ref, err := s.place(ctx, name, toWallet)
	if err != nil {
		return
	}
	if s.dice.IntN(2) == 0 {
		_, _ = s.cashier(ctx, ref)
	} else {
		_ = s.wallet(ctx, ref)
	}
}
