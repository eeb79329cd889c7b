package staff

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"yumen/registrar/audit"
)

// Audit is what was done, newest first, narrowed by what a person asked for.
type Audit struct {
	List        []audit.Event
	Object, Ref string // the filter
	Person      string
	First       bool
	Next        templ.SafeURL
	Report      *audit.Report // of the chain, when it was asked for
}

// detailWords are the details of an event: key=value.
func detailWords(e audit.Event) string {
	var m map[string]string
	if json.Unmarshal([]byte(e.Details), &m) != nil {
		return ""
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] != "" {
			out = append(out, k+"="+m[k])
		}
	}
	return strings.Join(out, " ")
}
