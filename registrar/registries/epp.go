package registries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yumen/protocols/epp"
	"yumen/registrar/names"
)

// eppSupplier is a registry that speaks EPP.
type eppSupplier struct {
	pool *epp.Pool
	set  Settings
	clID string // who we are there
}

// eppMailroom is the poll queue of a registry account.
type eppMailroom struct {
	pool     *epp.Pool
	prefaces []string // see Settings
}

// outcomes says what an EPP answer means to an order (epp.md §4).
var outcomes = map[epp.Class]Outcome{
	epp.Unknown:   Unknown,
	epp.Completed: Done,
	epp.Pending:   Pending,
	epp.Refused:   Refused,
	epp.Ask:       Ask,
	epp.Fault:     Fault,
	epp.Relogin:   Unsent, // a session that was not logged in has done nothing
	epp.NoFunds:   NoFunds,
	epp.Suspended: Suspended,
	epp.Wait:      Wait,
	epp.Unsent:    Unsent,
}

// do sends one command and reads what became of it.
func (e *eppSupplier) do(ctx context.Context, cmd epp.Command) (epp.Response, Answer) {
	r, err := e.pool.Do(ctx, epp.KindTransform, cmd)
	verb := epp.Create
	a := Answer{Outcome: outcomes[epp.Outcome(verb, r, err)], Code: int(r.Code()), SvTRID: r.SvTRID, Err: err}
	var refused *epp.ResultError
	if errors.As(err, &refused) {
		a.Code, a.SvTRID = int(refused.Code), refused.SvTRID
		a.Words = clip(refused.Reason)
		if a.Words == "" {
			a.Words = clip(refused.Msg)
		}
		// A login that was refused comes wrapped as unsent: the account is shut.
		if a.Outcome == Unsent && refused.Class() == epp.Suspended {
			a.Outcome = Suspended
		}
		if a.Outcome == Unsent && refused.Class() == epp.Wait {
			a.Outcome = Wait
		}
	}
	a.Result.Unreadable = r.Unreadable != nil
	return r, a
}

func (e *eppSupplier) Check(ctx context.Context, list []names.Name) (map[string]Availability, error) {
	return e.check(ctx, epp.KindCheck, list, 1)
}

// Prices is Check with the fee of so many years.
func (e *eppSupplier) Prices(ctx context.Context, list []names.Name, years int) (map[string]Availability, error) {
	return e.check(ctx, epp.KindCheck, list, years)
}

// CheckIdle is Check behind everything else that is said to the registry.
func (e *eppSupplier) CheckIdle(ctx context.Context, list []names.Name) (map[string]Availability, error) {
	return e.check(ctx, epp.KindIdle, list, 1)
}

func (e *eppSupplier) check(ctx context.Context, kind epp.Kind, list []names.Name, years int) (map[string]Availability, error) {
	cmd := &epp.DomainCheck{}
	for _, n := range list {
		cmd.Names = append(cmd.Names, n.A())
	}
	c := epp.Command{Object: cmd}
	if e.set.SendFee {
		// Always with the currency: a real server drops the connection without.
		c.Extensions = []any{&epp.FeeCheck{Currency: e.set.Currency, Commands: []epp.FeeCommand{
			{Name: "create", Period: epp.Years(years)}, {Name: "renew", Period: epp.Years(1)}, {Name: "restore"}}}}
	}
	r, err := e.pool.Do(ctx, kind, c)
	if err != nil {
		return nil, err
	}
	data := epp.Get[epp.DomainChkData](r.Data)
	if data == nil {
		return nil, errors.New("registries: a check without chkData")
	}
	out := map[string]Availability{}
	for _, cd := range data.CD {
		a := Availability{State: Free}
		if cd.Reason != nil {
			a.Reason = cd.Reason.Body
		}
		if !cd.Name.Avail {
			a.State = Taken
			a.Listed = e.set.ClassOf(a.Reason)
			if a.Listed != "" || reserved(a.Reason) {
				a.State = NotSold
			}
		}
		out[strings.ToLower(cd.Name.Value)] = a
	}
	if fees := epp.Get[epp.FeeChkData](r.Extensions); fees != nil {
		for _, cd := range fees.CD {
			key := strings.ToLower(cd.ObjID.Value)
			if a, ok := out[key]; ok {
				out[key] = a.quoted(fees.Currency, cd)
			}
		}
	}
	return out, nil
}

// reserved tells from the registry's words that a name is nobody's: EPP only
// says that it is not available.
func reserved(words string) bool {
	w := strings.ToLower(words)
	for _, mark := range []string{"reserved", "prohibited", "blocked", "invalid", "保留", "禁止", "not allowed"} {
		if strings.Contains(w, mark) {
			return true
		}
	}
	return false
}

