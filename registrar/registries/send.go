package registries

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"yumen/registrar/names"
)

// Check asks a registry which of the names are free, within its own deadline.
// Names without an entry are unknown. It may run inside a search request: it
// changes nothing.
func (s *Set) Check(ctx context.Context, registry string, list []names.Name) (map[string]Availability, error) {
	r, err := s.registry(registry)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CheckDeadline)
	defer cancel()
	return r.check(ctx, r.supplier.Check, list, true)
}

// CheckIdle is Check for a long list: searches, orders and everything else go
// before it. It waits for its gap however long a rush lasts, as that is no
// silence of the registry's; once it is sent it has the time of a command.
func (s *Set) CheckIdle(ctx context.Context, registry string, list []names.Name) (map[string]Availability, error) {
	r, err := s.registry(registry)
	if err != nil {
		return nil, err
	}
	return r.check(ctx, r.supplier.CheckIdle, list, false)
}

// Prices asks a registry what it wants for names that are to be created for so
// many years, as part of a check: within its own deadline, and changing
// nothing. Names without an entry are unknown; so are all of a registry that
// says no prices.
func (s *Set) Prices(ctx context.Context, registry string, list []names.Name, years int64) (map[string]Availability, error) {
	r, err := s.registry(registry)
	if err != nil || !r.Settings.SendFee {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CheckDeadline)
	defer cancel()
	return r.check(ctx, func(ctx context.Context, part []names.Name) (map[string]Availability, error) {
		return r.supplier.Prices(ctx, part, int(years))
	}, list, true)
}

// check asks part by part, as many names as a command may hold. A question
// without hurry that found no gap says nothing about how the registry answers.
func (r *registry) check(ctx context.Context, ask func(context.Context, []names.Name) (map[string]Availability, error), list []names.Name, hurry bool) (map[string]Availability, error) {
	out := map[string]Availability{}
	for part := range slices.Chunk(list, r.Settings.NamesPerCheck) {
		found, err := ask(ctx, part)
		for k, v := range found {
			out[k] = v
		}
		if err == nil || hurry {
			r.light.saw(err == nil, time.Time{})
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// NamesPerCheck is how many names one check to a registry may hold; 1 for a
// registry that is not connected.
func (s *Set) NamesPerCheck(registry string) int {
	r, err := s.registry(registry)
	if err != nil {
		return 1
	}
	return r.Settings.NamesPerCheck
}

// CreateContact sends the contact of an attempt that is committed as sent.
func (s *Set) CreateContact(ctx context.Context, a Attempt, c Contact) Answer {
	r, err := s.registry(a.Registry)
	if err != nil {
		return Answer{Outcome: Unsent, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CommandDeadline)
	defer cancel()
	defer s.onItsWay(a)()
	return r.supplier.CreateContact(ctx, a.ClTRID, c)
}

// CreateDomain sends the create of an attempt that is committed as sent.
func (s *Set) CreateDomain(ctx context.Context, a Attempt, d NewDomain) Answer {
	r, err := s.registry(a.Registry)
	if err != nil {
		return Answer{Outcome: Unsent, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CommandDeadline)
	defer cancel()
	defer s.onItsWay(a)()
	return r.supplier.CreateDomain(ctx, a.ClTRID, d)
}

// onItsWay notes that this process is sending an attempt; what it returns ends
// that.
func (s *Set) onItsWay(a Attempt) (end func()) {
	s.inFlight.Store(a.ID, true)
	return func() { s.inFlight.Delete(a.ID) }
}

// OnItsWay reports whether this process is sending the attempt right now, so
// that nobody asks about it yet. An attempt that another process sends looks
// like one whose sender died: asking early is safe, because a second create is
// refused as existing and then found to be ours.
func (s *Set) OnItsWay(a Attempt) bool {
	_, ok := s.inFlight.Load(a.ID)
	return ok
}

// Domain asks what the registry says of a name (EPP info).
func (s *Set) Domain(ctx context.Context, registry, nameA string) (Domain, error) {
	r, err := s.registry(registry)
	if err != nil {
		return Domain{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CommandDeadline)
	defer cancel()
	return r.supplier.Domain(ctx, nameA)
}

// DomainIdle is Domain, less urgent than anything else that is said to the
// registry.
func (s *Set) DomainIdle(ctx context.Context, registry, nameA string) (Domain, error) {
	r, err := s.registry(registry)
	if err != nil {
		return Domain{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CommandDeadline)
	defer cancel()
	return r.supplier.DomainIdle(ctx, nameA)
}

// Contact asks what the registry says of a contact of ours.
func (s *Set) Contact(ctx context.Context, registry, id string) (ContactState, error) {
	r, err := s.registry(registry)
	if err != nil {
		return ContactState{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Settings.CommandDeadline)
	defer cancel()
	return r.supplier.Contact(ctx, id)
}

// DocumentCode is the registry's word for a kind of identity document; ok is
// false when it has none, and then nothing can be sold to such a holder there.
func (s *Set) DocumentCode(registry, kind string) (code string, ok bool) {
	r, err := s.registry(registry)
	if err != nil {
		return "", false
	}
	if len(r.Settings.DocumentCodes) == 0 {
		return "", true
	}
	code, ok = r.Settings.DocumentCodes[kind]
	return code, ok
}

// HashCommand is the fingerprint of a command for its attempt row. What it is
// given must hold no secret and no data of people: a name, years, a contact id.
func HashCommand(parts ...any) (string, error) {
	b, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
