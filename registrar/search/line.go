package search

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// line is the queue before one registry. What several people ask at the same
// time goes out in common, as many names to a command as the registry takes:
// two hundred visitors cost it ten questions and not two hundred.
//
// Turns go by visitor, and a visitor's own by search: everyone has one before
// anyone has a second, and who asks for ten things at once has no more than who
// asks for one. Whatever is to be asked stands in the queue whole, with its
// place kept while a part of it is under way; so nobody misses a turn because
// they were slow to come back, and whoever has just come waits for one turn of
// each visitor before them, however much those have left.
//
// Long lists stand in a queue of their own. One question of them is under way
// at a time, and the registry's pool lets it pass only while nothing else
// waits.
type line struct {
	f        *Finder
	registry string

	mu     sync.Mutex // guards what follows
	queue  [2][]*waiting
	asking [2]int // commands under way
}

// The queues of a line.
const (
	quick = iota // somebody looks at the screen
	long         // a list that may take its time
)

// turn is how many names of one search go out before the next one's. A list has
// a whole command.
const turn = 4

// visitor is an account, or for those who did not sign in the network they come
// from, as rates know them. It is kept in memory while something is asked for
// them, and nowhere else.
type visitor struct {
	account int64
	net     netip.Prefix
}

func visitorOf(who actor.Actor) visitor {
	if who.Account != 0 {
		return visitor{account: who.Account}
	}
	return visitor{net: accounts.Network(who.IP)}
}

// waiting is what one visitor has in a queue; what has the next turn comes first.
type waiting struct {
	who  visitor
	asks []*asking
}

// asking is what one search wants to know of one registry.
type asking struct {
	ctx  context.Context
	who  visitor
	left []names.Name
	said chan<- []heard
}

// heard is what came of one name; silent when nothing did.
type heard struct {
	name   names.Name
	answer registries.Availability
	silent bool
	asked  bool  // a question went out, or was tried; false when the asker had left before
	err    error // why nothing came; nil when the registry left the name out
}

// ask puts names into a queue. Answers come by command, and the channel has room
// for all, so that nobody who answers waits for a reader; each name is answered
// once, at the latest when ctx has ended or, when it had been asked by then, with
// its command.
func (l *line) ask(ctx context.Context, who visitor, queue int, list []names.Name) <-chan []heard {
	said := make(chan []heard, len(list))
	a := &asking{ctx: ctx, who: who, left: slices.Clone(list), said: said}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.IndexFunc(l.queue[queue], func(w *waiting) bool { return w.who == who }); i >= 0 {
		l.queue[queue][i].asks = append(l.queue[queue][i].asks, a)
	} else {
		l.queue[queue] = append(l.queue[queue], &waiting{who, []*asking{a}})
	}
	if l.asking[queue] < l.places(queue) {
		l.asking[queue]++
		go l.work(queue)
	}
	context.AfterFunc(ctx, func() { l.leave(queue, a) })
	return said
}

func (l *line) places(queue int) int {
	if queue == long {
		return 1
	}
	if l.f.PerRegistry > 0 {
		return l.f.PerRegistry
	}
	return 2
}

// leave answers what has not been asked when its asker's time is up.
func (l *line) leave(queue int, a *asking) {
	l.mu.Lock()
	l.queue[queue] = slices.DeleteFunc(l.queue[queue], func(w *waiting) bool {
		w.asks = slices.DeleteFunc(w.asks, func(x *asking) bool { return x == a })
		return len(w.asks) == 0
	})
	left := a.left
	a.left = nil
	l.mu.Unlock()
	if len(left) == 0 {
		return
	}
	part := make([]heard, len(left))
	for i, n := range left {
		part[i] = heard{name: n, silent: true, err: context.Cause(a.ctx)}
	}
	a.said <- part
}

// work asks until the queue is empty.
func (l *line) work(queue int) {
	for {
		list, who := l.next(queue)
		if len(list) == 0 {
			return
		}
		// Nobody's own time: who leaves must not take the others' answers along. A
		// check has the registry's deadline; one for lists waits for its gap, and is
		// turned away when there is no registry to wait for.
		ask := l.f.Checker.Check
		if queue == long {
			ask = l.f.Checker.CheckIdle
		}
		answers, err := ask(context.Background(), l.registry, list)
		parts := map[*asking][]heard{}
		for _, n := range list {
			answer, ok := answers[n.A()]
			for _, a := range who[n] {
				parts[a] = append(parts[a], heard{n, answer, !ok, true, err})
			}
		}
		for a, part := range parts {
			a.said <- part
		}
	}
}

// next takes the names of the next command, in turns, and those who want to
// know each. With nothing to do it gives up the place.
func (l *line) next(queue int) ([]names.Name, map[names.Name][]*asking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room, each := max(1, l.f.Checker.NamesPerCheck(l.registry)), turn
	if queue == long {
		each = room
	}
	var list []names.Name
	asked := map[names.Name][]*asking{}
	for len(l.queue[queue]) > 0 && len(list) < room {
		w := l.queue[queue][0]
		l.queue[queue] = l.queue[queue][1:]
		a := w.asks[0]
		w.asks = w.asks[1:]
		for n := 0; n < each && len(a.left) > 0 && len(list) < room; n++ {
			name := a.left[0]
			a.left = a.left[1:]
			if asked[name] == nil {
				list = append(list, name)
			}
			asked[name] = append(asked[name], a)
		}
		if len(a.left) > 0 {
			w.asks = append(w.asks, a)
		}
		if len(w.asks) > 0 {
			l.queue[queue] = append(l.queue[queue], w)
		}
	}
	if len(list) == 0 {
		l.asking[queue]--
	}
	return list, asked
}

// line is the queue before a registry.
func (f *Finder) line(registry string) *line {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lines == nil {
		f.lines = map[string]*line{}
	}
	l := f.lines[registry]
	if l == nil {
		l = &line{f: f, registry: registry}
		f.lines[registry] = l
	}
	return l
}
