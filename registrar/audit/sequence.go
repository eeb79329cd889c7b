package audit

import (
	"context"
	"fmt"

	"yumen/db"
	"yumen/registrar/seal"
)

// batchSize bounds one writing transaction of the sequencer.
const batchSize = 500

// Sequence numbers, chains and signs what was recorded since the last run. It
// is the only writer of the chain; two runs at once are harmless, because the
// number of a row is unique and the later one begins again.
func Sequence(ctx context.Context, d *db.DB) error {
	for {
		n := 0
		err := d.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = sequence(tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("audit: sequence: %w", err)
		}
		if n < batchSize {
			return nil
		}
	}
}

func sequence(tx *db.Tx) (int, error) {
	waiting, err := findWaiting(tx, batchSize)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	seq, prev, err := tip(tx)
	if err != nil {
		return 0, err
	}
	b := batch{First: seq + 1}
	for _, e := range waiting {
		seq++
		e.Seq, e.Prev = seq, prev
		e.Hash = link(prev, e)
		if err := chain(tx, e); err != nil {
			return 0, err
		}
		prev = e.Hash
	}
	b.Last, b.Hash, b.At = seq, prev, tx.Now
	b.KeyID, b.Signature = seal.From(tx).Sign(statement(b))
	return len(waiting), insertBatch(tx, b)
}
