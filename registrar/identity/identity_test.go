package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

func TestM40Z22_AProfileGoesFromDraftToApproved(t *testing.T) {
	each(t, func(w world) {
		ref := w.save(w.lin, personForm())
		p := w.find(ref)
		if p.State != identity.Draft || p.Data.Number != "1101**********002X" || p.Masked != p.Data.Number || p.Display != "张**" {
			t.Fatalf("the draft: %+v", p.Version)
		}
		if p.Data.NameLatin != "Zhang Lijuan" || p.Data.CityLatin != "Shenzhen" || p.Data.ProvinceLatin != "Guangdong" || p.Data.StreetLatin != "Shi Li Lu 1 Hao, Nan Shan Qu" {
			t.Errorf("what was filled in: %+v", p.Data)
		}
		if strings.Contains(p.Sealed, "1101") || strings.Contains(p.Sealed, "张") {
			t.Error("the sealed data can be read")
		}
		w.upload(w.lin, ref, documents.Main)
		first := w.find(ref).Documents[0].Ref
		w.upload(w.lin, ref, documents.Main)
		if now := w.find(ref).Documents; len(now) != 1 || now[0].Ref == first {
			t.Errorf("a second picture of the same side takes the first one's place: %v", now)
		}
		w.upload(w.lin, ref, documents.Back)
		ids := w.consents("cn", "xn--otu796d")
		if len(ids) != 4 {
			t.Fatalf("%d consents for .cn and .招聘: sensitive, two recipients, one abroad", len(ids))
		}
		w.want("without the consent to go abroad", identity.Submit(ctx, w.d, w.lin, ref, ids[:3]), "identity.consent_missing")
		duty.ProveRefusal(t, "Z-22", "a submission without every consent text accepted is refused")
		w.want("with all", identity.Submit(ctx, w.d, w.lin, ref, ids), "")
		w.want("twice", identity.Submit(ctx, w.d, w.lin, ref, ids), "identity.in_review")
		f := personForm()
		f.Ref = ref
		_, err := identity.Save(ctx, w.d, w.lin, f)
		w.want("changing it under review", err, "identity.in_review")

		w.want("deciding without having claimed", identity.Approve(ctx, w.d, w.reviewer, ref, "fine"), "desk.claim_first")
		w.want("claiming", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.look(ref)
		w.want("before the checks came", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "identity.check_against")
		w.check(ref)
		w.check(ref) // the job runs again
		if len(w.service.asked) != 2 || w.service.asked[0]["reference"] != w.service.asked[1]["reference"] || w.service.asked[0]["name"] != "张丽娟" || w.service.asked[0]["kind"] != "person" {
			t.Errorf("the service was asked %v", w.service.asked)
		}
		r := w.review(ref)
		if !r.Task.Mine(w.reviewer) || len(r.Checks) < 4 || r.Data.Number != "1101**********002X" || len(r.Documents) != 2 || len(r.Unseen) != 0 {
			t.Errorf("what the reviewer sees: %+v", r)
		}
		duty.ProveRefusal(t, "M-40", "neither unclaimed nor unchecked versions are approved")
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			list, err := texts.Acceptances(tx, w.lin.Account, ref)
			if len(list) != 4 || list[0].Version == 0 {
				t.Errorf("consents kept: %+v", list)
			}
			duty.Prove(t, "Z-22", fmt.Sprintf("%d consents kept with the version of their text, time and address", len(list)))
			return err
		})
		w.want("approving", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		w.want("twice", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "identity.decided_already")
		p = w.find(ref)
		if p.State != identity.Approved || !p.Usable() {
			t.Fatalf("%+v", p.Version)
		}
		if got := fmt.Sprint(w.letters(ref)); got != "[identity.approved]" {
			t.Errorf("letters: %s", got)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			yes, err := identity.IsApproved(tx, p.ID)
			if !yes {
				t.Error("not approved")
			}
			if err != nil {
				return err
			}
			events, err := audit.Of(tx, 1, "profile", ref, 50)
			for _, e := range events {
				if e.Act == "identity.checked" {
					duty.Prove(t, "M-40", fmt.Sprintf("service and reviewer: %s %s, then %s by %s", e.Act, e.Details, events[len(events)-1].Act, events[len(events)-1].Name))
				}
				if strings.Contains(e.Details+e.Reason, "1101") || strings.Contains(e.Details, "张") {
					t.Errorf("personal data in the audit: %+v", e)
				}
			}
			return err
		})
	})
}

