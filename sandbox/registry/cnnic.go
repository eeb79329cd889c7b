package registry

import (
	"database/sql"
	"regexp"
	"strings"
	"time"

	"yumen/protocols/epp"
)

// documents are the identity document codes taken: those seen in use, since
// the registry's own list is not public.
var documents = strings.Fields(`SFZ HZ JGZ ORG ZZJGDMZ YYZZ CHNSHXYD XYDM TYDMZ GAJMTX TWJMTX WJLSFZ GAJZZ TWJZZ BDDM BDDH SYZS SHIYEDANWEI QT`)

var mobile = regexp.MustCompile(`^\+[0-9]{1,3}\.[0-9]{5,14}$`)

// checkCNNIC wants the extension complete: without that no name is possible.
func (k *Contact) checkCNNIC(postal []string) error {
	x := k.CNNIC
	switch {
	case x.Type != "I" && x.Type != "E":
		return refuse(epp.ValueSyntax, "type is I or E")
	case x.Document == nil || x.Document.Number == "":
		return refuse(epp.MissingParameter, "contact")
	case !has(documents, x.Document.Type):
		return refuse(epp.ValueSyntax, "no such kind of document: %s", x.Document.Type)
	case len([]rune(x.Document.Number)) > 50:
		return refuse(epp.ValueSyntax, "the document number has 1 to 50 characters")
	case x.Purveyor == "":
		return refuse(epp.MissingParameter, "purveyor")
	case !mobile.MatchString(x.Mobile):
		return refuse(epp.ValueSyntax, "mobile is +86.13800000000")
	case len(postal) < 2:
		return refuse(epp.MissingParameter, "postalInfo loc and int")
	}
	return nil
}

// changeCNNIC takes the new values from chg, add or rem: back ends differ.
func (k *Contact) changeCNNIC(x *epp.CNNICContactUpdate) {
	if k.CNNIC == nil {
		k.CNNIC = &epp.CNNICContact{}
	}
	for _, v := range []*epp.CNNICContact{x.Add, x.Chg} {
		if v == nil {
			continue
		}
		if v.Type != "" {
			k.CNNIC.Type = v.Type
		}
		if v.Document != nil {
			k.CNNIC.Document = v.Document
		}
		if v.Purveyor != "" {
			k.CNNIC.Purveyor = v.Purveyor
		}
		if v.Mobile != "" {
			k.CNNIC.Mobile = v.Mobile
		}
	}
}

func checkCNNICDomain(x *epp.CNNICDomain, p *Policy) (*epp.CNNICDomain, error) {
	switch {
	case !p.CNNIC:
		return nil, refuse(epp.NoSuchExtension, "not for .%s", p.ULabel)
	case x == nil || x.Type != "I" && x.Type != "E":
		return nil, refuse(epp.ValueSyntax, "type is I or E")
	}
	return x, nil
}

// review approves the contacts whose time has come.
func (r *Registry) review(tx *sql.Tx, now time.Time) error {
	due, err := contactsToReview(tx, now)
	if err != nil {
		return err
	}
	for _, k := range due {
		w := &work{r: r, tx: tx, now: k.ReviewAt, trid: epp.TrID{SvTRID: newSvTRID()}, rules: r.Settings()}
		if err := w.decide(k, true, ""); err != nil {
			return err
		}
	}
	return nil
}
