package jobs

import "context"

// Turns waits until the queue has looked for work of a kind with one worker
// twice, from beginning to end, and whatever it began has ended. It says no when
// ctx ended first. A call is taken only when the one before was heard, and none
// is heard while the worker is busy: the third is taken after two whole turns.
func (q *Queue) Turns(ctx context.Context, name string) bool {
	for range 3 {
		select {
		case q.kinds[name].wake <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
