package registry

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/answer"
)

// RivalAct is what the second registrar is told to do.
type RivalAct struct {
	Name     string          `json:"name"`
	Years    int             `json:"years"`
	Age      answer.Duration `json:"age"` // how long ago it registered
	AuthInfo string          `json:"auth_info"`
}

// Act lets the rival do something. It obeys the rules of every registrar.
func (r *Registry) Act(ctx context.Context, verb string, a RivalAct) (v DomainView, err error) {
	full := aLabel(a.Name)
	err = r.act(ctx, Rival, func(w *work) error {
		w.cmd = &epp.Command{}
		var err error
		switch verb {
		case "register":
			err = w.rivalRegisters(full, a)
		case "transfer-in":
			pw := a.AuthInfo
			if pw == "" {
				d, err := w.named(full)
				if err != nil {
					return err
				}
				pw = d.AuthInfo
			}
			_, err = w.domainTransfer(&epp.DomainTransfer{Name: full, AuthInfo: &epp.AuthInfo{Pw: pw}}, epp.OpRequest)
		case "cancel", "approve", "reject":
			_, err = w.domainTransfer(&epp.DomainTransfer{Name: full}, epp.Op(verb))
		default:
			return answer.NotFound("no such verb: %s", verb)
		}
		if err != nil {
			return err
		}
		v, err = w.viewOf(full)
		return err
	})
	return v, err
}

// rivalRegisters makes a name with the rival's own contact. It is registered
// at once, however long the registry would think about it.
func (w *work) rivalRegisters(full string, a RivalAct) error {
	const contact = "RIVAL-1"
	if _, err := getContact(w.tx, contact); errors.Is(err, errNone) {
		postal := epp.PostalInfo{Type: "int", Name: "Rival Registrar", Org: "Rival Registrar Ltd",
			Addr: epp.Address{Street: []string{"1 Other Street"}, City: "Shanghai", PC: "200000", CC: "CN"}}
		loc := postal
		loc.Type = "loc"
		k := &Contact{ID: contact, ROID: newROID(), Postal: []epp.PostalInfo{loc, postal}, Email: "hostmaster@rival.example", ClID: w.who, CrID: w.who,
			CrDate: w.now, Approved: true, CNNIC: &epp.CNNICContact{Type: "E", Document: &epp.CNNICDocument{Type: "QT", Number: "0"}, Purveyor: w.who, Mobile: "+86.13800000000"}}
		if err := putContact(w.tx, k); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	c := &epp.DomainCreate{Name: full, Registrant: contact, AuthInfo: epp.AuthInfo{Pw: a.AuthInfo}, Period: epp.Years(max(a.Years, 1))}
	for _, role := range []string{"admin", "tech", "billing"} {
		c.Contacts = append(c.Contacts, epp.DomainContact{Type: role, ID: contact})
	}
	if n, err := parseName(full); err == nil {
		if price, class := w.price(n, "create"); class != "" {
			fee := epp.FeeTransform{Fees: []epp.Fee{{Value: decimal(price * int64(max(a.Years, 1)))}}}
			w.cmd.Extensions = []any{&epp.FeeCreate{FeeTransform: fee}}
		}
	}
	if _, err := w.domainCreate(c); err != nil {
		return err
	}
	d, err := w.named(full)
	if err != nil {
		return err
	}
	if d.State == statePending {
		d.State = stateRegistered
		d.Statuses = nil
		d.ExDate = addYears(d.CrDate, d.Years)
	}
	remove(&d.Statuses, "serverHold")
	d.HeldAt = time.Time{}
	if age := time.Duration(a.Age); age > 0 {
		d.CrDate, d.ExDate = d.CrDate.Add(-age), d.ExDate.Add(-age)
		d.Graces = nil
		for !d.ExDate.After(w.now) {
			d.ExDate = addYears(d.ExDate, 1)
		}
	}
	return w.put(d)
}

func (r *Registry) rivalRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /rival/{verb}", func(w http.ResponseWriter, q *http.Request) {
		var a RivalAct
		err := answer.Read(q, &a)
		if err == nil && strings.TrimSpace(a.Name) == "" {
			err = answer.Bad("name is missing")
		}
		var v DomainView
		if err == nil {
			v, err = r.Act(q.Context(), q.PathValue("verb"), a)
		}
		answer.Of(w, v, webError(err))
	})
}
