package permits

import (
	"encoding/json"
	"errors"
	"fmt"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
)

// own orders the house's rows before the root's; of each the newest.
const own = ` ORDER BY CASE WHEN house = $1 THEN 0 ELSE 1 END, version DESC LIMIT 1`

func currentPermit(tx *db.Tx, house int64) (Permit, bool, error) {
	type row struct {
		Version   int64  `db:"version"`
		Withdrawn bool   `db:"withdrawn"`
		HolderZh  string `db:"holder_zh"`
		HolderEn  string `db:"holder_en"`
		Number    string `db:"number"`
		IssuerZh  string `db:"issuer_zh"`
		IssuerEn  string `db:"issuer_en"`
		Items     string `db:"items"`
		Issued    string `db:"issued"`
		Expires   string `db:"expires"`
		ExitOn    string `db:"exit_on"`
	}
	r, err := db.Get[row](tx, `SELECT version, withdrawn, holder_zh, holder_en, number, issuer_zh, issuer_en, items, issued, expires, exit_on
		FROM permits_permits WHERE house IN ($1, $2)`+own, house, root)
	if errors.Is(err, db.ErrNotFound) {
		return Permit{}, false, nil
	}
	if err != nil {
		return Permit{}, false, err
	}
	p := Permit{Version: r.Version, Withdrawn: r.Withdrawn, Holder: Text{r.HolderZh, r.HolderEn}, Number: r.Number,
		Issuer: Text{r.IssuerZh, r.IssuerEn}}
	if err := json.Unmarshal([]byte(r.Items), &p.Items); err != nil {
		return Permit{}, false, fmt.Errorf("permits: items of version %d: %w", r.Version, err)
	}
	err = days(pair{&p.Issued, r.Issued}, pair{&p.Expires, r.Expires}, pair{&p.ExitOn, r.ExitOn})
	return p, true, err
}

