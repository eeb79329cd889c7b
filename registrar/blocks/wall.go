package blocks

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"yumen/db"
)

// Fresh is how long what is in memory counts as right without asking the
// database whether another process has changed it.
const Fresh = time.Second

// wall is the standing blocks of a house laid out for looking up: a list of tens
// of thousands costs one look for each length of network in it.
type wall struct {
	version int64
	edits   int64
	checked time.Time

	nets     map[netip.Prefix]Block
	bits     []int // lengths that occur, of IPv4 and IPv6 networks
	accounts map[int64]Block
}

func (w *wall) add(b Block) {
	if b.Kind == Account {
		if had, ok := w.accounts[b.Account]; !ok || had.Until.Before(b.Until) {
			w.accounts[b.Account] = b
		}
		return
	}
	had, ok := w.nets[b.Network]
	if ok && !had.Until.Before(b.Until) {
		return
	}
	w.nets[b.Network] = b
	for _, n := range w.bits {
		if n == b.Network.Bits() {
			return
		}
	}
	w.bits = append(w.bits, b.Network.Bits())
}

func (w *wall) against(ip string, account int64, now time.Time) (Block, bool) {
	if b, ok := w.accounts[account]; ok && account != 0 && b.Stands(now) {
		return b, true
	}
	if len(w.bits) == 0 {
		return Block{}, false
	}
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return Block{}, false
	}
	a = a.Unmap().WithZone("")
	for _, n := range w.bits {
		p, err := a.Prefix(n)
		if err != nil {
			continue // longer than this kind of address is
		}
		if b, ok := w.nets[p]; ok && b.Stands(now) {
			return b, true
		}
	}
	return Block{}, false
}

// walls lie with the database.
type walls struct {
	edits atomic.Int64 // by this process, committed
	mu    sync.RWMutex
	by    map[int64]*wall // by house
}

type wallsKey struct{}

func wallsOf(d *db.DB) *walls {
	return db.Memory(d, wallsKey{}, func() *walls { return &walls{by: map[int64]*wall{}} })
}

// Against finds the block that keeps an address or an account (0: nobody signed
// in) out of a house. When the database cannot be asked, what was known last
// counts.
func Against(ctx context.Context, d *db.DB, house int64, ip string, account int64) (Block, bool, error) {
	k := wallsOf(d)
	now, edits := d.Now(), k.edits.Load() // before reading: an edit meanwhile makes what was read old
	k.mu.RLock()
	had := k.by[house]
	k.mu.RUnlock()
	if had != nil && had.edits == edits && now.Before(had.checked.Add(Fresh)) && !now.Before(had.checked) {
		b, ok := had.against(ip, account, now)
		return b, ok, nil
	}
	var fresh *wall
	err := d.Read(ctx, func(tx *db.Tx) error {
		version, err := versionOf(tx, house)
		if err != nil {
			return err
		}
		if had != nil && had.version == version {
			same := *had
			fresh = &same
			return nil
		}
		fresh = &wall{version: version, nets: map[netip.Prefix]Block{}, accounts: map[int64]Block{}}
		all, err := standing(tx, house)
		for _, b := range all {
			fresh.add(b)
		}
		return err
	})
	if err != nil {
		if had == nil {
			return Block{}, false, err
		}
		b, ok := had.against(ip, account, now)
		return b, ok, err
	}
	fresh.edits, fresh.checked = edits, now
	k.mu.Lock()
	k.by[house] = fresh
	k.mu.Unlock()
	b, ok := fresh.against(ip, account, now)
	return b, ok, nil
}
