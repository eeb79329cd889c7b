package identity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/problem"
)

// unseen are the papers that an approval is refused for.
func unseen(err error) (out []string) {
	if p, ok := problem.As(err); ok {
		for _, f := range p.Fields {
			out = append(out, f.ID)
		}
	}
	return out
}

func TestNobodyApprovesPapersThatTheyDidNotOpen(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		papers := w.find(ref).Documents
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		approve := func(name string, want ...string) {
			t.Helper()
			err := identity.Approve(ctx, w.d, w.reviewer, ref, "fine by me")
			if got := unseen(err); !slices.Equal(got, want) || (err == nil) != (want == nil) {
				t.Fatalf("%s: %v %v, want %v", name, err, got, want)
			}
			if left := len(w.review(ref).Unseen); left != len(want) {
				t.Fatalf("%s: the page names %d papers, want %d", name, left, len(want))
			}
		}
		approve("with nothing opened", "identity.unseen.main", "identity.unseen.back")
		w.open(papers[0].Ref)
		w.open(papers[0].Ref)
		approve("one side opened twice", "identity.unseen.back")
		if s := w.find(ref).State; s != identity.InReview {
			t.Fatalf("refused, and yet %s", s)
		}

		// What somebody else saw is not what the reviewer saw; nor does the holder's own look count.
		if _, err := documents.Open(ctx, w.d, w.docs, w.lin, papers[1].Ref, "", false); err != nil {
			t.Fatal(err)
		}
		approve("the holder looked", "identity.unseen.back")

		// Sent back and handed in again: everything is to be compared anew.
		w.open(papers[1].Ref)
		w.want("ask for more", identity.AskMore(ctx, w.d, w.reviewer, ref, identity.Decision{Items: []identity.Item{"image_unclear"}, Advice: "again"}), "")
		w.clock.Advance(time.Hour)
		w.want("submit again", identity.Submit(ctx, w.d, w.lin, ref, nil), "")
		w.check(ref)
		w.want("claim again", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		approve("looked at before it was handed in again", "identity.unseen.main", "identity.unseen.back")
		w.look(ref)
		if err := identity.Approve(ctx, w.d, w.reviewer, ref, ""); err != nil {
			t.Fatal(err)
		}
	})
}

func TestACardHasTwoSides(t *testing.T) {
	each(t, func(w world) {
		ref := w.save(w.lin, personForm())
		w.upload(w.lin, ref, documents.Main)
		consents := w.consents("cn", "xn--otu796d")
		w.want("one side", identity.Submit(ctx, w.d, w.lin, ref, consents), "back=identity.back_missing")

		again := w.find(ref).Documents[0]
		w.want("the front once more as the back", w.add(ref, documents.Back, 0), "identity.same_sides")
		if got := w.find(ref).Documents; len(got) != 1 || got[0].Ref != again.Ref {
			t.Fatalf("refused, and yet there is %+v", got)
		}
		w.want("the front anew", w.add(ref, documents.Main, 0), "")
		w.want("the back", w.add(ref, documents.Back, 1), "")
		same, err := identity.SameSides(ctx, w.d, w.docs, w.find(ref).Documents)
		if err != nil || same {
			t.Fatalf("two pictures: %v %v", same, err)
		}
		w.want("both", identity.Submit(ctx, w.d, w.lin, ref, consents), "")

		// A passport has one page to show.
		f := personForm()
		f.Document, f.Number, f.Nationality, f.Name = "PASSPORT", "E12345678", "CHN", "ZHANG LIJUAN"
		other := w.save(w.lin, f)
		w.upload(w.lin, other, documents.Main)
		w.want("a passport", identity.Submit(ctx, w.d, w.lin, other, consents), "")
		if fmt.Sprint(w.find(other).State) != "in_review_registrar" {
			t.Error("not handed in")
		}
	})
}