func (e *eppSupplier) CreateDomain(ctx context.Context, clTRID string, d NewDomain) Answer {
	create := &epp.DomainCreate{Name: d.Name.A(), Period: epp.Years(d.Years), Registrant: d.Registrant}
	for _, role := range e.set.Roles {
		create.Contacts = append(create.Contacts, epp.DomainContact{Type: role, ID: d.Registrant})
	}
	if len(d.Nameservers) > 0 {
		create.NS = &epp.DomainNS{Hosts: d.Nameservers}
	}
	cmd := epp.Command{Object: create, ClTRID: clTRID}
	if e.set.SendFee && d.Fee != "" {
		cmd.Extensions = append(cmd.Extensions, &epp.FeeCreate{FeeTransform: epp.FeeTransform{
			Currency: d.Currency, Fees: []epp.Fee{{Value: d.Fee}}}})
	}
	if e.set.Extension == CNNIC {
		cmd.Extensions = append(cmd.Extensions, &epp.CNNICDomainCreate{CNNICDomain: epp.CNNICDomain{
			Type: holderType(d.Organisation), Purveyor: e.set.Purveyor}})
	}
	r, a := e.do(ctx, cmd)
	if data := epp.Get[epp.DomainCreData](r.Data); data != nil {
		a.Result.CrDate = data.CrDate.Time
		if data.ExDate != nil {
			a.Result.ExDate = data.ExDate.Time
		}
		if !strings.EqualFold(data.Name, d.Name.A()) {
			a.Result.Unreadable = true // a yes to another question: what it did has to be asked
		}
	}
	a.Result.Bundle = createdBundle(r.Extensions, d.Name.A())
	return a
}

func (e *eppSupplier) Domain(ctx context.Context, nameA string) (Domain, error) {
	return e.info(ctx, epp.KindQuery, nameA)
}

// DomainIdle is Domain behind everything else that is said to the registry.
func (e *eppSupplier) DomainIdle(ctx context.Context, nameA string) (Domain, error) {
	return e.info(ctx, epp.KindIdle, nameA)
}

func (e *eppSupplier) info(ctx context.Context, kind epp.Kind, nameA string) (Domain, error) {
	r, err := e.pool.Do(ctx, kind, epp.Command{Object: &epp.DomainInfo{Name: epp.DomainInfoName{Value: nameA}}})
	var refused *epp.ResultError
	if errors.As(err, &refused) && !isUnsent(err) && refused.Code == epp.NotAuthorised {
		return Domain{NameA: nameA}, nil // it exists, under somebody who does not show it
	}
	if err != nil {
		return Domain{}, notThere(err)
	}
	data := epp.Get[epp.DomainInfData](r.Data)
	if data == nil {
		return Domain{}, errors.Join(errors.New("registries: an info without infData"), r.Unreadable)
	}
	d := Domain{NameA: strings.ToLower(data.Name), ROID: data.ROID, Ours: data.ClID == e.clID, Sponsor: data.ClID,
		Registrant: data.Registrant, Statuses: words(data.Statuses), CrDate: at(data.CrDate), UpDate: at(data.UpDate),
		ExDate: at(data.ExDate), TrDate: at(data.TrDate)}
	if data.NS != nil {
		d.Nameservers = append(d.Nameservers, data.NS.Hosts...)
		for _, h := range data.NS.Attrs {
			d.Nameservers = append(d.Nameservers, h.Name)
		}
	}
	if rgp := epp.Get[epp.RGPInfData](r.Extensions); rgp != nil {
		d.RGP = words(rgp.Statuses)
	}
	d.Bundle = bundleOf(r.Extensions, d.NameA)
	// A variant is answered with the name it belongs to; registries show the
	// bundle to its sponsor alone.
	if d.NameA != nameA && !slices.Contains(d.Bundle, nameA) && !variants(nameA, d.NameA) {
		return Domain{}, fmt.Errorf("registries: asked about %s, answered about %q", nameA, clip(d.NameA))
	}
	return d, nil
}

// variants reports whether two names exclude each other.
func variants(a, b string) bool {
	x, _, err := names.Parse(a)
	if err != nil {
		return false
	}
	y, _, err := names.Parse(b)
	return err == nil && x.VariantOf(y)
}

// notThere turns "does not exist" into the answer it is.
func notThere(err error) error {
	var refused *epp.ResultError
	if errors.As(err, &refused) && !isUnsent(err) && refused.Code == epp.NoSuchObject {
		return ErrNotThere
	}
	return err
}

// Silent reports whether a question failed because no answer came, rather than
// because of what was answered.
func Silent(err error) bool {
	var unknown *epp.UnknownError
	return isUnsent(err) || errors.As(err, &unknown)
}

func isUnsent(err error) bool {
	var u *epp.UnsentError
	return errors.As(err, &u)
}

// mostWords bounds what of a registry's words is kept and shown, in characters:
// a frame may hold a megabyte of them.
const mostWords = 500

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > mostWords {
		s = string(r[:mostWords]) + "…"
	}
	return s
}

func words(list []epp.Status) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.S)
	}
	return out
}

func at(t *epp.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}
