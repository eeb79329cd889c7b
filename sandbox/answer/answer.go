// Package answer is how the sandbox's HTTP servers read JSON and reply.
package answer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Refusal is an answer that says no, with a code for programs.
type Refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Refuse makes a refusal.
func Refuse(status int, code, format string, args ...any) error {
	return &Refusal{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound says that there is no such thing.
func NotFound(format string, args ...any) error {
	return Refuse(http.StatusNotFound, "not_found", format, args...)
}

// Bad says that the request cannot be understood.
func Bad(format string, args ...any) error {
	return Refuse(http.StatusBadRequest, "bad_request", format, args...)
}

// JSON writes v with the status.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// Error writes err as the sandbox's refusal; anything that is not a Refusal is 500.
func Error(w http.ResponseWriter, err error) {
	r := &Refusal{Status: http.StatusInternalServerError, Code: "failed", Message: err.Error()}
	errors.As(err, &r)
	JSON(w, r.Status, map[string]*Refusal{"error": r})
}

// Of answers 200 with v, or the error.
func Of(w http.ResponseWriter, v any, err error) {
	if err != nil {
		Error(w, err)
		return
	}
	JSON(w, http.StatusOK, v)
}

// Read decodes the body into v, refusing unknown members. An empty body
// leaves v as it is.
func Read(r *http.Request, v any) error {
	return Decode(io.LimitReader(r.Body, 1<<20), v)
}

// Decode is Read for any reader.
func Decode(from io.Reader, v any) error {
	dec := json.NewDecoder(from)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return Bad("the body is not what is asked for: %v", err)
	}
	if dec.More() {
		return Bad("the body has more than one value")
	}
	return nil
}

// Duration is a time.Duration written as "20s" in JSON.
type Duration time.Duration

func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	if v < 0 {
		return fmt.Errorf("duration %s is negative", s)
	}
	*d = Duration(v)
	return nil
}

// Time is an instant in UTC with milliseconds in JSON.
type Time time.Time

const layout = "2006-01-02T15:04:05.000Z"

func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).UTC().Format(layout))
}

func (t *Time) UnmarshalJSON(b []byte) error {
	var v time.Time
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*t = Time(v.UTC())
	return nil
}

// At makes a Time of milliseconds since 1970, or nil for 0.
func At(ms int64) *Time {
	if ms == 0 {
		return nil
	}
	t := Time(time.UnixMilli(ms).UTC())
	return &t
}
