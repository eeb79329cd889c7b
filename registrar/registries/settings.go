package registries

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Settings are what differs between registries (each value is confirmed with
// the contract of the registry). Zero values take the defaults of
// withDefaults.
type Settings struct {
	// Extension is the family of contact and domain extensions: "" or "cnnic".
	Extension string
	// DocumentCodes maps our kinds of identity documents to the registry's
	// words. A kind without a code cannot be sold to; empty = no code is sent.
	DocumentCodes map[string]string
	// Purveyor is who the registry shall know as the agent; empty = not sent.
	Purveyor string
	// Roles are the contact roles beside the registrant that a create must name.
	Roles []string
	// Prefaces are what the registry writes before the reason in its messages,
	// such as "Registration refused: ". People are told the reason alone: that it
	// refused is said in their own language. What it wrote is kept whole beside.
	Prefaces []string
	// Classes are the marks with which the registry begins a reason when a name
	// is restricted by its rules, as in "R4: ..." (screening.Class). Empty: it
	// has none.
	Classes []string
	// Currency of the account there.
	Currency string
	// NoContacts says that the registry keeps no contacts (a thin registry):
	// names are created without any.
	NoContacts bool
	// ContactAsk is how long a holder may be under verification without a
	// message before the registry is asked.
	ContactAsk time.Duration
	// SendFee says that the price we expect goes with the create, so that a
	// registry whose price differs refuses (RFC 8748).
	SendFee bool
	// NamesPerCheck bounds one check command.
	NamesPerCheck int
	// CheckDeadline bounds a check within a search.
	CheckDeadline time.Duration
	// CommandDeadline bounds a command that changes something, waiting for a
	// connection included; after it the outcome is unknown.
	CommandDeadline time.Duration
	// AskAfter are the waits before info is asked about an unknown outcome;
	// the last one repeats.
	AskAfter []time.Duration
	// RetryAfter are the waits before a command is sent again that the registry
	// keeps losing; the last one repeats.
	RetryAfter []time.Duration
	// NoFundsRetry is how long the queue of a registry rests at which our
	// account is empty.
	NoFundsRetry time.Duration
	// Skew is how far the registry's clock may be from ours.
	Skew time.Duration
	// PendingAsk is how often a pending application is asked about once its
	// deadlines have passed without a message.
	PendingAsk time.Duration
}

func (s Settings) withDefaults() Settings {
	if s.Currency == "" {
		s.Currency = "CNY"
	}
	if s.NamesPerCheck == 0 {
		s.NamesPerCheck = 20
	}
	if s.CheckDeadline == 0 {
		s.CheckDeadline = 4 * time.Second
	}
	if s.CommandDeadline == 0 {
		s.CommandDeadline = 75 * time.Second
	}
	if len(s.AskAfter) == 0 {
		s.AskAfter = []time.Duration{5 * time.Second, 30 * time.Second, 5 * time.Minute}
	}
	if len(s.RetryAfter) == 0 {
		s.RetryAfter = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute}
	}
	if s.NoFundsRetry == 0 {
		s.NoFundsRetry = 10 * time.Minute
	}
	if s.Skew == 0 {
		s.Skew = 5 * time.Minute
	}
	if s.ContactAsk == 0 {
		s.ContactAsk = time.Hour
	}
	if s.PendingAsk == 0 {
		s.PendingAsk = 24 * time.Hour
	}
	return s
}

// ClassOf is the class of restricted names that a registry's reason begins
// with; empty when it names none.
func (s Settings) ClassOf(reason string) string {
	mark := strings.ToUpper(strings.TrimSpace(reason))
	if end := strings.IndexFunc(mark, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
		mark = mark[:end]
	}
	if slices.Contains(s.Classes, mark) {
		return mark
	}
	return ""
}

// wait gives the nth of a list of waits, n from 0; the last repeats.
func wait(list []time.Duration, n int64) time.Duration {
	if n < 0 {
		n = 0
	}
	if n >= int64(len(list)) {
		n = int64(len(list)) - 1
	}
	return list[n]
}

// AskWait is how long to wait before info is asked for the nth time, n from 0.
func (s Settings) AskWait(n int64) time.Duration { return wait(s.AskAfter, n) }

// RetryWait is how long to wait before the nth repetition, n from 0.
func (s Settings) RetryWait(n int64) time.Duration { return wait(s.RetryAfter, n) }
