package sandbox

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
)

// away is which parts of the world cannot be reached, and until when by the
// sandbox clock. The registry has troubles of its own.
type away struct {
	clock *clock.Clock
	mu    sync.Mutex
	until map[string]time.Time // by part
}

// The parts that may be away.
const (
	partCashier = "cashier"
	partMail    = "mail"
)

func (a *away) is(part string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock.Now().Before(a.until[part])
}

func (a *away) set(part string, length time.Duration) error {
	if part != partCashier && part != partMail {
		return answer.Bad("part is %s or %s", partCashier, partMail)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.until == nil {
		a.until = map[string]time.Time{}
	}
	a.until[part] = a.clock.Now().Add(length)
	return nil
}

// routes adds POST /away.
func (a *away) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /away", func(w http.ResponseWriter, r *http.Request) {
		var ask struct {
			Part string          `json:"part"`
			For  answer.Duration `json:"for"`
		}
		err := answer.Read(r, &ask)
		if err == nil {
			err = a.set(ask.Part, time.Duration(ask.For))
		}
		answer.Of(w, ask, err)
	})
}

// bank cuts the connection of whoever asks the bank while it is away.
func (a *away) bank(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (strings.HasPrefix(r.URL.Path, "/bank/") || strings.HasPrefix(r.URL.Path, "/pay/")) && a.is(partCashier) {
			panic(http.ErrAbortHandler) // no answer, not a byte
		}
		next.ServeHTTP(w, r)
	})
}

// mailDoor lets nobody in while the mail server is away.
type mailDoor struct {
	net.Listener
	away *away
}

func (d mailDoor) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || !d.away.is(partMail) {
			return c, err
		}
		_ = c.Close()
	}
}
