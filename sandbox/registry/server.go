package registry

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"yumen/protocols/epp"
)

// What the greeting announces.
var (
	objects    = []string{epp.NSDomain, epp.NSContact, epp.NSHost}
	extensions = []string{epp.NSSecDNS, epp.NSRGP, epp.NSFee, epp.NSLaunch, epp.NSLoginSec, epp.NSChangePoll, epp.NSSecureAuth,
		epp.NSUnhandled, epp.NSBundle, epp.NSCDN, epp.NSCNNICContact, epp.NSCNNICDomain, epp.NSCNNICHost}
)

// visitor is what the registry knows of a session.
type visitor struct {
	registrar string // "" before login
	speaks    []string
	loggedIn  atomic.Bool
}

// traffic is what one registrar did since the registry opened.
type traffic struct {
	Registrar       string         `json:"registrar"`
	Open            int            `json:"open"`
	Peak            int            `json:"peak"`
	Logins          int            `json:"logins"`
	RefusedLogins   int            `json:"refused_logins"`
	RefusedSessions int            `json:"refused_sessions"`
	RefusedRate     int            `json:"refused_rate"`
	Commands        map[string]int `json:"commands"`
	LostAnswers     int            `json:"lost_answers"`
	Frames          []string       `json:"frames"`

	PeakMinute int `json:"peak_minute"` // most commands in any sixty seconds, refused ones too
	PeakSecond int `json:"peak_second"` // and in any one second

	minute []time.Time // commands of the last sixty seconds, real time
}

const framesKept = 50

func (r *Registry) traffic(id string) *traffic {
	t := r.seen[id]
	if t == nil {
		t = &traffic{Registrar: id, Commands: map[string]int{}, Frames: []string{}}
		r.seen[id] = t
	}
	return t
}

// count changes a registrar's traffic. An unknown id is counted under "".
func (r *Registry) count(id string, do func(t *traffic)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r.traffic(id))
}

func (r *Registry) newServer() (*epp.Server, error) {
	config, err := r.ca.serve(r.address)
	if err != nil {
		return nil, err
	}
	return &epp.Server{
		TLS:   config,
		Codec: r.codec,
		Greeting: func(*epp.Session) epp.Greeting {
			return epp.Greeting{SvID: "Yumen sandbox registry", SvDate: epp.At(r.clock.Now()), Versions: []string{"1.0"},
				Langs: []string{"en", "zh"}, ObjURIs: objects, ExtURIs: extensions}
		},
		Opened: func(s *epp.Session) bool {
			s.Data = &visitor{}
			return true
		},
		Closed: func(s *epp.Session) {
			if v := s.Data.(*visitor); v.loggedIn.Load() {
				r.count(v.registrar, func(t *traffic) { t.Open-- })
			}
		},
		Idle: func(s *epp.Session) time.Duration {
			set := r.Settings()
			if s.Data.(*visitor).loggedIn.Load() {
				return time.Duration(set.Idle)
			}
			return time.Duration(set.LoginWait)
		},
		Trace: func(s *epp.Session, received bool, frame string) {
			v, ok := s.Data.(*visitor)
			if !ok {
				return
			}
			id := ""
			if v.loggedIn.Load() {
				id = v.registrar
			}
			r.count(id, func(t *traffic) {
				t.Frames = append(t.Frames, frame)
				if n := len(t.Frames) - framesKept; n > 0 {
					t.Frames = slices.Delete(t.Frames, 0, n)
				}
			})
		},
		Failed: func(s *epp.Session, err error) {
			r.log.Debug("registry: session", "session", s.ID, "error", err)
		},
		Handle: r.handle,
	}, nil
}

// handle answers one command of a session.
func (r *Registry) handle(ctx context.Context, s *epp.Session, cmd epp.Command) epp.Answer {
	v := s.Data.(*visitor)
	what, endings := subject(&cmd)
	if v.loggedIn.Load() {
		r.count(v.registrar, func(t *traffic) { t.Commands[what]++ })
	}
	f := r.troubles.cast(endings, what, r.clock.Now())
	if f.drop {
		return epp.Answer{Trouble: epp.Trouble{Drop: true}}
	}
	if f.result != 0 {
		return epp.Answer{Response: epp.Reply(f.result, ""), Trouble: f.answer}
	}
	if v.loggedIn.Load() && !r.inRate(v) {
		return epp.Answer{Response: epp.Reply(epp.TooManySessions, ""), Close: true}
	}
	a := epp.Answer{Response: r.respond(ctx, v, &cmd), Trouble: f.answer}
	if f.lost {
		a.Trouble.Drop = true
		r.count(v.registrar, func(t *traffic) { t.LostAnswers++ })
	}
	return a
}

