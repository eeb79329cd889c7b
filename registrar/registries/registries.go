// Package registries is how we reach those who run the endings: suppliers
// (EPP is the first kind), their settings and quirks, the attempts we made
// and the messages they left for us.
//
// A command that changes something at a registry goes in three steps, and the
// process may die between any two of them:
//
//	write   Begin: the attempt stands in the database as sent
//	no transaction open: Set.CreateDomain, Set.CreateContact ...
//	write   Answered, and in the same transaction what follows from it; Settle
//
// An attempt without an answer is unknown, never failed: Set.Domain or
// Set.Contact asks on a new connection, and only its finding decides (Decide
// in decide.go). While an attempt for a name is not settled no other one for
// the same name or its variants begins.
//
// Messages (poll) are stored, committed, acknowledged, and applied later by
// whoever the fact registries.message leads to.
//
// Facts: registries.message (key: our id of the message).
// Flows: (*Set).Poll.
package registries

import (
	"errors"
	"fmt"
	"sync"

	"yumen/db"
	"yumen/protocols/epp"
)

// Registry is one registry as we deal with it.
type Registry struct {
	Key      string // ours, as in catalogue.Ending.Registry: "zhaopin"
	Account  string // the registry account its commands and messages go through
	Settings Settings
}

// Set holds the registries of the installation. It is built once, before
// serving, and then only read.
type Set struct {
	mu         sync.RWMutex // guards the maps while Add runs
	registries map[string]*registry
	accounts   map[string]*account
	inFlight   sync.Map // id of an attempt that this process is sending
}

type registry struct {
	Registry
	supplier Supplier
	light    light
}

type account struct {
	key  string
	desk Mailroom
}

// NewSet makes an empty set.
func NewSet() *Set {
	return &Set{registries: map[string]*registry{}, accounts: map[string]*account{}}
}

type attachKey struct{}

// Attach gives the database its registries: for functions that only have a
// transaction and ask how a registry is dealt with, which never speak to one,
// and for those that ask it a price before they begin theirs (see Of).
func Attach(d *db.DB, s *Set) { d.Attach(attachKey{}, s) }

// From gives the registries of a transaction's database.
func From(tx *db.Tx) (*Set, error) {
	s, ok := tx.DB().Attached(attachKey{}).(*Set)
	if !ok {
		return nil, errors.New("registries: none attached; hint: call registries.Attach before serving")
	}
	return s, nil
}

// Of gives the registries of a database; ok is false where none are attached.
func Of(d *db.DB) (s *Set, ok bool) {
	s, ok = d.Attached(attachKey{}).(*Set)
	return s, ok
}

// AddEPP adds a registry that speaks EPP over the pool of an account; clID is
// who we are there. Registries that share an account share its pool and its
// queue of messages.
func (s *Set) AddEPP(r Registry, pool *epp.Pool, clID string) {
	r.Settings = r.Settings.withDefaults()
	s.Add(r, &eppSupplier{pool: pool, set: r.Settings, clID: clID}, &eppMailroom{pool: pool, prefaces: r.Settings.Prefaces})
}

// Add adds a registry with its supplier; m is where its account's messages
// are read, nil when it has none.
func (s *Set) Add(r Registry, sup Supplier, m Mailroom) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Settings = r.Settings.withDefaults()
	s.registries[r.Key] = &registry{Registry: r, supplier: sup}
	if m != nil && s.accounts[r.Account] == nil {
		s.accounts[r.Account] = &account{r.Account, m}
	}
}

// Keys lists the registries in no order.
func (s *Set) Keys() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]string, 0, len(s.registries))
	for k := range s.registries {
		out = append(out, k)
	}
	return out
}

// Settings gives how a registry is dealt with.
func (s *Set) Settings(key string) (Settings, error) {
	r, err := s.registry(key)
	if err != nil {
		return Settings{}, err
	}
	return r.Settings, nil
}

// Account gives the registry account that a registry is reached through; empty
// for one that is not connected. Only its messages speak for that registry.
func (s *Set) Account(key string) string {
	r, err := s.registry(key)
	if err != nil {
		return ""
	}
	return r.Registry.Account
}

func (s *Set) registry(key string) (*registry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.registries[key]
	if !ok {
		return nil, fmt.Errorf("registries: no registry %q; hint: the catalogue names one that is not connected", key)
	}
	return r, nil
}

func (s *Set) allAccounts() []*account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*account, 0, len(s.accounts))
	for _, a := range s.accounts {
		out = append(out, a)
	}
	return out
}
