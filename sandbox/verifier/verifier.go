// Package verifier is the sandbox's real-name service: does this name belong
// to this document number? Control decides the answers. The number itself is
// not kept. The wire is described in package sandbox.
package verifier

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"net/http"
	"strings"

	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
	"yumen/sandbox/state"
)

// The answers. Pending is followed by another when control says so.
const (
	match       = "match"
	mismatch    = "mismatch"
	pending     = "pending"
	unavailable = "unavailable"
)

// Verification is one question and its answer.
type Verification struct {
	Ref          string      `json:"ref"`
	Reference    string      `json:"reference"` // the caller's own
	Kind         string      `json:"kind"`      // person or organisation
	Name         string      `json:"name"`
	DocumentType string      `json:"document_type"`
	NumberHash   string      `json:"number_hash"`
	Answer       string      `json:"answer"`
	Reason       string      `json:"reason"`
	Asked        int64       `json:"asked"` // how often it was sent
	Time         answer.Time `json:"time"`
}

// Desk is the service at work.
type Desk struct {
	file    *state.File
	clock   *clock.Clock
	base    string
	secret  string // the portal's bearer token
	hashKey string
}

// Open opens the service kept in dir; public is the control server's URL.
func Open(dir, public string, c *clock.Clock) (*Desk, error) {
	f, err := state.Open(dir, "verifier", schema)
	if err != nil {
		return nil, err
	}
	d := &Desk{file: f, clock: c, base: public + "/verifier/v1"}
	for key, to := range map[string]*string{"secret": &d.secret, "hash_key": &d.hashKey} {
		*to, err = state.KeepFirst(context.Background(), f, key, func() (string, error) { return random(32), nil })
		if err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return d, nil
}

// Close closes its file.
func (d *Desk) Close() error { return d.file.Close() }

// Terms is what a caller must know.
type Terms struct {
	BaseURL string `json:"base_url"`
	Secret  string `json:"secret"`
}

// Terms answers them.
func (d *Desk) Terms() Terms { return Terms{BaseURL: d.base, Secret: d.secret} }

// Question is what the portal asks.
type Question struct {
	Reference      string `json:"reference"`
	Kind           string `json:"kind"`
	Name           string `json:"name"`
	DocumentType   string `json:"document_type"`
	DocumentNumber string `json:"document_number"`
}

func (q Question) check() error {
	switch {
	case q.Reference == "" || len(q.Reference) > 100:
		return answer.Bad("reference is 1 to 100 characters")
	case q.Kind != "person" && q.Kind != "organisation":
		return answer.Bad("kind is person or organisation")
	case strings.TrimSpace(q.Name) == "":
		return answer.Bad("name is missing")
	case strings.TrimSpace(q.DocumentNumber) == "":
		return answer.Bad("document_number is missing")
	}
	return nil
}

// Verify answers a question. The same reference is the same question; one that
// was unavailable is decided anew.
func (d *Desk) Verify(ctx context.Context, q Question) (v Verification, err error) {
	if err := q.check(); err != nil {
		return v, err
	}
	hash := d.hash(q.DocumentNumber)
	err = d.file.Write(ctx, func(tx *sql.Tx) error {
		v, err = find(tx, q.Reference)
		if known := err == nil; known {
			if v.Kind != q.Kind || v.Name != q.Name || v.DocumentType != q.DocumentType || v.NumberHash != hash {
				return answer.Refuse(http.StatusConflict, "reference_used", "%s was asked with other data", q.Reference)
			}
			v.Asked++
			if v.Answer != unavailable {
				return put(tx, v)
			}
		} else {
			v = Verification{Ref: "ver_" + random(10), Reference: q.Reference, Kind: q.Kind, Name: q.Name,
				DocumentType: q.DocumentType, NumberHash: hash, Asked: 1}
		}
		if v.Answer, v.Reason, err = decide(tx, q); err != nil {
			return err
		}
		v.Time = answer.Time(d.clock.Now())
		return put(tx, v)
	})
	return v, err
}

// decide looks for the narrowest rule: this reference, this name, the default.
func decide(tx *sql.Tx, q Question) (says, reason string, err error) {
	for _, r := range [][2]string{{"reference", q.Reference}, {"name", q.Name}, {"default", ""}} {
		if says, reason, err = rule(tx, r[0], r[1]); err != nil || says != "" {
			return says, reason, err
		}
	}
	return match, "", nil
}

// Find finds a verification by its ref.
func (d *Desk) Find(ctx context.Context, ref string) (v Verification, err error) {
	err = d.file.Write(ctx, func(tx *sql.Tx) error {
		v, err = find(tx, ref)
		return err
	})
	return v, err
}

// Say sets the answer of a ref or a reference, also of one still to come.
func (d *Desk) Say(ctx context.Context, ref, says, reason string) (v Verification, err error) {
	if err := known(says); err != nil {
		return v, err
	}
	err = d.file.Write(ctx, func(tx *sql.Tx) error {
		if v, err = find(tx, ref); err != nil {
			v = Verification{Reference: ref, Answer: says, Reason: reason, Time: answer.Time(d.clock.Now())}
			return setRule(tx, "reference", ref, says, reason)
		}
		// Also for a repeat of one that was unavailable.
		if err := setRule(tx, "reference", v.Reference, says, reason); err != nil {
			return err
		}
		v.Answer, v.Reason, v.Time = says, reason, answer.Time(d.clock.Now())
		return put(tx, v)
	})
	return v, err
}

// Default sets the answer for all that no other rule covers.
func (d *Desk) Default(ctx context.Context, says string) error {
	if err := known(says); err != nil {
		return err
	}
	return d.file.Write(ctx, func(tx *sql.Tx) error { return setRule(tx, "default", "", says, "") })
}

// All lists every verification, oldest first.
func (d *Desk) All(ctx context.Context) (all []Verification, err error) {
	err = d.file.Write(ctx, func(tx *sql.Tx) error {
		all, err = list(tx)
		return err
	})
	return all, err
}

func known(says string) error {
	switch says {
	case match, mismatch, pending, unavailable:
		return nil
	}
	return answer.Bad("answer is match, mismatch, pending or unavailable")
}

// hash keeps spaces and letter case from making two of one number.
func (d *Desk) hash(number string) string {
	mac := hmac.New(sha256.New, []byte(d.hashKey))
	mac.Write([]byte(strings.ToUpper(strings.Join(strings.Fields(number), ""))))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func (d *Desk) authorised(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(given), []byte(d.secret)) == 1
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