// inRate counts a command against the registrar's rate: over all its sessions,
// in any sixty seconds.
func (r *Registry) inRate(v *visitor) bool {
	limit := r.Settings().CommandsPerMinute
	ok := true
	r.count(v.registrar, func(t *traffic) {
		now := time.Now()
		old, _ := slices.BinarySearchFunc(t.minute, now.Add(-time.Minute), time.Time.Compare)
		t.minute = append(t.minute[old:], now)
		t.PeakMinute = max(t.PeakMinute, len(t.minute))
		before, _ := slices.BinarySearchFunc(t.minute, now.Add(-time.Second), time.Time.Compare)
		t.PeakSecond = max(t.PeakSecond, len(t.minute)-before)
		if len(t.minute) > limit {
			t.RefusedRate++
			ok = false
		}
	})
	return ok
}

// respond carries out a command and makes its answer.
func (r *Registry) respond(ctx context.Context, v *visitor, cmd *epp.Command) epp.Response {
	resp, err := r.dispatch(ctx, v, cmd)
	var no *refusal
	switch {
	case errors.As(err, &no):
		resp = epp.Reply(no.code, no.text())
		if no.reason != "" {
			if quoted := quote(cmd); quoted != nil {
				resp.Results[0].ExtValues = []epp.ExtValue{{Value: epp.Value{Items: []any{quoted}}, Reason: epp.Text{Body: no.reason}}}
			}
		}
	case err != nil:
		r.log.Error("registry: command failed", "registrar", v.registrar, "error", err)
		resp = epp.Reply(epp.CommandFailed, "")
	}
	if resp.SvTRID == "" {
		resp.SvTRID = newSvTRID()
	}
	v.understandable(&resp)
	return resp
}

func (r *Registry) dispatch(ctx context.Context, v *visitor, cmd *epp.Command) (epp.Response, error) {
	if cmd.Verb == epp.LoginVerb {
		return r.login(ctx, v, cmd)
	}
	if !v.loggedIn.Load() {
		return epp.Response{}, refuse(epp.UseError, "not logged in")
	}
	if cmd.Verb == epp.Logout {
		return epp.Reply(epp.Bye, ""), nil
	}
	for _, x := range cmd.Extensions {
		if uri := uriOf(x); uri != "" && !slices.Contains(v.speaks, uri) {
			return epp.Response{}, refuse(epp.NoSuchExtension, "%s was not announced at login", uri)
		}
		if raw, ok := x.(*epp.Raw); ok {
			return epp.Response{}, refuse(epp.NoSuchExtension, "%s %s is not known here", raw.Name.Space, raw.Name.Local)
		}
	}
	var resp epp.Response
	err := r.act(ctx, v.registrar, func(w *work) (err error) {
		w.cmd, w.trid.ClTRID = cmd, cmd.ClTRID
		resp, err = w.execute()
		if resp.SvTRID == "" {
			resp.SvTRID = w.trid.SvTRID
		}
		return err
	})
	return resp, err
}

func (r *Registry) login(ctx context.Context, v *visitor, cmd *epp.Command) (epp.Response, error) {
	l := cmd.Login
	if v.loggedIn.Load() {
		return epp.Response{}, refuse(epp.UseError, "logged in already")
	}
	switch {
	case l.Version != "1.0":
		return epp.Response{}, refuse(epp.BadVersion, "")
	case l.Lang != "en" && l.Lang != "zh":
		return epp.Response{}, refuse(epp.NoSuchOption, "language %s", l.Lang)
	}
	for _, u := range l.ObjURIs {
		if !slices.Contains(objects, u) {
			return epp.Response{}, refuse(epp.NoSuchService, "%s", u)
		}
	}
	for _, u := range l.ExtURIs {
		if !slices.Contains(extensions, u) {
			return epp.Response{}, refuse(epp.NoSuchExtension, "%s", u)
		}
	}
	pw, newPW := l.Pw, l.NewPW
	if sec := epp.Get[epp.LoginSec](cmd.Extensions); sec != nil {
		if pw == epp.LoginSecPassword {
			pw = sec.Pw
		}
		if newPW == epp.LoginSecPassword {
			newPW = sec.NewPW
		}
	}
	known := false
	err := r.file.Write(ctx, func(tx *sql.Tx) error {
		account, err := getRegistrar(tx, l.ClID)
		if errors.Is(err, errNone) {
			return refuse(epp.AuthFailed, "")
		}
		if err != nil {
			return err
		}
		known = true
		if subtle.ConstantTimeCompare([]byte(account.Password), []byte(pw)) != 1 {
			return refuse(epp.AuthFailed, "")
		}
		if newPW == "" {
			return nil
		}
		if len(newPW) < 8 {
			return refuse(epp.PolicyViolation, "a new password has at least 8 characters")
		}
		return setPassword(tx, l.ClID, newPW)
	})
	if err != nil {
		id := ""
		if known {
			id = l.ClID
		}
		r.count(id, func(t *traffic) { t.RefusedLogins++ })
		return epp.Response{}, err
	}
	limit, full := r.Settings().MaxSessions, false
	r.count(l.ClID, func(t *traffic) {
		if full = t.Open >= limit; full {
			t.RefusedSessions++
			return
		}
		t.Open++
		t.Logins++
		t.Peak = max(t.Peak, t.Open)
	})
	if full {
		return epp.Response{}, refuse(epp.TooManySessions, "%d sessions are open", limit)
	}
	v.registrar, v.speaks = l.ClID, append(slices.Clone(l.ObjURIs), l.ExtURIs...)
	v.loggedIn.Store(true)
	return epp.Reply(epp.Done, ""), nil
}

