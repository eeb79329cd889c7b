package identity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/identity"
	"yumen/testkit/duty"
)

func TestM41_AReviewerAsksForMoreWithItemsAdviceAndADeadline(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		why := identity.Decision{Items: []identity.Item{"image_unclear", "name_mismatch"}, Advice: "请在日光下重拍"}
		w.want("without an item (M-41)", identity.AskMore(ctx, w.d, w.reviewer, ref, identity.Decision{Advice: "x"}), "identity.item_missing")
		w.want("without advice (M-41)", identity.Reject(ctx, w.d, w.reviewer, ref, identity.Decision{Items: why.Items}), "identity.advice_missing")
		duty.ProveRefusal(t, "M-41", "no item: identity.item_missing; no advice: identity.advice_missing")
		w.want("an item that does not exist", identity.AskMore(ctx, w.d, w.reviewer, ref, identity.Decision{Items: []identity.Item{"x"}, Advice: "x"}), "identity.item_unknown")
		w.want("asking", identity.AskMore(ctx, w.d, w.reviewer, ref, why), "")
		p := w.find(ref)
		deadline := calendar.DayOf(dbtest.Start).Add(15).End()
		if p.State != identity.Supplement || len(p.Reasons.Items) != 2 || p.Reasons.Advice != why.Advice || !p.Due.Equal(deadline) {
			t.Fatalf("what the holder sees: %+v due %s", p.Reasons, p.Due)
		}
		f := identity.FormOf(p)
		f.Street = "示例路2号"
		w.save(w.lin, f)
		w.clock.Advance(time.Hour)
		w.want("submitted again", identity.Submit(ctx, w.d, w.lin, ref, nil), "")
		w.check(ref)
		if p = w.find(ref); p.State != identity.InReview || p.Version.Number != 1 {
			t.Fatalf("%+v", p.Version)
		}
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("asking again", identity.AskMore(ctx, w.d, w.reviewer, ref, why), "")
		due := w.find(ref).Due
		w.clock.Set(due.Add(-time.Millisecond))
		w.want("sweep", identity.Sweep(ctx, w.d), "")
		if s := w.find(ref).State; s != identity.Supplement {
			t.Fatalf("a moment before the deadline: %s", s)
		}
		w.clock.Set(due)
		for range 2 {
			w.want("sweep", identity.Sweep(ctx, w.d), "")
		}
		if s := w.find(ref).State; s != identity.Lapsed {
			t.Fatalf("at the deadline: %s", s)
		}
		if got := fmt.Sprint(w.letters(ref)); got != "[identity.supplement identity.supplement identity.lapsed]" {
			t.Errorf("letters: %s", got)
		}
		duty.Prove(t, "M-41", "asked for more by mail with two items, advice and deadline "+deadline.Format(time.RFC3339)+"; lapsed at the deadline")
	})
}

func TestM41_ADocumentUsedWithFalseDataIsRemembered(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("reject", identity.Reject(ctx, w.d, w.reviewer, ref, identity.Decision{Items: []identity.Item{"image_altered"}, Advice: "证件系伪造", False: true}), "")
		next := w.submitted()
		found := false
		for _, c := range w.review(next).Checks {
			found = found || c.Point == "known_false" && c.Verdict == identity.CheckRefuse
		}
		if !found {
			t.Errorf("the next profile with it: %+v", w.review(next).Checks)
		}
		if w.review(next).Others != 1 {
			t.Errorf("%d others", w.review(next).Others)
		}
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, next), "")
		w.look(next)
		w.want("approving against it", identity.Approve(ctx, w.d, w.reviewer, next, ""), "identity.check_against")
		w.want("with a reason", identity.Approve(ctx, w.d, w.reviewer, next, "照面核对过原件"), "")
		duty.ProveRefusal(t, "M-41", "a document once used with false data is not approved without a reason")
	})
}

func TestTheVerificationServiceIsEvidence(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	for _, c := range []struct {
		answer  string
		verdict string
		again   bool // the job has to run again
	}{
		{"match", identity.CheckOK, false},
		{"mismatch", identity.CheckRefuse, false},
		{"pending", identity.CheckPending, true},
		{"unavailable", identity.CheckPending, true},
		{"broken", identity.CheckPending, true},
	} {
		t.Run(c.answer, func(t *testing.T) {
			w.service.set(c.answer)
			ref := w.save(w.lin, personForm())
			w.card(w.lin, ref)
			if err := identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")); err != nil {
				t.Fatal(err)
			}
			err := w.checker.Check(ctx, jobs.Job{Key: ref})
			if (err != nil) != c.again {
				t.Fatalf("the job: %v", err)
			}
			var got identity.Check
			for _, k := range w.review(ref).Checks {
				if k.Point == "verifier" {
					got = k
				}
			}
			if got.Verdict != c.verdict || (c.answer != "broken" && got.Evidence != "ver_1") {
				t.Errorf("%+v", got)
			}
			if c.again {
				w.service.set("match")
				w.check(ref)
			}
		})
	}
}

func TestM45_TheWholeNumberIsShownForAReasonThatIsKept(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		reveal := func(reason string) error { _, err := identity.Reveal(ctx, w.d, w.reviewer, ref, reason); return err }
		w.want("not claimed", reveal("compare"), "desk.claim_first")
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("no reason", reveal(" "), "documents.reason_missing")
		duty.ProveRefusal(t, "M-45", "the number without a reason: documents.reason_missing; the page shows "+w.review(ref).Data.Number)
		n, err := identity.Reveal(ctx, w.d, w.reviewer, ref, "与图片逐位核对")
		if err != nil || n.Number != "11010519491231002X" {
			t.Fatalf("%v, %v", n, err)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			events, err := audit.Of(tx, 1, "profile", ref, 50)
			if !slices.ContainsFunc(events, func(e audit.Event) bool { return e.Act == "identity.revealed" && e.Reason == "与图片逐位核对" }) {
				t.Error("not recorded")
			}
			return err
		})
	})
}
