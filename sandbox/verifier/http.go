package verifier

import (
	"database/sql"
	"net/http"

	"yumen/sandbox/answer"
)

// Routes adds the service's API and its control to the server.
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /verifier/v1/verify", d.own(func(w http.ResponseWriter, r *http.Request) {
		var q Question
		if err := answer.Read(r, &q); err != nil {
			answer.Error(w, err)
			return
		}
		v, err := d.Verify(r.Context(), q)
		tell(w, v, err)
	}))
	mux.HandleFunc("GET /verifier/v1/verify/{ref}", d.own(func(w http.ResponseWriter, r *http.Request) {
		v, err := d.Find(r.Context(), r.PathValue("ref"))
		tell(w, v, err)
	}))
	mux.HandleFunc("GET /state/verifications", func(w http.ResponseWriter, r *http.Request) {
		all, err := d.All(r.Context())
		answer.Of(w, all, err)
	})
	mux.HandleFunc("POST /verifier/default", d.control("default", func(control) string { return "" }))
	mux.HandleFunc("POST /verifier/names", d.control("name", func(c control) string { return c.Name }))
	mux.HandleFunc("POST /verifier/{ref}", func(w http.ResponseWriter, r *http.Request) {
		var c control
		if err := answer.Read(r, &c); err != nil {
			answer.Error(w, err)
			return
		}
		v, err := d.Say(r.Context(), r.PathValue("ref"), c.Answer, c.Reason)
		answer.Of(w, v, err)
	})
}

// control is what scripts send.
type control struct {
	Name   string `json:"name,omitempty"`
	Answer string `json:"answer"`
	Reason string `json:"reason"`
}

func (d *Desk) control(kind string, value func(control) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var c control
		err := answer.Read(r, &c)
		if err == nil && c.Answer != "" {
			err = known(c.Answer)
		}
		if err == nil {
			err = d.file.Write(r.Context(), func(tx *sql.Tx) error {
				return setRule(tx, kind, value(c), c.Answer, c.Reason)
			})
		}
		answer.Of(w, c, err)
	}
}

// own lets only the portal ask.
func (d *Desk) own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !d.authorised(r) {
			answer.Error(w, answer.Refuse(http.StatusUnauthorized, "unauthorised", "wrong or missing bearer token"))
			return
		}
		next(w, r)
	}
}

// reply is the part of a verification that its asker sees.
type reply struct {
	Ref       string      `json:"ref"`
	Reference string      `json:"reference"`
	Answer    string      `json:"answer"`
	Reason    string      `json:"reason"`
	Time      answer.Time `json:"time"`
}

func tell(w http.ResponseWriter, v Verification, err error) {
	if err != nil {
		answer.Error(w, err)
		return
	}
	status := map[string]int{pending: http.StatusAccepted, unavailable: http.StatusServiceUnavailable}[v.Answer]
	if status == 0 {
		status = http.StatusOK
	}
	answer.JSON(w, status, reply{v.Ref, v.Reference, v.Answer, v.Reason, v.Time})
}
