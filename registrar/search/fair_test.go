package search

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/testkit"
)

// customer is somebody signed in; each has turns of their own.
func customer(n int) actor.Actor {
	return actor.Actor{House: 1, Account: int64(1000 + n), Person: int64(5000 + n), Lang: "zh"}
}

// served is whose names went out, command by command, to a registry that answers
// lists only when the gate is open.
type served struct {
	gate chan struct{}
	mu   sync.Mutex
	who  []string // of each command: what its names have before the hyphen, each once
}

func (s *served) idle(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	var who []string
	for _, n := range list {
		if w, _, _ := strings.Cut(n.U(), "-"); len(who) == 0 || who[len(who)-1] != w {
			who = append(who, w)
		}
	}
	s.mu.Lock()
	s.who = append(s.who, strings.Join(who, "+"))
	s.mu.Unlock()
	<-s.gate
	return all(registries.Free)(ctx, registry, list)
}

func (s *served) order() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.who...)
}

func many(who string, n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%s-%d.com", who, i))
	}
	return list
}

func begin(t testing.TB, r *Runs, who actor.Actor, list ...string) string {
	t.Helper()
	token, err := r.Start(context.Background(), who, entries(t, list...))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// inLine waits until so many searches stand in a queue, that which is being
// asked about included as long as it has names left.
func inLine(t testing.TB, l *line, queue, want int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		n := 0
		l.mu.Lock()
		for _, w := range l.queue[queue] {
			n += len(w.asks)
		}
		busy := l.asking[queue] > 0
		l.mu.Unlock()
		if n == want && busy {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d stand in the queue", n, want)
		}
	}
}

// alike says where one had more than another by more than the bound, as long as
// both had something left.
func alike(t testing.TB, order []string, a, b string, bound, until int) {
	t.Helper()
	count := map[string]int{}
	for i, who := range order {
		count[who]++
		if count[a] == until || count[b] == until {
			return
		}
		if lead := count[a] - count[b]; lead > bound || lead < -bound {
			t.Fatalf("after %d commands %s had %d and %s had %d: %v", i+1, a, count[a], b, count[b], order[:i+1])
		}
	}
}

// TestTwoListsOfThreeThousandAreServedAlike: neither is ever ahead of the other
// by more than two commands. One is that under way when the second list came, one
// the turn that the first had then, as it stood in the queue before. From there
// on they take turns, however long either takes to lay its answers down, since a
// list keeps its place in the queue until its last name has gone out.
func TestTwoListsOfThreeThousandAreServedAlike(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	s := &served{gate: make(chan struct{})}
	f := &Finder{DB: d, Checker: crowd{all(registries.Free), s.idle}}
	r := &Runs{DB: d, Finder: f}
	defer r.Close()
	size := min(MostNames, max(60, testkit.Size(t, 1000, MostNames)/20*20))
	first := begin(t, r, customer(1), many("first", size)...)
	second := begin(t, r, customer(2), many("second", size)...)
	inLine(t, f.line("verisign"), long, 2)
	close(s.gate)
	for _, token := range []string{first, second} {
		for name, state := range states(await(t, r, token)) {
			if state != Available {
				t.Fatalf("%s is %s", name, state)
			}
		}
	}
	order := s.order()
	if len(order) != 2*size/20 {
		t.Fatalf("%d commands for %d names of 20 each", len(order), 2*size)
	}
	alike(t, order, "first", "second", 2, size/20)
	switches := 0
	for i := 3; i < len(order); i++ {
		if order[i] != order[i-1] {
			switches++
		}
	}
	if switches < len(order)-5 { // strictly one, then the other, until one is done
		t.Errorf("%d of %d commands changed to the other list: %v", switches, len(order), order)
	}
}

// TestASingleSearchOvertakesAListUnderWay: of a list of 3,000 that is being asked
// about no further command has to end before a single name is answered, not even
// the one that is out; of what the registry's pool adds to that see
// TestACheckOvertakesAListUnderWay of protocols/epp.
func TestASingleSearchOvertakesAListUnderWay(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	s := &served{gate: make(chan struct{})}
	f := &Finder{DB: d, Budget: time.Minute, Checker: crowd{all(registries.Free), s.idle}}
	r := &Runs{DB: d, Finder: f}
	defer r.Close()
	token := begin(t, r, customer(1), many("list", min(MostNames, max(200, testkit.Size(t, 1000, MostNames))))...)
	for n := range 5 { // and again in the midst of it
		for end := time.Now().Add(time.Minute); len(s.order()) == n && time.Now().Before(end); time.Sleep(time.Millisecond) {
		}
		before := len(s.order())
		if a := find(t, f, "single.com")["com"]; a.State != Available {
			t.Fatalf("a single name is %s while a list is asked about", a.State)
		}
		if now := len(s.order()); now != before {
			t.Fatalf("the list had %d commands meanwhile", now-before)
		}
		if before != n+1 {
			t.Fatalf("%d commands of the list are out, want %d", before, n+1)
		}
		s.gate <- struct{}{}
	}
	close(s.gate)
	await(t, r, token)
}

