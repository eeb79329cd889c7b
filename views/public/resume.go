package public

import (
	"maps"
	"net/url"
	"slices"
)

// Resume is a form that was kept while its sender signed in. Its button sends
// it to Action as it was; secrets were not kept.
type Resume struct {
	Action string
	Back   string // the page it stood on
	Values url.Values
}

// pairs are the fields in a fixed order.
func (s Resume) pairs() [][2]string {
	var out [][2]string
	for _, key := range slices.Sorted(maps.Keys(s.Values)) {
		for _, v := range s.Values[key] {
			out = append(out, [2]string{key, v})
		}
	}
	return out
}
