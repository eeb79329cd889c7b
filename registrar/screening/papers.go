package screening

import (
	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
)

// MostPapers is how many images may prove one claim.
const MostPapers = 12

// AddPaper ties an image that the applicant uploaded to their open review.
func AddPaper(tx *db.Tx, who actor.Actor, ref, document string) error {
	r, err := MayAddPaper(tx, who, ref)
	if err != nil {
		return err
	}
	if err := documents.Attach(tx, who, document, r.ID); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "screening.paper_added", Object: "name", Ref: r.NameA, House: r.House, Account: r.Account,
		Details: map[string]string{"review": r.Ref, "document": document}})
}

// MayAddPaper is the asker's own review when it still takes an image.
func MayAddPaper(tx *db.Tx, who actor.Actor, ref string) (Review, error) {
	r, err := MyReview(tx, who, ref)
	if err != nil {
		return r, err
	}
	if r.State != Open {
		return r, problem.New(problem.Conflict, "screening.decided_already")
	}
	have, err := Papers(tx, r)
	if err == nil && len(have) >= MostPapers {
		return r, problem.New(problem.Conflict, "screening.papers_many", "Most", MostPapers)
	}
	return r, err
}

// Papers are the images that prove a claim, for whoever found the review. Their
// bytes come out of documents.Open alone, which records each look.
func Papers(tx *db.Tx, r Review) ([]documents.Document, error) {
	return documents.Of(tx, r.House, r.ID)
}
