package registry

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"yumen/sandbox/answer"
)

// DomainView is a name as GET /state/domains shows it.
type DomainView struct {
	Name       string              `json:"name"`
	ULabel     string              `json:"u_label"`
	Ending     string              `json:"ending"`
	ROID       string              `json:"roid"`
	ClID       string              `json:"clID"`
	CrID       string              `json:"crID"`
	CrDate     *answer.Time        `json:"crDate,omitempty"`
	UpDate     *answer.Time        `json:"upDate,omitempty"`
	ExDate     *answer.Time        `json:"exDate,omitempty"`
	TrDate     *answer.Time        `json:"trDate,omitempty"`
	Statuses   []string            `json:"statuses"`
	RGP        []string            `json:"rgp"`
	Registrant string              `json:"registrant"`
	Contacts   map[string][]string `json:"contacts"`
	Hosts      []string            `json:"hosts"`
	AuthInfo   string              `json:"authInfo"`
	Bundle     []string            `json:"bundle"`
	State      string              `json:"state"`
	Next       *EventView          `json:"next,omitempty"`
	Reasons    map[string]string   `json:"reasons"`
	CrTRID     string              `json:"crTRID"`
	Fee        int64               `json:"fee"`
}

// EventView is what happens to a name next by itself.
type EventView struct {
	Event string       `json:"event"`
	At    *answer.Time `json:"at"`
}

func (w *work) view(d *Domain) DomainView {
	v := DomainView{Name: d.Name, ULabel: d.ULabel, Ending: d.Ending, ROID: d.ROID, ClID: d.ClID, CrID: d.CrID,
		CrDate: instant(d.CrDate), UpDate: instant(d.UpDate), ExDate: instant(d.ExDate), TrDate: instant(d.TrDate),
		Statuses: d.shown(), RGP: orNone(d.rgp()), Registrant: d.Registrant, Contacts: map[string][]string{},
		Hosts: orNone(d.Hosts), AuthInfo: d.AuthInfo, Bundle: orNone(d.Bundle), State: d.State, Reasons: d.Reasons,
		CrTRID: d.Applied.ClTRID, Fee: d.Fee}
	for _, c := range d.Contacts {
		v.Contacts[c.Type] = append(v.Contacts[c.Type], c.ID)
	}
	if e := w.next(d); e.Name != "" {
		v.Next = &EventView{e.Name, instant(e.At)}
	}
	return v
}

