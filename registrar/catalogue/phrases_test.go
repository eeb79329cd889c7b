package catalogue

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

func TestM38_PhrasesAreFoundHoweverTheyAreWritten(t *testing.T) {
	l := PhraseList{Phrases: ShippedPhrases()}
	for text, want := range map[string]string{
		"您的域名即将被抢注":                             "即将被抢注",
		"您的域名即将被搶註":                             "即将被抢注",
		"即 将 被 抢 注":                             "即将被抢注",
		"即\u200b将被\u00ad抢注":                     "即将被抢注",
		"最后一次机会":                                "最后一次机会",
		"最後機會":                                  "最后机会",
		"仅剩２个":                                  "仅剩",
		"优惠最后 24 小时":                            "最后*小时",
		"有人正在注册您的域名":                            "有人正在注册",
		"ＬＡＳＴ ｃｈａｎｃｅ":                           "last chance",
		"last-chance offer":                     "last chance",
		"Don’t miss out!":                       "don't miss out",
		"Only 3 names left":                     "only * left",
		"Someone else is\nabout to register it": "someone else is about to register",
		"Your competitor may soon register":     "your competitor * register",
	} {
		if got := l.Match(text); !slices.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"首年优惠，至 2026-12-31 止，续费照常。", "Blast chancellor", "A first year for 99 yuan until 31 December; renewal as usual.",
		"该名称已被注册", "the interaction now works", "We answer within two days.", ""} {
		if got := l.Match(text); got != nil {
			t.Errorf("%q: %q", text, got)
		}
	}
	duty.Prove(t, "M-38", fmt.Sprintf("%d phrases; full width, traditional, capitals, spaces and signs hide none", len(l.Phrases)))
}

func TestM38_ComplianceKeepsThePhrases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		save := func(who actor.Actor, seen int64, text, why string) error {
			return d.Write(context.Background(), func(tx *db.Tx) error { return SavePhrases(tx, who, seen, text, why) })
		}
		for _, c := range []struct {
			name      string
			who       actor.Actor
			seen      int64
			text, why string
			want      string
		}{
			{"finance", qian, 0, "甲乙丙", "shorter", "problem.not_found"},
			{"an administrator", sun, 0, "甲乙丙", "shorter", "problem.not_found"},
			{"without a reason", wu, 0, "甲乙丙", "", "problem.form"},
			{"an empty list", wu, 0, " \n\n", "none", "problem.form"},
			{"a phrase of signs", wu, 0, "甲乙丙\n*!", "signs", "problem.form"},
			{"made from another version", wu, 3, "甲乙丙", "shorter", "catalogue.phrases_changed"},
		} {
			if err := save(c.who, c.seen, c.text, c.why); !problem.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		if err := save(wu, 0, "甲乙丙\r\n 甲乙丙 \nfinal call\n", "the authority's letter"); err != nil {
			t.Fatal(err)
		}
		if err := save(wu, 0, "丁", "late"); !problem.Is(err, "catalogue.phrases_changed") {
			t.Errorf("an edit of the list before: %v", err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			l, err := Phrases(tx)
			if l.Version != 1 || !slices.Equal(l.Phrases, []string{"甲乙丙", "final call"}) {
				t.Errorf("in force: %+v", l)
			}
			all, err2 := PhraseHistory(tx, qian, 10)
			if len(all) != 2 || all[0].Reason != "the authority's letter" || all[1].Version != 0 {
				t.Errorf("history: %d lists", len(all))
			}
			return cmpErr(err, err2)
		})
		ref := draft(t, d, qian, with(func(p *Pitch) { p.TextZh, p.Offers = "甲、乙、丙", nil }))
		if err := publish(d, sun, ref, Sanction{Version: 1, Reason: "fine"}); !problem.Is(err, "BANNED_PHRASES") {
			t.Errorf("the list in force is not asked: %v", err)
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE campaign_phrases SET phrases = 'x' WHERE version = 1`)
			return err
		}); err == nil {
			t.Error("a list that was in force can be changed")
		}
		duty.Prove(t, "M-38", "the list is changed by compliance alone, with a reason, and every list that was in force is kept")
	})
}
