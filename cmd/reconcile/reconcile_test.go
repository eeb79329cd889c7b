package main

import (
	"testing"
)

func TestWorldsThatWentWellShowNoDifference(t *testing.T) {
	for _, name := range []string{"zhaopin", "com", "cn", "two-buyers", "refused", "rejected-by-registry", "lost-answer", "no-identity", "houses", "tour"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.play(name)
			if o := w.settle(); o.code != exitEqual {
				t.Errorf("exit %d:\n%s", o.code, o)
			} else if o.sum.Audit == 0 || o.sum.Notices == 0 {
				t.Errorf("read nothing: %+v", o.sum)
			}
		})
	}
}