func instant(t time.Time) *answer.Time {
	if t.IsZero() {
		return nil
	}
	return new(answer.Time(t))
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// Domains lists names, all of them or those of an ending or a registrar.
func (r *Registry) Domains(ctx context.Context, ending, registrar string) ([]DomainView, error) {
	if ending != "" {
		p := policyFor(ending)
		if p == nil {
			return nil, answer.NotFound("no such ending: %s", ending)
		}
		ending = p.Ending
	}
	list := []DomainView{}
	err := r.act(ctx, "", func(w *work) error {
		names, err := listDomains(w.tx, ending, registrar)
		for _, d := range names {
			list = append(list, w.view(d))
		}
		return err
	})
	return list, err
}

// ContactView is a contact as GET /state/contacts shows it: without numbers.
type ContactView struct {
	ID           string       `json:"id"`
	Registrar    string       `json:"registrar"`
	Statuses     []string     `json:"statuses"`
	Name         string       `json:"name"`
	Org          string       `json:"org"`
	CC           string       `json:"cc"`
	Email        string       `json:"email"`
	DocumentType string       `json:"document_type"`
	Approved     bool         `json:"approved"`
	Reason       string       `json:"reason"`
	CreatedAt    *answer.Time `json:"created_at"`
}

func (w *work) viewContact(k *Contact) (ContactView, error) {
	list, err := w.contactStatuses(k)
	v := ContactView{ID: k.ID, Registrar: k.ClID, Statuses: list, Email: k.Email, Approved: k.Approved, Reason: k.Reason, CreatedAt: instant(k.CrDate)}
	for _, p := range k.Postal {
		if v.Name == "" || p.Type == "loc" {
			v.Name, v.Org, v.CC = p.Name, p.Org, p.Addr.CC
		}
	}
	if k.CNNIC != nil && k.CNNIC.Document != nil {
		v.DocumentType = k.CNNIC.Document.Type
	}
	return v, err
}

// MessageView is a poll message as GET /state/poll shows it.
type MessageView struct {
	ID        int64        `json:"id"`
	Registrar string       `json:"registrar"`
	Kind      string       `json:"kind"`
	Name      string       `json:"name"`
	Text      string       `json:"text"`
	QueuedAt  *answer.Time `json:"queued_at"`
	AckedAt   *answer.Time `json:"acked_at"`
}

// Messages lists all poll messages, oldest first.
func (r *Registry) Messages(ctx context.Context, registrar string) ([]MessageView, error) {
	list := []MessageView{}
	err := r.act(ctx, "", func(w *work) error {
		all, err := listMessages(w.tx, registrar)
		for _, m := range all {
			list = append(list, MessageView{m.ID, m.Registrar, m.Kind, m.Name, m.Text, instant(m.QueuedAt), instant(m.AckedAt)})
		}
		return err
	})
	return list, err
}

// Registrars lists the accounts with their passwords: they are for practice.
func (r *Registry) Registrars(ctx context.Context) (list []*Registrar, err error) {
	err = r.file.Write(ctx, func(tx *sql.Tx) error {
		list, err = listRegistrars(tx)
		return err
	})
	return list, err
}

// Sessions shows the traffic of each registrar; "" is what came before login.
func (r *Registry) Sessions() []traffic {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []traffic{}
	for _, t := range r.seen {
		c := *t
		c.Frames = slices.Clone(t.Frames)
		c.Commands = make(map[string]int, len(t.Commands))
		for k, n := range t.Commands {
			c.Commands[k] = n
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b traffic) int { return strings.Compare(a.Registrar, b.Registrar) })
	return list
}

// Rules are those of one ending as GET /connect shows them.
type Rules struct {
	Ending           string         `json:"ending"`
	ULabel           string         `json:"u_label"`
	Policy           string         `json:"policy"`
	Pending          bool           `json:"pending"`
	Verification     string         `json:"verification"`
	ContactExtension string         `json:"contact_extension"`
	Roles            []string       `json:"roles"`
	Bundle           bool           `json:"bundle"`
	Currency         string         `json:"currency"`
	Prices           Prices         `json:"prices"`
	Days             map[string]int `json:"days"`
}

// Rules lists them for all endings.
func (r *Registry) Rules() []Rules {
	set := r.Settings()
	list := []Rules{}
	for _, p := range Policies {
		x := Rules{Ending: p.Ending, ULabel: p.ULabel, Policy: p.Name, Pending: p.Pending, Verification: set.Endings[p.Ending].Verification,
			Roles: orNone(p.Roles), Bundle: p.Bundle, Currency: Currency, Prices: p.Prices, Days: map[string]int{
				"add": p.Add, "auto_renew": p.AutoRenew, "renew": p.Renew, "transfer": p.Transfer, "redemption": p.Redemption,
				"pending_delete": p.PendingDelete, "transfer_lock": p.TransferLock, "materials": p.Materials, "decision": p.Decision}}
		if p.CNNIC {
			x.ContactExtension = "cnnic"
		}
		list = append(list, x)
	}
	return list
}

// viewOf finds a name as control was given it, and shows it.
func (w *work) viewOf(s string) (DomainView, error) {
	d, err := w.named(s)
	if err != nil {
		return DomainView{}, err
	}
	return w.view(d), nil
}

func (w *work) named(s string) (*Domain, error) {
	d, _, err := w.find(aLabel(s))
	var no *refusal
	if errors.As(err, &no) {
		return nil, answer.NotFound("no such domain: %s", s)
	}
	return d, err
}
