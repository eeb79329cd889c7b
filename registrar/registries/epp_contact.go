package registries

import (
	"context"
	"errors"
	"fmt"

	"yumen/protocols/epp"
)

// CNNIC is the family of extensions that carry the holder's document.
const CNNIC = "cnnic"

func holderType(organisation bool) string {
	if organisation {
		return "E"
	}
	return "I"
}

func (e *eppSupplier) CreateContact(ctx context.Context, clTRID string, c Contact) Answer {
	phone := c.Phone
	if phone == "" {
		phone = c.Mobile
	}
	create := &epp.ContactCreate{ID: c.ID, Email: c.Email,
		Postal: []epp.PostalInfo{
			{Type: "loc", Name: c.Name, Org: c.Org,
				Addr: epp.Address{Street: c.Street, City: c.City, SP: c.Province, PC: c.PostCode, CC: c.Country}},
			{Type: "int", Name: c.NameLatin, Org: c.OrgLatin,
				Addr: epp.Address{Street: c.StreetLatin, City: c.CityLatin, SP: c.ProvinceLat, PC: c.PostCode, CC: c.Country}},
		},
		// Nothing of a holder is published by the registry (PIPL art. 28).
		Disclose: &epp.Disclose{Flag: false, Name: []epp.PostalType{{Type: "int"}, {Type: "loc"}},
			Addr: []epp.PostalType{{Type: "int"}, {Type: "loc"}}, Voice: true, Email: true},
	}
	if phone != "" {
		create.Voice = &epp.Phone{Value: phone}
	}
	cmd := epp.Command{Object: create, ClTRID: clTRID}
	if e.set.Extension == CNNIC {
		code, ok := e.set.DocumentCodes[c.DocumentKind]
		if !ok {
			return Answer{Outcome: Fault, Words: "no code for the document kind " + c.DocumentKind}
		}
		cmd.Extensions = []any{&epp.CNNICContactCreate{CNNICContact: epp.CNNICContact{Type: holderType(c.Organisation),
			Document: &epp.CNNICDocument{Type: code, Number: c.DocumentNo}, Purveyor: e.set.Purveyor, Mobile: c.Mobile}}}
	}
	r, a := e.do(ctx, cmd)
	if data := epp.Get[epp.ContactCreData](r.Data); data != nil {
		a.Result.CrDate = data.CrDate.Time
	}
	return a
}

func (e *eppSupplier) Contact(ctx context.Context, id string) (ContactState, error) {
	r, err := e.pool.Do(ctx, epp.KindQuery, epp.Command{Object: &epp.ContactInfo{ID: id}})
	var refused *epp.ResultError
	if errors.As(err, &refused) && !isUnsent(err) && refused.Code == epp.NotAuthorised {
		return ContactState{ID: id}, nil // it is somebody else's
	}
	if err != nil {
		return ContactState{}, notThere(err)
	}
	data := epp.Get[epp.ContactInfData](r.Data)
	if data == nil {
		return ContactState{}, errors.Join(errors.New("registries: an info without infData"), r.Unreadable)
	}
	if data.ID != id {
		return ContactState{}, fmt.Errorf("registries: asked about contact %s, answered about %q", id, clip(data.ID))
	}
	return ContactState{ID: data.ID, Ours: data.ClID == e.clID, Statuses: words(data.Statuses)}, nil
}
