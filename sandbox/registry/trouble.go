package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
	"yumen/sandbox/state"
)

// Trouble is what goes wrong with commands for one ending. Rates lie between 0
// and 1. Package sandbox says what each does.
type Trouble struct {
	Ending      string          `json:"ending"`
	Commands    []string        `json:"commands,omitempty"` // "domain:create"; none means all
	LoseAnswers float64         `json:"lose_answers,omitempty"`
	Drop        float64         `json:"drop,omitempty"`
	Delay       answer.Duration `json:"delay,omitempty"`
	Cut         float64         `json:"cut,omitempty"`
	Duplicate   float64         `json:"duplicate,omitempty"`
	WrongClTRID float64         `json:"wrong_cltrid,omitempty"`
	Garbage     float64         `json:"garbage,omitempty"`
	Trickle     float64         `json:"trickle,omitempty"`
	Result      *Forced         `json:"result,omitempty"`
	Down        answer.Duration `json:"down,omitempty"`
	DownUntil   *answer.Time    `json:"down_until,omitempty"` // set by the sandbox
}

// Forced is a result given without executing the command.
type Forced struct {
	Code int     `json:"code"`
	Rate float64 `json:"rate"`
}

func (t *Trouble) check() error {
	for _, rate := range []float64{t.LoseAnswers, t.Drop, t.Cut, t.Duplicate, t.WrongClTRID, t.Garbage, t.Trickle} {
		if rate < 0 || rate > 1 {
			return answer.Bad("rates lie between 0 and 1")
		}
	}
	if t.Result != nil && (t.Result.Code < 2000 || t.Result.Code > 2502 || t.Result.Rate < 0 || t.Result.Rate > 1) {
		return answer.Bad("result is a code from 2000 to 2502 and a rate between 0 and 1")
	}
	return nil
}

func (t *Trouble) empty() bool {
	return t.LoseAnswers == 0 && t.Drop == 0 && t.Delay == 0 && t.Cut == 0 && t.Duplicate == 0 && t.WrongClTRID == 0 &&
		t.Garbage == 0 && t.Trickle == 0 && t.Result == nil && t.DownUntil == nil
}

// troubles are all that are set, and the dice.
type troubles struct {
	mu   sync.Mutex
	set  map[string]Trouble // by A-label; "" is everything
	seed int64
	dice *rand.Rand
}

func (t *troubles) begin(kept string, seed int64) error {
	t.set = map[string]Trouble{}
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.throw(seed)
	if kept == "" {
		return nil
	}
	return json.Unmarshal([]byte(kept), &t.set)
}

func (t *troubles) throw(seed int64) {
	t.seed, t.dice = seed, rand.New(rand.NewPCG(uint64(seed), 0)) // #nosec G404 G115 -- chance that a seed of any bits plays again; nothing is secret
}

// fate is what happens to one command.
type fate struct {
	drop   bool     // before it is executed
	result epp.Code // instead of executing it
	answer epp.Trouble
	lost   bool
}

// cast decides the fate of a command for the endings it touches.
func (t *troubles) cast(endings []string, command string, now time.Time) fate {
	t.mu.Lock()
	defer t.mu.Unlock()
	var f fate
	seen := map[string]bool{}
	for _, e := range append(endings, "") {
		x, ok := t.set[e]
		if !ok || seen[e] {
			continue
		}
		seen[e] = true
		if x.DownUntil != nil && now.Before(time.Time(*x.DownUntil)) {
			f.drop = true
			continue
		}
		if len(x.Commands) > 0 && !has(x.Commands, command) {
			continue
		}
		hit := func(rate float64) bool { return rate > 0 && t.dice.Float64() < rate }
		f.drop = f.drop || hit(x.Drop)
		if x.Result != nil && hit(x.Result.Rate) {
			f.result = epp.Code(x.Result.Code)
		}
		f.lost = f.lost || hit(x.LoseAnswers)
		f.answer.Delay = max(f.answer.Delay, time.Duration(x.Delay))
		f.answer.Cut = f.answer.Cut || hit(x.Cut)
		f.answer.Duplicate = f.answer.Duplicate || hit(x.Duplicate)
		if hit(x.WrongClTRID) {
			f.answer.ClTRID = "another-transaction"
		}
		if hit(x.Garbage) {
			f.answer.Raw = []byte(`<?xml version="1.0" encoding="UTF-8"?><epp><response><res`)
		}
		if hit(x.Trickle) {
			f.answer.Trickle = 50 * time.Millisecond
		}
	}
	return f
}

// down says whether nobody is let in.
func (t *troubles) down(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.set[""]
	return ok && x.DownUntil != nil && now.Before(time.Time(*x.DownUntil))
}

type door struct {
	net.Listener
	shut func() bool
}

func (d door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || !d.shut() {
			return c, err
		}
		_ = c.Close()
	}
}

func (t *troubles) listener(l net.Listener, c *clock.Clock) net.Listener {
	return door{l, func() bool { return t.down(c.Now()) }}
}

// MakeTrouble sets what goes wrong for an ending, in place of what was set; a
// seed throws the dice anew.
func (r *Registry) MakeTrouble(ctx context.Context, x Trouble, seed int64) error {
	if err := x.check(); err != nil {
		return err
	}
	if x.Ending != "" {
		p := policyFor(x.Ending)
		if p == nil {
			return answer.NotFound("no such ending: %s", x.Ending)
		}
		x.Ending = p.Ending
	}
	x.DownUntil = nil
	if x.Down > 0 {
		x.DownUntil = new(answer.Time(r.clock.Now().Add(time.Duration(x.Down))))
		x.Down = 0
	}
	t := &r.troubles
	t.mu.Lock()
	if seed != 0 {
		t.throw(seed)
	}
	if x.empty() {
		delete(t.set, x.Ending)
	} else {
		t.set[x.Ending] = x
	}
	t.mu.Unlock()
	return r.keepTrouble(ctx)
}

// Troubles are all that are set, by ending, and the seed of the dice.
func (r *Registry) Troubles() (seed int64, list []Trouble) {
	t := &r.troubles
	t.mu.Lock()
	defer t.mu.Unlock()
	list = []Trouble{}
	for _, ending := range slices.Sorted(maps.Keys(t.set)) {
		list = append(list, t.set[ending])
	}
	return t.seed, list
}

// Heal ends all trouble.
func (r *Registry) Heal(ctx context.Context) error {
	r.troubles.mu.Lock()
	clear(r.troubles.set)
	r.troubles.mu.Unlock()
	return r.keepTrouble(ctx)
}

func (r *Registry) keepTrouble(ctx context.Context) error {
	r.troubles.mu.Lock()
	kept, err := json.Marshal(r.troubles.set)
	r.troubles.mu.Unlock()
	if err != nil {
		return err
	}
	return r.file.Write(ctx, func(tx *sql.Tx) error { return state.Keep(tx, "trouble", string(kept)) })
}
