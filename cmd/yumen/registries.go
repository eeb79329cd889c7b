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

// registryAccount opens the pool of the sandbox account and puts every
// registry that the catalogue sells behind it. They share one account, as
// registries of one back end do, and so one pool and one queue of messages.
func registryAccount(w world, c *config, log *slog.Logger) (*registries.Set, *epp.Pool, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(w.EPP.CAPEM)) {
		return nil, nil, errors.New("the sandbox registry's CA is not a certificate")
	}
	codec, err := registries.Codec()
	if err != nil {
		return nil, nil, err
	}
	pool := epp.NewPool(epp.PoolSettings{
		Account: epp.Account{Addr: w.EPP.Address, ClID: w.EPP.Registrar, Password: w.EPP.Password, Codec: codec,
			TLS: &tls.Config{RootCAs: roots, ServerName: w.EPP.ServerName, MinVersion: tls.VersionTLS12}},
		MaxSessions: 6, PerMinute: 3000, RetryFirst: 200 * time.Millisecond, RetryMax: 5 * time.Second,
		BusyFirst: time.Second, BusyMax: 30 * time.Second, Log: log,
	})
	set := registries.NewSet()
	seen := map[string]bool{}
	for _, e := range catalogue.Shipped() {
		if seen[e.Registry] {
			continue
		}
		seen[e.Registry] = true
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
		set.AddEPP(registries.Registry{Key: e.Registry, Account: w.EPP.Registrar, Settings: s}, pool, w.EPP.Registrar)
	}
	return set, pool, nil
}
