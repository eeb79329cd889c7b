package search

import (
	"context"
	"slices"
	"sync"

	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// line is the queue before one registry. What several people ask at the same
// time goes out in common, as many names to a command as the registry takes:
// two hundred visitors cost it ten questions and not two hundred. Everyone has
// a turn of a few names before anyone has a second one.
//
// Long lists stand in a queue of their own. One question of them is under way
// at a time, and the registry's pool lets it pass only while nothing else
// waits.
type line struct {
	f        *Finder
	registry string

	mu     sync.Mutex // guards what follows
	queue  [2][]*asking
	asking [2]int // commands under way
}

// The queues of a line.
const (
	quick = iota // somebody looks at the screen
	long         // a list that may take its time
)

// turn is how many names of one search go out before the next one's.
const turn = 4

// asking is what one search wants to know of one registry.
type asking struct {
	ctx  context.Context
	left []names.Name
	said chan<- heard
}

// heard is what came of one name; silent when nothing did.
type heard struct {
	name   names.Name
	answer registries.Availability
	silent bool
	err    error // why nothing came; nil when the asker had left or the registry left the name out
}

// ask puts names into a queue. The channel has room for every answer, so that
// nobody who answers waits for a reader; each name is answered once, at the
// latest when ctx has ended.
func (l *line) ask(ctx context.Context, queue int, list []names.Name) <-chan heard {
	said := make(chan heard, len(list))
	a := &asking{ctx: ctx, left: slices.Clone(list), said: said}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue[queue] = append(l.queue[queue], a)
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
	l.queue[queue] = slices.DeleteFunc(l.queue[queue], func(x *asking) bool { return x == a })
	left := a.left
	a.left = nil
	l.mu.Unlock()
	for _, n := range left {
		a.said <- heard{name: n, silent: true, err: context.Cause(a.ctx)}
	}
}

// work asks until the queue is empty.
func (l *line) work(queue int) {
	for {
		list, who := l.next(queue)
		if len(list) == 0 {
			return
		}
		// Nobody's own time: who leaves must not take the others' answers along.
		// The registry's deadline for a check bounds it.
		ask := l.f.Checker.Check
		if queue == long {
			ask = l.f.Checker.CheckIdle
		}
		answers, err := ask(context.Background(), l.registry, list)
		for _, n := range list {
			answer, ok := answers[n.A()]
			for _, a := range who[n] {
				a.said <- heard{n, answer, !ok, err}
			}
		}
	}
}

// next takes the names of the next command, in turns, and those who want to
// know each. With nothing to do it gives up the place.
func (l *line) next(queue int) ([]names.Name, map[names.Name][]*asking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room, each := max(1, l.f.Checker.NamesPerCheck(l.registry)), turn
	if queue == long { // a whole command of one list, then of the next
		each = room
	}
	var list []names.Name
	who := map[names.Name][]*asking{}
	for len(l.queue[queue]) > 0 && len(list) < room {
		a := l.queue[queue][0]
		l.queue[queue] = l.queue[queue][1:]
		for n := 0; n < each && len(a.left) > 0 && len(list) < room; n++ {
			name := a.left[0]
			a.left = a.left[1:]
			if who[name] == nil {
				list = append(list, name)
			}
			who[name] = append(who[name], a)
		}
		if len(a.left) > 0 {
			l.queue[queue] = append(l.queue[queue], a)
		}
	}
	if len(list) == 0 {
		l.asking[queue]--
	}
	return list, who
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
