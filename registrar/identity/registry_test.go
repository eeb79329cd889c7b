package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

func TestM46_NothingGoesToARegistryWithoutItsConsents(t *testing.T) {
	each(t, func(w world) {
		f := personForm()
		f.Endings = []string{"cn"}
		ref := w.save(w.lin, f)
		w.card(w.lin, ref)
		w.want("submit for .cn alone", identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn")), "")
		id := w.find(ref).ID
		may := func(ending string) (err error) {
			dbtest.Read(t, w.d, func(tx *db.Tx) error { err = identity.MayDisclose(tx, id, ending); return nil })
			return err
		}
		w.want(".cn", may("cn"), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf(".招聘: %v", err)
		}
		duty.ProveRefusal(t, "M-46", "a profile to a registry without its consent: NO_CONSENT")
		all := w.consents("xn--otu796d")
		w.want("the recipient alone", identity.Consent(ctx, w.d, w.lin, ref, all[:2]), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf(".招聘 without the consent to go abroad: %v", err)
		}
		w.want("and abroad", identity.Consent(ctx, w.d, w.lin, ref, all), "")
		w.want(".招聘", may("xn--otu796d"), "")
		if r := w.review(ref); !r.Consents[texts.ToRegistry("xn--otu796d")] || !r.Consents[texts.CrossBorder("xn--otu796d")] ||
			strings.Join(r.Data.Endings, " ") != "cn xn--otu796d" {
			t.Errorf("the reviewer does not see the consents given for .招聘: %v for %v", r.Consents, r.Data.Endings)
		}
		w.want("another's consent", identity.Consent(ctx, w.d, w.mei, ref, all), "problem.not_found")
		w.want("withdrawn", identity.WithdrawConsent(ctx, w.d, w.lin, ref, texts.CrossBorder("xn--otu796d")), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf("after the withdrawal: %v", err)
		}
		w.check(ref)
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return identity.SetContact(tx, actor.System(1, "orders", "x"), id, "cnnic", "YM1", identity.ContactSent, "")
		})
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			list, err := identity.Disclosures(tx, w.lin, ref)
			if len(list) != 2 || list[0].Recipient != "cnnic" || !strings.Contains(list[0].Basis, texts.ToRegistry("cn")) || list[1].Recipient != identity.VerifierRecipient {
				t.Errorf("the register of disclosures: %+v", list)
			}
			if _, err := identity.Disclosures(tx, w.mei, ref); err == nil {
				t.Error("another account reads it")
			}
			duty.Prove(t, "M-46", fmt.Sprintf("register: %+v", list))
			return err
		})
	})
}

func TestARegistrysWordOnAContactIsKeptByVersion(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		id := w.find(ref).ID
		who := actor.System(1, "orders", "contact create")
		steps := []identity.ContactState{identity.ContactSent, identity.ContactPending, identity.ContactApproved, identity.ContactApproved}
		for _, s := range steps {
			dbtest.Write(t, w.d, func(tx *db.Tx) error { return identity.SetContact(tx, who, id, "cnnic", "YM1", s, "") })
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			c, err := identity.Contact(tx, id, "cnnic")
			if err != nil || c.State != identity.ContactApproved || c.ContactID != "YM1" {
				t.Errorf("%+v, %v", c, err)
			}
			if c, err = identity.Contact(tx, id, "verisign"); err != nil || c.State != identity.ContactNone {
				t.Errorf("elsewhere: %+v, %v", c, err)
			}
			c, err = identity.ContactByID(tx, "cnnic", "YM1")
			if c.Version != id {
				t.Errorf("by its id: %+v", c)
			}
			return err
		})
	})
}