func insertPermit(tx *db.Tx, who actor.Actor, p Permit, why string) (int64, error) {
	version, err := bump(tx, who.House)
	if err != nil {
		return 0, err
	}
	items, err := json.Marshal(p.Items)
	if err != nil {
		return 0, err
	}
	if p.Items == nil {
		items = []byte("[]")
	}
	_, err = tx.Exec(`INSERT INTO permits_permits (id, house, version, withdrawn, holder_zh, holder_en, number, issuer_zh, issuer_en,
		items, issued, expires, exit_on, person, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		tx.NewID(), who.House, version, p.Withdrawn, p.Holder.Zh, p.Holder.En, p.Number, p.Issuer.Zh, p.Issuer.En,
		string(items), date(p.Issued), date(p.Expires), date(p.ExitOn), who.Person, why, tx.Now)
	return version, err
}

type listingRow struct {
	House             int64  `db:"house"`
	Ending            string `db:"ending"`
	Version           int64  `db:"version"`
	Mode              string `db:"mode"`
	Announced         string `db:"announced"`
	RegistryZh        string `db:"registry_zh"`
	RegistryEn        string `db:"registry_en"`
	RegistryPermit    string `db:"registry_permit"`
	RegistryPermitTo  string `db:"registry_permit_to"`
	Agreement         string `db:"agreement"`
	AgreementFrom     string `db:"agreement_from"`
	AgreementTo       string `db:"agreement_to"`
	RegistrarZh       string `db:"registrar_zh"`
	RegistrarEn       string `db:"registrar_en"`
	RegistrarPermit   string `db:"registrar_permit"`
	RegistrarPermitTo string `db:"registrar_permit_to"`
	ExitOn            string `db:"exit_on"`
	Certificate       string `db:"certificate"`
	Hotline           string `db:"hotline"`
	Mail              string `db:"mail"`
	RegistrarsURL     string `db:"registrars_url"`
}

const listingColumns = `house, ending, version, mode, announced, registry_zh, registry_en, registry_permit, registry_permit_to,
	agreement, agreement_from, agreement_to, registrar_zh, registrar_en, registrar_permit, registrar_permit_to, exit_on,
	certificate, hotline, mail, registrars_url`

func (r listingRow) listing() (Listing, error) {
	l := Listing{Ending: r.Ending, Version: r.Version, Mode: Mode(r.Mode), Registry: Text{r.RegistryZh, r.RegistryEn},
		RegistryPermit: r.RegistryPermit, Agreement: r.Agreement, Registrar: Text{r.RegistrarZh, r.RegistrarEn},
		RegistrarPermit: r.RegistrarPermit, Certificate: r.Certificate, Hotline: r.Hotline, Mail: r.Mail, RegistrarsURL: r.RegistrarsURL}
	return l, days(pair{&l.Announced, r.Announced}, pair{&l.RegistryPermitTo, r.RegistryPermitTo},
		pair{&l.AgreementFrom, r.AgreementFrom}, pair{&l.AgreementTo, r.AgreementTo},
		pair{&l.RegistrarPermitTo, r.RegistrarPermitTo}, pair{&l.ExitOn, r.ExitOn})
}

func currentListing(tx *db.Tx, house int64, ending string) (Listing, bool, error) {
	r, err := db.Get[listingRow](tx, `SELECT `+listingColumns+` FROM permits_endings WHERE house IN ($1, $2) AND ending = $3`+own,
		house, root, ending)
	if errors.Is(err, db.ErrNotFound) {
		return Listing{}, false, nil
	}
	if err != nil {
		return Listing{}, false, err
	}
	l, err := r.listing()
	return l, true, err
}

func listings(tx *db.Tx, house int64) ([]Listing, error) {
	rows, err := db.All[listingRow](tx, `SELECT `+listingColumns+` FROM permits_endings WHERE house IN ($1, $2)
		ORDER BY ending, CASE WHEN house = $1 THEN 0 ELSE 1 END, version DESC LIMIT 20000`, house, root)
	if err != nil {
		return nil, err
	}
	var out []Listing
	for _, r := range rows {
		if len(out) > 0 && out[len(out)-1].Ending == r.Ending {
			continue // an older version, or the root's below the house's own
		}
		l, err := r.listing()
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func insertListing(tx *db.Tx, who actor.Actor, l Listing, why string) (int64, error) {
	version, err := bump(tx, who.House)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO permits_endings (id, `+listingColumns+`, person, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		tx.NewID(), who.House, l.Ending, version, string(l.Mode), date(l.Announced), l.Registry.Zh, l.Registry.En,
		l.RegistryPermit, date(l.RegistryPermitTo), l.Agreement, date(l.AgreementFrom), date(l.AgreementTo),
		l.Registrar.Zh, l.Registrar.En, l.RegistrarPermit, date(l.RegistrarPermitTo), date(l.ExitOn),
		l.Certificate, l.Hotline, l.Mail, l.RegistrarsURL, who.Person, why, tx.Now)
	return version, err
}

func currentImprint(tx *db.Tx, house int64) (Imprint, error) {
	body, err := db.Get[string](tx, `SELECT body FROM permits_notices WHERE house IN ($1, $2)`+own, house, root)
	if errors.Is(err, db.ErrNotFound) {
		return Imprint{}, nil
	}
	if err != nil {
		return Imprint{}, err
	}
	var i Imprint
	if err := json.Unmarshal([]byte(body), &i); err != nil {
		return Imprint{}, fmt.Errorf("permits: imprint of house %d: %w", house, err)
	}
	return i, nil
}

func insertImprint(tx *db.Tx, who actor.Actor, i Imprint, why string) (int64, error) {
	version, err := bump(tx, who.House)
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(i)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO permits_notices (id, house, version, body, person, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.NewID(), who.House, version, string(body), who.Person, why, tx.Now)
	return version, err
}

// bump raises the house's version; the row it touches keeps two editors from
// using the same one.
func bump(tx *db.Tx, house int64) (int64, error) {
	edits := editsOf(tx.DB())
	tx.AfterCommit(func() { edits.Add(1) })
	return db.Get[int64](tx, `INSERT INTO permits_versions (house, version) VALUES ($1, 1)
		ON CONFLICT (house) DO UPDATE SET version = permits_versions.version + 1 RETURNING version`, house)
}

// versionOf rises with every edit of the house and of the root it falls back on.
func versionOf(tx *db.Tx, house int64) (int64, error) {
	return db.Get[int64](tx, `SELECT CAST(COALESCE(sum(version), 0) AS BIGINT) FROM permits_versions WHERE house IN ($1, $2)`, house, root)
}

func date(d calendar.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

type pair struct {
	into *calendar.Day
	text string
}

func days(list ...pair) error {
	for _, p := range list {
		if p.text == "" {
			continue
		}
		d, err := calendar.ParseDay(p.text)
		if err != nil {
			return err
		}
		*p.into = d
	}
	return nil
}
