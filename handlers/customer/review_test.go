package customer_test

import (
	"net/http"
	"slices"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/names"
	"yumen/registrar/screening"
)

// The letter after a refusal leads here: against a near hit there is an appeal,
// against a prohibited word nothing else.
func TestWhatCanBeAskedForANameFollowsFromWhatStandsAgainstIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := open(t, d)
		s.account("lin@example.cn", "zh")
		b := s.enter("lin@example.cn", "zh")
		const appeal, exception, other = "判断有误，申诉", "保留字，申请例外", "其他特殊命名"
		for name, want := range map[string][]string{"赌-博.招聘": {appeal, other}, "赌博网.招聘": {appeal}, "德国.招聘": {exception, appeal}, "人才网.招聘": {other}} {
			b.Visit("/reviews/new?name="+names.MustParse(name).A()).Is("/reviews/new", http.StatusOK).See(append(want, "最迟 20")...)
			for _, kind := range []string{appeal, exception, other} {
				if !slices.Contains(want, kind) {
					b.Miss(kind)
				}
			}
		}
		b.Visit("/reviews/new?name=赌-博.招聘").Tick(appeal).Fill("说明", "两个姓氏").Press("提交", "").See("处理中")
	})
}

// What proves a claim to a name is a sealed paper like any other: its owner
// adds it while the review is open, and nobody else's account knows of it.
func TestEvidenceIsAddedToAnOpenReviewByItsApplicantAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := open(t, d)
		lin := s.account("lin@example.cn", "zh")
		s.account("mei@example.cn", "zh")
		b := s.enter("lin@example.cn", "zh").Visit("/reviews/new?name=德国.招聘").Is("/reviews/new", http.StatusOK)
		b.Tick("保留字，申请例外").Fill("说明", "德国商会的招聘网站").Press("提交", "").Is("/reviews/new", http.StatusUnprocessableEntity)
		b.Fill("证明材料", "登记证 1").Press("提交", "")
		path := b.Page.URL.Path
		b.Is(path, http.StatusOK).See("证明图片").Press("上传", "").Is(path+"/papers", http.StatusUnprocessableEntity)
		bad := picture(0)
		bad.Content = []byte("%PDF-1.7 no picture")
		must(t, b.Page.Attach("证明图片", bad))
		b.Press("上传", "").Is(path+"/papers", http.StatusUnprocessableEntity).See("PDF")
		must(t, b.Page.Attach("证明图片", picture(0)))
		b.Press("上传", "").Is(path, http.StatusOK).See("已上传")

		ref := path[len("/reviews/"):]
		var r screening.Review
		dbtest.Read(t, d, func(tx *db.Tx) (err error) {
			if r, err = screening.MyReview(tx, lin, ref); err != nil {
				return err
			}
			list, err := screening.Papers(tx, r)
			if len(list) != 1 || list[0].UsedAt.IsZero() || list[0].Account != r.Account {
				t.Errorf("%+v", list)
			}
			if r.NameU != names.MustParse("德国.招聘").U() {
				t.Errorf("%+v", r)
			}
			return err
		})
		other := s.enter("mei@example.cn", "zh").Visit(path).Is(path, http.StatusNotFound)
		other.Post(path+"/papers").Is(path+"/papers", http.StatusNotFound)
	})
}
