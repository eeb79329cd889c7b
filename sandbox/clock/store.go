package clock

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"yumen/sandbox/state"
)

// load reads what an earlier life of the clock stored.
func load(f *state.File) (offset time.Duration, seq int64, err error) {
	err = f.Write(context.Background(), func(tx *sql.Tx) error {
		for key, to := range map[string]*int64{"offset_ns": (*int64)(&offset), "seq": &seq} {
			v, err := state.Setting(tx, key)
			if err != nil {
				return err
			}
			if v == "" {
				continue
			}
			if *to, err = strconv.ParseInt(v, 10, 64); err != nil {
				return fmt.Errorf("read the clock's %s: %w", key, err)
			}
		}
		return nil
	})
	return offset, seq, err
}

func save(ctx context.Context, f *state.File, offset time.Duration, seq int64) error {
	return f.Write(ctx, func(tx *sql.Tx) error {
		if err := state.Keep(tx, "offset_ns", strconv.FormatInt(int64(offset), 10)); err != nil {
			return err
		}
		return state.Keep(tx, "seq", strconv.FormatInt(seq, 10))
	})
}
