package clock

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"yumen/sandbox/answer"
)

// Routes adds /clock to the control server. settle is what the rest of the
// world does when time has moved.
func (c *Clock) Routes(mux *http.ServeMux, settle func(context.Context) error) {
	mux.HandleFunc("GET /clock", func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query().Get("after")
		if v == "" {
			answer.JSON(w, http.StatusOK, c.Read())
			return
		}
		after, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			answer.Error(w, answer.Bad("after is a number: %q", v))
			return
		}
		answer.JSON(w, http.StatusOK, c.Wait(r.Context(), after))
	})
	mux.HandleFunc("POST /clock/ack", func(w http.ResponseWriter, r *http.Request) {
		var ask struct {
			Seq int64 `json:"seq"`
		}
		err := answer.Read(r, &ask)
		if err == nil {
			err = c.Ack(ask.Seq)
		}
		answer.Of(w, map[string]int64{"acknowledged": ask.Seq}, err)
	})
	mux.HandleFunc("POST /clock", func(w http.ResponseWriter, r *http.Request) {
		var ask struct {
			Advance answer.Duration `json:"advance"`
			To      time.Time       `json:"to"`
		}
		if err := answer.Read(r, &ask); err != nil {
			answer.Error(w, err)
			return
		}
		if (ask.Advance == 0) == ask.To.IsZero() {
			answer.Error(w, answer.Bad("either advance or to"))
			return
		}
		reading, portal, err := c.Turn(context.WithoutCancel(r.Context()), func(now time.Time) time.Time {
			if ask.To.IsZero() {
				return now.Add(time.Duration(ask.Advance))
			}
			return ask.To
		}, settle)
		answer.Of(w, struct {
			Reading
			Portal string `json:"portal"`
		}{reading, portal}, err)
	})
}
