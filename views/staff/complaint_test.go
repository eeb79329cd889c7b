package staff

import (
	"context"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/complaints"
)

// TestTheRuleOfADeadlineIsSaidInTheLanguageOfThePage, as the flow keeps it.
func TestTheRuleOfADeadlineIsSaidInTheLanguageOfThePage(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for key, want := range map[string][2]string{
		"complaints.answer": {"自 2026-11-22 起 15 日，当日不计（《互联网域名管理办法》第三十五条；电信用户申诉处理的规定）",
			"15 days from 2026-11-22, that day not counted (Order No. 43, art. 35; rules on complaints of telecom users)"},
		"complaints.answer_urgent": {"自 2026-11-22 收到时起 24 小时（业务惯例；诈骗、违法内容和恶意指向，《互联网域名管理办法》第三十七条）",
			"24 hours from its arrival on 2026-11-22 (practice for fraud, prohibited content and malicious pointing; Order No. 43, art. 37)"},
	} {
		var kept string
		dbtest.Read(t, d, func(tx *db.Tx) error {
			v, err := calendar.Policy(tx, key, "")
			kept = v.Deadline(at).Rule.String()
			return err
		})
		for i, lang := range []string{"zh", "en"} {
			if got := (Complaint{Complaint: complaints.Complaint{AnswerRule: kept}}).rule(locales.WithLang(context.Background(), lang)); got != want[i] {
				t.Errorf("%s: %q is said as %q", key, kept, got)
			}
		}
	}
	for kept, want := range map[string]string{
		"3 working days from 2027-02-01 (our own words), holidays not announced": "自 2027-02-01 起 3 个工作日，当日不计（our own words）；节假日安排尚未公布",
		"as a person wrote it": "as a person wrote it",
	} {
		if got := (Complaint{Complaint: complaints.Complaint{AnswerRule: kept}}).rule(locales.WithLang(context.Background(), "zh")); got != want {
			t.Errorf("%q is said as %q", kept, got)
		}
	}
}