// TestAHundredListsStarveNobody: with a list of each of a hundred visitors in the
// queue a single search is answered at once, and the hundred have turns alike.
func TestAHundredListsStarveNobody(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	const visitors, commands = 100, 3
	s := &served{gate: make(chan struct{})}
	f := &Finder{DB: d, Budget: time.Minute, Checker: crowd{all(registries.Free), s.idle}}
	r := &Runs{DB: d, Finder: f, Save: time.Hour}
	defer r.Close()
	var tokens []string
	for i := range visitors {
		tokens = append(tokens, begin(t, r, customer(i), many(fmt.Sprintf("v%d", i), 20*commands)...))
	}
	inLine(t, f.line("verisign"), long, visitors)
	if a := find(t, f, "single.com")["com"]; a.State != Available {
		t.Errorf("a single name is %s while a hundred lists wait", a.State)
	}
	close(s.gate)
	for _, token := range tokens {
		await(t, r, token)
	}
	order := s.order()
	if len(order) != visitors*commands {
		t.Fatalf("%d commands", len(order))
	}
	had := map[string]int{}
	for i, who := range order {
		had[who]++
		for v := range visitors { // nobody has a third turn before all had one
			if n := had[fmt.Sprintf("v%d", v)]; had[who] > n+2 {
				t.Fatalf("after %d commands %s had %d and v%d had %d", i+1, who, had[who], v, n)
			}
		}
	}
}

// TestAVisitorWithManyListsHasNoMoreThanOneWithOne: turns go by visitor. Nor may
// they take all the places there are.
func TestAVisitorWithManyListsHasNoMoreThanOneWithOne(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	const commands = 10
	s := &served{gate: make(chan struct{})}
	f := &Finder{DB: d, Checker: crowd{all(registries.Free), s.idle}}
	r := &Runs{DB: d, Finder: f}
	defer r.Close()
	var tokens []string
	greedy := actor.Actor{House: 1, IP: "2001:db8:1:2::7", Lang: "zh"}
	for i := range mostEach {
		greedy.IP = fmt.Sprintf("2001:db8:1:2::%d", i+1) // from one network all the same
		var list []string
		for n := range 20 * commands {
			list = append(list, fmt.Sprintf("greedy-%d-%d.com", i, n))
		}
		tokens = append(tokens, begin(t, r, greedy, list...))
	}
	_, err := r.Start(context.Background(), greedy, entries(t, "one-more.com"))
	if p, ok := problem.As(err); !ok || p.ID != "searching.too_many_lists" || p.RetrySeconds == 0 {
		t.Errorf("one list more: %v", err)
	}
	modest := actor.Actor{House: 1, IP: "2001:db8:1:3::1", Lang: "zh"}
	tokens = append(tokens, begin(t, r, modest, many("modest", 20*commands)...))
	inLine(t, f.line("verisign"), long, mostEach+1)
	close(s.gate)
	for _, token := range tokens {
		await(t, r, token)
	}
	order := s.order()
	if len(order) != commands*(mostEach+1) {
		t.Fatalf("%d commands", len(order))
	}
	alike(t, order, "greedy", "modest", 2, commands)
}

// TestASearchHasItsTurnBehindAHundredOthers: whoever comes last, behind a hundred
// visitors with far more to ask, waits for one turn of each of them and not for
// all they ask; and who opens many searches at once delays them no more than who
// opens one.
func TestASearchHasItsTurnBehindAHundredOthers(t *testing.T) {
	const visitors, room = 100, 20
	for _, c := range []struct {
		what           string
		visitors, each int // searches of each
	}{{"a hundred visitors", visitors, 1}, {"one visitor with a hundred searches", 1, visitors}} {
		t.Run(c.what, func(t *testing.T) {
			gate := make(chan struct{})
			var mu sync.Mutex
			commands, at := 0, 0
			f := &Finder{PerRegistry: 1, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
				mu.Lock()
				commands++
				for _, n := range list {
					if n.U() == "single.com" {
						at = commands
					}
				}
				mu.Unlock()
				<-gate
				return all(registries.Free)(ctx, registry, list)
			})}
			l := f.line("verisign")
			var heardOf []<-chan []heard
			for v := range c.visitors {
				for i := range c.each {
					var list []names.Name
					for n := range 100 {
						list = append(list, names.MustParse(fmt.Sprintf("v%d-%d-%d.com", v, i, n)))
					}
					heardOf = append(heardOf, l.ask(context.Background(), visitorOf(customer(v)), quick, list))
				}
			}
			inLine(t, l, quick, c.visitors*c.each)
			said := l.ask(context.Background(), visitorOf(customer(visitors)), quick, []names.Name{names.MustParse("single.com")})
			close(gate)
			if part := <-said; len(part) != 1 || part[0].silent {
				t.Fatalf("the single search was told %+v", part)
			}
			for _, said := range heardOf {
				for n := 0; n < 100; {
					n += len(<-said)
				}
			}
			// The command under way, then a turn of each visitor, then its own.
			if most := 1 + (c.visitors*turn+1+room-1)/room; at > most {
				t.Errorf("it went out in command %d of %d, and should in command %d at the latest", at, commands, most)
			}
			if commands < visitors*100/room {
				t.Errorf("%d commands", commands)
			}
		})
	}
}

// TestANameThatARegistryLeavesOutIsNoSilence: it is asked about again and is
// unknown in the end; the registry's other names are answered.
func TestANameThatARegistryLeavesOutIsNoSilence(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	times := 0
	f := &Finder{DB: d, Checker: crowd{all(registries.Free), func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		out, err := all(registries.Free)(ctx, registry, list)
		for name := range out {
			if strings.HasPrefix(name, "odd-") {
				times++
				delete(out, name)
			}
		}
		return out, err
	}}}
	r := &Runs{DB: d, Finder: f, Pause: time.Hour} // nobody has to rest
	defer r.Close()
	got := states(await(t, r, begin(t, r, lin, append([]string{"odd-one.com"}, many("even", 200)...)...)))
	if got["odd-one.com"] != Unknown || got["even-0.com"] != Available || got["even-199.com"] != Available || times != 3 {
		t.Errorf("after %d questions: %s %s %s", times, got["odd-one.com"], got["even-0.com"], got["even-199.com"])
	}
}
