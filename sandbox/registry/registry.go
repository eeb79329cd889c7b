// Package registry is the sandbox's registry: real EPP over TLS for several
// endings, each with rules of its own (policy.go), and a second registrar to
// compete with. Names live and die by the sandbox clock. What it answered is
// on disk, so a kill changes nothing.
//
//	policy.go name.go        the rules of each ending; names, variants
//	objects.go store*.go     what is kept
//	life.go                  what happens by itself when its time comes
//	server.go commands.go    sessions, login, dispatch
//	domain*.go contact.go host.go poll.go       the commands
//	fee.go dnssec.go cnnic.go bundle.go launch.go   their extensions
//	trouble.go               answers that get lost
//	control.go rival.go      HTTP control and state; the second registrar
package registry

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
	"yumen/sandbox/state"
)

// Ids of the accounts made on first start.
const (
	Portal   = "yumen"
	Rival    = "rival"
	Stranger = "stranger"
)

// Settings turn the registry. Rules by ending come on top of its policy.
type Settings struct {
	MaxSessions       int                        `json:"max_sessions"` // open at once, for each registrar
	CommandsPerMinute int                        `json:"commands_per_minute"`
	Idle              answer.Duration            `json:"idle"`           // real time until a silent session is closed
	LoginWait         answer.Duration            `json:"login_wait"`     // the same before login
	ContactReview     string                     `json:"contact_review"` // a duration, or by_hand
	TransferAuto      answer.Duration            `json:"transfer_auto"`  // 0: by policy
	Skew              string                     `json:"skew"`           // how far the registry's own clock is off, such as -5m
	Endings           map[string]*EndingSettings `json:"endings"`        // by A-label
	Prices            PriceBook                  `json:"prices"`         // by name or ending, as A-label: in place of the policy's
}

// EndingSettings are those of one ending.
type EndingSettings struct {
	AutoApprove  answer.Duration `json:"auto_approve"` // 0 waits for control
	Materials    bool            `json:"materials"`    // papers come with the application
	Verification string          `json:"verification"`
}

// Registry is the registry at work.
type Registry struct {
	file  *state.File
	clock *clock.Clock
	log   *slog.Logger
	codec *epp.Codec
	ca    *authority

	mu       sync.Mutex
	settings Settings
	seen     map[string]*traffic // by registrar

	troubles troubles
	server   *epp.Server
	stop     context.CancelFunc
	wg       sync.WaitGroup
	address  string
}

// Config of a registry.
type Config struct {
	Dir         string
	AutoApprove time.Duration // first setting for endings that approve
	Seed        int64         // of trouble; 0 takes one from real time
	Clock       *clock.Clock
	Log         *slog.Logger
}

