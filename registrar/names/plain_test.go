package names

import (
	"testing"

	"pgregory.net/rapid"
)

// The short way of a label that the table has is right only while the mapping
// leaves every character of the table alone; a newer Unicode may not.
func TestTheMappingLeavesTheCharactersOfTheTableAlone(t *testing.T) {
	for c := rune(0); c <= 0x10FFFF; c++ {
		if !table.allowed(c) {
			continue
		}
		if u, err := lookup.ToUnicode(string(c)); err != nil || u != string(c) {
			t.Errorf("%s %c becomes %q, %v", point(c), c, u, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		typed := inRepertoire().Draw(t, "typed") + rapid.SampledFrom([]string{"", "-", "--", "-a-"}).Draw(t, "hyphens") + inRepertoire().Draw(t, "rest")
		short, long := read(typed, nil), reading{}
		if long.encode(typed, typed, typed); long.err == nil {
			long.measure()
		}
		if short.err != nil || long.err != nil {
			if short.err == nil || long.err == nil || short.err.Error() != long.err.Error() {
				t.Fatalf("%q: %v and %v", typed, short.err, long.err)
			}
			return
		}
		if short.u != long.u || short.a != long.a || len(short.notes) != len(long.notes) {
			t.Fatalf("%q is %s %s and %s %s", typed, short.u, short.a, long.u, long.a)
		}
	})
}
