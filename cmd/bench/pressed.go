package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yumen/testkit/process"
)

// The narrow caps: one session for each of the five registries, and so few
// commands a minute that the visitors do not fit into them.
const (
	narrowSessions = 5
	narrowMinute   = 600
)

// pressed is the rush at a registry with narrow caps, for as long as its rate is
// counted: visitors come again and again for more than a minute, with a list of
// 3,000 names in hand. Not everybody can be answered, and what is not is said to
// be unknown; the caps hold all the same. A run that stays far below them would
// prove nothing, and misses its goal.
func pressed(ctx context.Context, b *bench) (err error) {
	n := &bench{plan: b.plan, bin: b.bin}
	n.dir = filepath.Join(b.dir, "pressed")
	if err := os.Mkdir(n.dir, 0o700); err != nil {
		return err
	}
	if n.sandbox, err = process.Start(ctx, n.bin, "sandbox", "--data", filepath.Join(n.dir, "world")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := n.narrow(ctx); err != nil {
		return err
	}
	if _, err := n.start(ctx); err != nil { // learns the caps when it connects
		return err
	}
	list, err := n.list(ctx)
	if err != nil {
		return err
	}
	var all []heard
	for round := 0; time.Since(list.began) < 65*time.Second; round++ {
		some, err := n.rush(ctx, fmt.Sprintf("p%d-", round))
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	const when = "narrow caps: "
	n.told("narrow caps", all, false)
	late := time.Since(list.began)
	took, err := list.wait()
	if err != nil {
		return err
	}
	n.report.add("search", when+"list of 3,000 names, to the last answer", "s", []float64{took.Seconds()}, nil, fmt.Sprintf("visitors came for %.1f s and all went before it", late.Seconds()))
	t, err := n.caps(ctx, when)
	if err != nil {
		return err
	}
	n.report.add("search", when+"how hard they were pressed: sessions", "x", []float64{float64(t.Peak) / float64(t.capSessions)}, atLeast(0.8), "")
	n.report.add("search", when+"how hard they were pressed: commands in a minute", "x", []float64{float64(t.PeakMinute) / float64(t.capMinute)}, atLeast(0.8), "")
	b.report.Rows = append(b.report.Rows, n.report.Rows...)
	return nil
}

// narrow sets the caps before the portal has asked for them.
func (b *bench) narrow(ctx context.Context) error {
	body := fmt.Sprintf(`{"max_sessions":%d,"commands_per_minute":%d}`, narrowSessions, narrowMinute)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.sandbox.Sandbox+"/settings", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the registry's caps: %s", resp.Status)
	}
	return nil
}