func TestAnEditAfterApprovalMakesTheNextVersionAndTheOldStaysInForce(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.look(ref)
		w.want("approve", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		first := w.find(ref)
		f := identity.FormOf(first)
		f.Name = "张丽"
		if again := w.save(w.lin, f); again != ref {
			t.Fatal("another profile")
		}
		p := w.find(ref)
		if p.Version.Number != 2 || p.State != identity.Draft || p.InForce != first.ID || len(p.Documents) != 2 || p.Data.Number != first.Data.Number || p.Data.NameLatin != "Zhang Li" {
			t.Fatalf("the next version: %+v %+v", p.Version, p.Data)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			v, err := identity.Current(tx, w.lin, ref)
			if v.ID != first.ID {
				t.Error("an order would take the draft")
			}
			return err
		})
		w.want("submit", identity.Submit(ctx, w.d, w.lin, ref, nil), "") // the consents stand
		w.check(ref)
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.look(ref)
		w.want("approve", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		p = w.find(ref)
		if p.InForce != p.ID || len(p.Versions) != 2 || p.Versions[1].State != identity.Replaced {
			t.Fatalf("%+v", p.Versions)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			c, err := identity.ForRegistry(tx, p.ID)
			if c.DocumentNo != "11010519491231002X" || c.Phone != "+86.13800138000" || c.City != "深圳市" || c.Province != "广东省" || c.Street[0] != "南山区示例路1号" || c.Name != "张丽" || c.DocumentKind != "CN_ID" {
				t.Errorf("what the registry gets: %+v", c)
			}
			return err
		})
	})
}

func TestWhatIsNotTheirsDoesNotExist(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		foreign := w.lin
		foreign.House = 2
		for name, who := range map[string]actor.Actor{"another account": w.mei, "the same account number in another house": foreign, "a reviewer, as a holder": w.reviewer} {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				_, err := identity.Find(tx, who, ref)
				w.want(name+" finds", err, "problem.not_found")
				_, err = identity.Current(tx, who, ref)
				w.want(name+" orders with", err, "problem.not_found")
				list, err := identity.List(tx, who, 0, 10)
				if len(list) != 0 {
					t.Errorf("%s lists %d", name, len(list))
				}
				return err
			})
			w.want(name+" withdraws", identity.Withdraw(ctx, w.d, who, ref), "problem.not_found")
		}
		for name, who := range map[string]actor.Actor{"a customer": w.mei, "the holder": w.lin} {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				_, err := identity.Review(tx, who, ref)
				w.want(name+" reviews", err, "problem.not_found")
				return nil
			})
			w.want(name+" approves", identity.Approve(ctx, w.d, who, ref, "x"), "problem.not_found")
		}
		reviewerOfOwn := w.lin
		reviewerOfOwn.Roles = []actor.Role{actor.Reviewer}
		w.want("a reviewer's own profile", identity.Claim(ctx, w.d, reviewerOfOwn, ref), "problem.not_found")
		abroad := w.reviewer
		abroad.House = 2
		w.want("a reviewer of another house", identity.Claim(ctx, w.d, abroad, ref), "problem.not_found")
	})
}

func TestTheDeskSeesASubmissionUntilItIsDecidedOrWithdrawn(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		queue := func() (n int) {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				list, err := desk.Queue(tx, w.reviewer, identity.TaskKind, desk.Item{}, 10)
				for _, i := range list {
					if i.Due.IsZero() || strings.Contains(i.ArgsJSON, "1949") || strings.Contains(i.ArgsJSON, "丽娟") {
						t.Errorf("%+v", i)
					}
				}
				n = len(list)
				return err
			})
			return n
		}
		if queue() != 1 {
			t.Fatal("not in the queue")
		}
		w.want("withdraw", identity.Withdraw(ctx, w.d, w.lin, ref), "")
		if queue() != 0 {
			t.Fatal("still in the queue")
		}
		w.want("nothing to withdraw", identity.Withdraw(ctx, w.d, w.lin, ref), "identity.not_in_review")
		w.want("checking a draft does nothing", w.checker.Check(ctx, jobs.Job{Key: ref}), "")
		w.want("a reviewer does not see a draft", identity.Claim(ctx, w.d, w.reviewer, ref), "problem.not_found")
		w.want("submit again", identity.Submit(ctx, w.d, w.lin, ref, nil), "")
		if queue() != 1 {
			t.Fatal("not in the queue again")
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return desk.CloseFor(tx, w.reviewer, identity.TaskKind, ref, "closed without a decision")
		})
		for range 2 {
			w.want("sweep", identity.Sweep(ctx, w.d), "")
			if queue() != 1 {
				t.Fatal("what is under review was forgotten")
			}
		}
	})
}