// Open opens the registry kept in the folder and serves EPP on l.
func Open(c Config, l net.Listener) (*Registry, error) {
	f, err := state.Open(c.Dir, "registry", schema)
	if err != nil {
		return nil, err
	}
	r := &Registry{file: f, clock: c.Clock, log: c.Log, seen: map[string]*traffic{}, address: l.Addr().String()}
	if err := r.begin(c); err != nil {
		_ = f.Close()
		return nil, err
	}
	if r.server, err = r.newServer(); err != nil {
		_ = f.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.wg.Go(func() {
		if err := r.server.Serve(ctx, r.troubles.listener(l, r.clock)); err != nil {
			r.log.Error("registry: serve", "error", err)
		}
	})
	return r, nil
}

func (r *Registry) begin(c Config) (err error) {
	ctx := context.Background()
	if r.codec, err = epp.NewCodec(bundleExtension, cdnExtension, launchExtension); err != nil {
		return err
	}
	if r.ca, err = openAuthority(c.Dir); err != nil {
		return err
	}
	r.settings = Settings{MaxSessions: 24, CommandsPerMinute: 6000, Idle: answer.Duration(5 * time.Minute),
		LoginWait: answer.Duration(10 * time.Second), ContactReview: "0s", Endings: map[string]*EndingSettings{}}
	for _, p := range Policies {
		r.settings.Endings[p.Ending] = &EndingSettings{AutoApprove: answer.Duration(c.AutoApprove), Materials: true, Verification: p.Verification}
	}
	var troubled string
	err = r.file.Write(ctx, func(tx *sql.Tx) error {
		for _, a := range []Registrar{{ID: Portal, Role: "portal"}, {ID: Rival, Role: "rival"}, {ID: Stranger, Role: "free"}} {
			// 16 characters: the longest password the core protocol takes.
			a.Password, a.Balance = secret(16), 1_000_000_00
			if err := beginRegistrar(tx, a); err != nil {
				return err
			}
		}
		kept, err := state.Setting(tx, "settings")
		if err != nil {
			return err
		}
		if kept != "" {
			if err := json.Unmarshal([]byte(kept), &r.settings); err != nil {
				return err
			}
		}
		if troubled, err = state.Setting(tx, "trouble"); err != nil {
			return err
		}
		return r.replan(tx, r.settings)
	})
	if err != nil {
		return err
	}
	return r.troubles.begin(troubled, c.Seed)
}

// Close ends all sessions and closes the file.
func (r *Registry) Close() error {
	r.stop()
	r.wg.Wait()
	return r.file.Close()
}

// Access is what a registrar must know to connect.
type Access struct {
	Address    string `json:"address"`
	ServerName string `json:"server_name"`
	CAPEM      string `json:"ca_pem"`
	Registrar  string `json:"registrar"`
	Password   string `json:"password"`

	MaxSessions       int `json:"max_sessions"`
	CommandsPerMinute int `json:"commands_per_minute"`
}

// Access answers it for the portal.
func (r *Registry) Access(ctx context.Context) (Access, error) {
	set := r.Settings()
	a := Access{Address: r.address, ServerName: serverName, CAPEM: r.ca.pem, Registrar: Portal,
		MaxSessions: set.MaxSessions, CommandsPerMinute: set.CommandsPerMinute}
	err := r.file.Write(ctx, func(tx *sql.Tx) error {
		account, err := getRegistrar(tx, Portal)
		if err == nil {
			a.Password = account.Password
		}
		return err
	})
	return a, err
}

// work is one act at the registry: its transaction, its instant, who acts.
type work struct {
	r     *Registry
	tx    *sql.Tx
	now   time.Time
	who   string
	trid  epp.TrID
	cmd   *epp.Command
	rules Settings
}

// act runs do in one transaction, after all that fell due before it. An error
// undoes do, but not what fell due.
func (r *Registry) act(ctx context.Context, who string, do func(w *work) error) error {
	if err := r.Settle(ctx); err != nil {
		return err
	}
	return r.file.Write(ctx, func(tx *sql.Tx) error {
		set := r.Settings()
		skew, _ := time.ParseDuration(set.Skew) // Set has read it; empty is none
		return do(&work{r: r, tx: tx, now: r.clock.Now().Add(skew).Truncate(time.Millisecond), who: who,
			trid: epp.TrID{SvTRID: newSvTRID()}, rules: set})
	})
}

// Settings are those in force.
func (r *Registry) Settings() Settings {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.settings
	s.Endings = make(map[string]*EndingSettings, len(r.settings.Endings))
	for k, v := range r.settings.Endings {
		s.Endings[k] = new(*v)
	}
	s.Prices = maps.Clone(s.Prices)
	return s
}

// Set changes and keeps the settings, and looks again at all that waits for a
// decision.
func (r *Registry) Set(ctx context.Context, s Settings) error {
	switch {
	case s.MaxSessions < 1 || s.CommandsPerMinute < 1:
		return answer.Bad("max_sessions and commands_per_minute are at least 1")
	case s.Idle <= 0 || s.LoginWait <= 0:
		return answer.Bad("idle and login_wait are longer than 0s")
	}
	if _, err := time.ParseDuration(s.ContactReview); err != nil && s.ContactReview != "by_hand" {
		return answer.Bad("contact_review is a duration or by_hand")
	}
	if _, err := time.ParseDuration(s.Skew); err != nil && s.Skew != "" {
		return answer.Bad("skew is a duration, which may be negative")
	}
	for _, e := range s.Endings {
		if e.Verification != None && e.Verification != VerifyFirst && e.Verification != Hold {
			return answer.Bad("verification is none, verify_first or hold")
		}
	}
	kept, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return r.file.Write(ctx, func(tx *sql.Tx) error {
		if err := state.Keep(tx, "settings", string(kept)); err != nil {
			return err
		}
		if err := r.replan(tx, s); err != nil {
			return err
		}
		r.mu.Lock()
		r.settings = s
		r.mu.Unlock()
		return nil
	})
}

// replan works out anew when that happens which waits for a decision.
func (r *Registry) replan(tx *sql.Tx, s Settings) error {
	waiting, err := pendingDomains(tx)
	if err != nil {
		return err
	}
	w := &work{r: r, tx: tx, rules: s}
	for _, d := range waiting {
		if err := w.put(d); err != nil {
			return err
		}
	}
	return nil
}

// refusal is a command that is not carried out, with its result code.
type refusal struct {
	code   epp.Code
	reason string
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s", e.code, e.text()) }

func (e *refusal) text() string {
	if e.reason == "" {
		return e.code.Text()
	}
	return e.code.Text() + ": " + e.reason
}

func refuse(code epp.Code, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// webError turns a refusal of ours into one of the control server.
func webError(err error) error {
	var no *refusal
	switch {
	case errors.As(err, &no) && no.code == epp.NoSuchObject:
		return answer.NotFound("%s", no.text())
	case errors.As(err, &no):
		return answer.Refuse(http.StatusUnprocessableEntity, fmt.Sprintf("epp_%d", no.code), "%s", no.text())
	}
	return err
}

func newSvTRID() string { return "SV-" + secret(16) }

func newROID() string { return secret(10) + "-YMSBX" }

// secret makes n random characters of A-Z and 2-7.
func secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return strings.ToUpper(base32.StdEncoding.EncodeToString(b))[:n]
}