// understandable leaves out what the client did not announce; with RFC 9038 it
// goes into extValue instead.
func (v *visitor) understandable(resp *epp.Response) {
	if len(resp.Extensions) == 0 && len(resp.Data) == 0 {
		return
	}
	pass := func(list []any) (kept []any) {
		for _, x := range list {
			uri := uriOf(x)
			if uri == "" || slices.Contains(v.speaks, uri) {
				kept = append(kept, x)
			} else if slices.Contains(v.speaks, epp.NSUnhandled) && len(resp.Results) > 0 {
				resp.Results[0].ExtValues = append(resp.Results[0].ExtValues, epp.ExtValue{
					Value: epp.Value{Items: []any{x}}, Reason: epp.Text{Body: uri + " not in login services"}})
			}
		}
		return kept
	}
	resp.Data, resp.Extensions = pass(resp.Data), pass(resp.Extensions)
}

// uriOf is the namespace of a typed extension or answer; "" when it needs no
// announcement.
func uriOf(x any) string {
	switch x := x.(type) {
	case *epp.Raw:
		return x.Name.Space
	case *epp.SecDNSCreate, *epp.SecDNSUpdate, *epp.SecDNSInfData:
		return epp.NSSecDNS
	case *epp.RGPUpdate, *epp.RGPInfData, *epp.RGPUpData:
		return epp.NSRGP
	case *epp.FeeCheck, *epp.FeeChkData, *epp.FeeCreate, *epp.FeeCreData, *epp.FeeRenew, *epp.FeeRenData, *epp.FeeTransfer,
		*epp.FeeTrnData, *epp.FeeUpdate, *epp.FeeUpdData, *epp.FeeDelData:
		return epp.NSFee
	case *epp.LoginSec, *epp.LoginSecData:
		return epp.NSLoginSec
	case *epp.ChangeData:
		return epp.NSChangePoll
	case *epp.CNNICContactCreate, *epp.CNNICContactUpdate, *epp.CNNICContactInfData:
		return epp.NSCNNICContact
	case *epp.CNNICDomainCreate, *epp.CNNICDomainUpdate, *epp.CNNICDomainInfData:
		return epp.NSCNNICDomain
	case *epp.CNNICHostCreate, *epp.CNNICHostUpdate, *epp.CNNICHostInfData:
		return epp.NSCNNICHost
	case *launchCheck, *launchChkData, *launchCreate:
		return epp.NSLaunch
	case *bundleCreate, *bundleCreData, *bundleInfData, *bundleDelData, *bundleRenData, *bundleTrnData, *bundleUpData:
		return epp.NSBundle
	case *cdnCreData, *cdnInfData, *cdnDelData, *cdnRenData, *cdnTrnData:
		return epp.NSCDN
	}
	return ""
}

// quote is the object of a command as a refusal quotes it; nil when there is none.
func quote(cmd *epp.Command) any {
	id, prefix, element := "", "", "name"
	switch x := cmd.Object.(type) {
	case *epp.DomainCreate:
		id, prefix = x.Name, epp.NSDomain
	case *epp.DomainUpdate:
		id, prefix = x.Name, epp.NSDomain
	case *epp.DomainRenew:
		id, prefix = x.Name, epp.NSDomain
	case *epp.DomainTransfer:
		id, prefix = x.Name, epp.NSDomain
	case *epp.DomainDelete:
		id, prefix = x.Name, epp.NSDomain
	case *epp.DomainInfo:
		id, prefix = x.Name.Value, epp.NSDomain
	case *epp.ContactCreate:
		id, prefix, element = x.ID, epp.NSContact, "id"
	case *epp.ContactUpdate:
		id, prefix, element = x.ID, epp.NSContact, "id"
	case *epp.ContactDelete:
		id, prefix, element = x.ID, epp.NSContact, "id"
	case *epp.ContactInfo:
		id, prefix, element = x.ID, epp.NSContact, "id"
	case *epp.HostCreate:
		id, prefix = x.Name, epp.NSHost
	case *epp.HostUpdate:
		id, prefix = x.Name, epp.NSHost
	case *epp.HostDelete:
		id, prefix = x.Name, epp.NSHost
	case *epp.HostInfo:
		id, prefix = x.Name, epp.NSHost
	default:
		return nil
	}
	raw, err := epp.ParseRaw(fmt.Sprintf(`<o:%s xmlns:o="%s">%s</o:%s>`, element, prefix, escape(id), element))
	if err != nil {
		return nil
	}
	return raw
}
