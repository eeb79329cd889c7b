package public

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

func trimDot(ending string) string { return strings.TrimPrefix(ending, ".") }

// tenths writes seconds with one decimal.
func tenths(d time.Duration) string {
	t := d.Milliseconds() / 100
	return fmt.Sprintf("%d.%d", t/10, t%10)
}

// Action is a link that leads on from a page that only says something.
type Action struct {
	Label   string
	Href    templ.SafeURL
	Primary bool
}

func (a Action) class() string {
	if a.Primary {
		return "btn primary"
	}
	return "btn"
}

func itoa(n int) string { return strconv.Itoa(n) }

func query(path string, pairs ...string) templ.SafeURL {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Add(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return templ.SafeURL(path)
	}
	return templ.SafeURL(path + "?" + v.Encode())
}
