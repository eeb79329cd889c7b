package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yumen/protocols/epp"
	"yumen/registrar/catalogue"
	"yumen/registrar/registries"
)

// purveyor is the agent that registries are told names were sold through.
const purveyor = "Yumen"

// openRegistries puts every registry that the catalogue sells behind a pool of
// its own, so that a slow one keeps nobody else waiting. In the sandbox they
// share one account, and with it one queue of messages and the account's
// limits: each pool has its part of them.
func openRegistries(w world, c *config, log *slog.Logger) (*registries.Set, map[string]*epp.Pool, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(w.EPP.CAPEM)) {
		return nil, nil, errors.New("the sandbox registry's CA is not a certificate")
	}
	codec, err := registries.Codec()
	if err != nil {
		return nil, nil, err
	}
	set, pools := registries.NewSet(), map[string]*epp.Pool{}
	share := map[string]bool{}
	for _, e := range catalogue.Shipped() {
		share[e.Registry] = true
	}
	for _, e := range catalogue.Shipped() {
		if pools[e.Registry] != nil {
			continue
		}
		pool := epp.NewPool(epp.PoolSettings{
			Account: epp.Account{Addr: w.EPP.Address, ClID: w.EPP.Registrar, Password: w.EPP.Password, Codec: codec,
				TLS: &tls.Config{RootCAs: roots, ServerName: w.EPP.ServerName, MinVersion: tls.VersionTLS12}},
			MaxSessions: max(1, w.EPP.MaxSessions/len(share)), PerMinute: max(1, w.EPP.CommandsPerMinute/len(share)), RetryFirst: 200 * time.Millisecond, RetryMax: 5 * time.Second,
			BusyFirst: time.Second, BusyMax: 30 * time.Second, Log: log.With("registry", e.Registry),
		})
		pools[e.Registry] = pool
		var s registries.Settings
		for _, r := range w.Registries {
			if r.Ending != e.ALabel {
				continue
			}
			known := false
			if s, known = registries.Known(r.Policy, purveyor); !known {
				return nil, nil, fmt.Errorf("the sandbox runs .%s by rules nobody here knows: %q", r.ULabel, r.Policy)
			}
			s.Currency = r.Currency
		}
		s.AskAfter = []time.Duration{c.Unknown, 6 * c.Unknown, 60 * c.Unknown}
		s.RetryAfter = []time.Duration{c.Resend, 3 * c.Resend, 12 * c.Resend, 60 * c.Resend}
		set.AddEPP(registries.Registry{Key: e.Registry, Account: w.EPP.Registrar, Settings: s}, pool, w.EPP.Registrar)
	}
	return set, pools, nil
}
