package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"yumen/registrar/persons"
)

// Verifier asks a real-name verification service: persons against the
// population data, organisations against the credit-code data (duties.md 2.2).
// The zero value asks nobody, and every check says so.
type Verifier struct {
	BaseURL string // without a slash at the end
	Secret  string
	Client  *http.Client // nil: one with a time-out of 20 s
}

// Verdict of the service.
type Verdict struct {
	Ref    string    `json:"ref"`    // the service's own number: our evidence
	Answer string    `json:"answer"` // match, mismatch, pending, unavailable
	Reason string    `json:"reason"`
	Time   time.Time `json:"time"`
}

type question struct {
	Reference string `json:"reference"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Document  string `json:"document_type"`
	Number    string `json:"document_number"`
}

// Verify asks whether name and number belong together. The same reference with
// the same data is the same question, so it may be asked again after any
// failure.
func (v Verifier) Verify(ctx context.Context, reference string, h persons.Holder, document persons.Kind, name, number string) (Verdict, error) {
	body, err := json.Marshal(question{reference, string(h), name, string(document), number})
	if err != nil {
		return Verdict{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.BaseURL+"/verify", bytes.NewReader(body))
	if err != nil {
		return Verdict{}, fmt.Errorf("identity: verifier address: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	return v.do(req)
}

// Again asks for the answer to an earlier question.
func (v Verifier) Again(ctx context.Context, ref string) (Verdict, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.BaseURL+"/verify/"+url.PathEscape(ref), nil)
	if err != nil {
		return Verdict{}, fmt.Errorf("identity: verifier address: %w", err)
	}
	return v.do(req)
}

func (v Verifier) do(req *http.Request) (Verdict, error) {
	req.Header.Set("Authorization", "Bearer "+v.Secret)
	client := http.Client{Timeout: 20 * time.Second}
	if v.Client != nil {
		client = *v.Client
	}
	// The question carries a name and a number: it is for this address alone.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return Verdict{}, fmt.Errorf("identity: verifier: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusServiceUnavailable:
	default:
		return Verdict{}, fmt.Errorf("identity: verifier answered %d", resp.StatusCode)
	}
	var a Verdict
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&a); err != nil {
		if resp.StatusCode == http.StatusServiceUnavailable {
			return Verdict{Answer: "unavailable"}, nil
		}
		return Verdict{}, fmt.Errorf("identity: verifier's answer: %w", err)
	}
	switch a.Answer {
	case "match", "mismatch", "pending", "unavailable":
		return a, nil
	}
	return Verdict{}, fmt.Errorf("identity: verifier answered %q", a.Answer)
}
