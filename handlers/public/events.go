package public

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
)

// stream is an answer that goes on: messages with parts of the page in them
// (Server-Sent Events).
type stream struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

func events(w http.ResponseWriter) stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return stream{w, http.NewResponseController(w)}
}

// lines are what a stream takes for ends of a line, each of which begins a new
// one of the same message.
var lines = strings.NewReplacer("\r\n", "\ndata: ", "\r", "\ndata: ", "\n", "\ndata: ")

// send sends one message; an error says that nobody is there any more.
func (s stream) send(ctx context.Context, part templ.Component) error {
	var b bytes.Buffer
	if err := part.Render(ctx, &b); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", lines.Replace(b.String())); err != nil {
		return err
	}
	return s.flush()
}

// done ends the stream, so that the browser does not come back for more.
func (s stream) done() {
	if _, err := fmt.Fprint(s.w, "event: done\ndata: \n\n"); err == nil {
		_ = s.flush() // nobody is left to tell
	}
}

func (s stream) flush() error {
	if err := s.out.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
