package backups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"yumen/registrar/seal"
)

const drillPrefix = ".drill-"

// Drill brings a backup back into a folder aside, reads it as Restore does and
// takes the folder away again. Every paper is read and compared with its sum;
// only those of the sample are written and opened. aside is where the folder is
// made: beside the live data, which have the same need to be kept.
func Drill(ctx context.Context, s Set, aside string, keys *seal.Keys, sample int, now func() time.Time) (r Report, err error) {
	scratch, err := os.MkdirTemp(aside, drillPrefix)
	if err != nil {
		return r, fmt.Errorf("backups: drill: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	return Restore(ctx, s, Target{Data: filepath.Join(scratch, "data"), Database: filepath.Join(scratch, "data", "yumen.db"),
		Papers: filepath.Join(scratch, "data", "documents"), Keys: keys, Now: now, Sample: sample, partial: true})
}
