package epp

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestNoMinuteHasMoreCommandsThanAllowed(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 100, 600} {
		seed := rand.Uint64()
		rnd := rand.New(rand.NewPCG(seed, 0))
		now := time.Unix(1_800_000_000, 0)
		b := newBucket(limit, now)
		var sent []time.Time
		for end := now.Add(10 * time.Minute); now.Before(end); now = now.Add(time.Duration(rnd.Int64N(int64(time.Second)))) {
			for range rnd.IntN(10) {
				if kind := Kind(rnd.IntN(3)); b.wait(now, kind) == 0 {
					b.take(now, kind)
					sent = append(sent, now)
				}
			}
		}
		if len(sent) == 0 {
			t.Errorf("limit %d: nothing was sent", limit)
		}
		for i := limit; i < len(sent); i++ {
			if sent[i].Sub(sent[i-limit]) < time.Minute {
				t.Fatalf("limit %d, seed %d: %d commands in less than a minute", limit, seed, limit+1)
			}
		}
	}
}

func TestSearchesLeaveTokensForOrders(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	b := newBucket(100, now)
	spend := func(kind Kind) (n int) {
		for ; b.wait(now, kind) == 0; n++ {
			b.take(now, kind)
		}
		return n
	}
	idle, checks, queries, transforms := spend(KindIdle), spend(KindCheck), spend(KindQuery), spend(KindTransform)
	if idle != 8 || checks != 4 || queries != 4 || transforms != 4 {
		t.Errorf("of 20: idle %d, checks %d, queries %d, transforms %d", idle, checks, queries, transforms)
	}
	if d := b.wait(now, KindTransform); d <= 0 || b.wait(now.Add(d), KindTransform) != 0 {
		t.Errorf("the wait of %v is not enough", d)
	}
}

// TestABacklogOfOrdersLeavesTurnsForQuestions: while orders take all they get, a
// check and a query each have one command in ten of theirs, and never more.
func TestABacklogOfOrdersLeavesTurnsForQuestions(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	b := newBucket(100, now)
	var went [3]int
	for end := now.Add(time.Hour); now.Before(end); now = now.Add(100 * time.Millisecond) {
		for _, kind := range []Kind{KindCheck, KindQuery, KindTransform} { // whoever may goes; the pool lets a turn go first
			if b.wait(now, kind) == 0 {
				b.take(now, kind)
				went[kind]++
			}
		}
	}
	for _, kind := range []Kind{KindCheck, KindQuery} {
		if n := went[KindTransform] / turn; went[kind] < n-2 || went[kind] > n+20 { // and what the full bucket gave at first
			t.Errorf("%d transforms, %d of kind %d", went[KindTransform], went[kind], kind)
		}
	}
	if all := went[0] + went[1] + went[2]; all < 4700 || went[KindTransform] < all*3/4 {
		t.Errorf("of the hour's commands: %v", went)
	}
}

func TestPausesDoubleUpToALimit(t *testing.T) {
	for i, want := range []time.Duration{1, 2, 4, 8, 10, 10} {
		for range 50 {
			if d := backoff(time.Second, 10*time.Second, i+1); d < want*time.Second/2 || d > want*time.Second {
				t.Errorf("failure %d: %v", i+1, d)
			}
		}
	}
}
