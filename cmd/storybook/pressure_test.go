package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yumen/registrar/catalogue"
	"yumen/testkit/duty"
)

// TestM38_NoLetterPressesAnybody holds every letter, in every state and both
// languages, and every sentence of the pages against the phrases that no
// campaign may use without compliance. Only the words that staff read about
// these phrases have them.
func TestM38_NoLetterPressesAnybody(t *testing.T) {
	list := catalogue.PhraseList{Phrases: catalogue.ShippedPhrases()}
	written, sentences := 0, 0
	for _, lang := range []string{"zh", "en"} {
		for _, l := range letters(lang) {
			made, err := l.write(lang)
			if err != nil {
				t.Fatal(err)
			}
			written++
			if found := list.Match(made.Subject, made.Text, made.HTML); found != nil {
				t.Errorf("%s in %s says %q:\n%s", l.name(), lang, found, made.Text)
			}
		}
		files, err := filepath.Glob(filepath.Join("..", "..", "locales", lang, "*.toml"))
		if err != nil || len(files) < 20 {
			t.Fatalf("%d files of words: %v", len(files), err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				id, words, _ := strings.Cut(line, "=")
				sentences++
				if found := list.Match(words); found != nil && !strings.Contains(id, "staff.campaign.") {
					t.Errorf("%s: %s says %q", f, id, found)
				}
			}
		}
	}
	for _, s := range []string{"有人正在注册您的域名 rencai.com，请立即续费。", "Last chance: someone else is about to register rencai.com."} {
		if list.Match(s) == nil {
			t.Errorf("%q would pass", s)
		}
	}
	duty.Prove(t, "M-38", fmt.Sprintf("%d letters and %d sentences in two languages, none with one of %d phrases", written, sentences, len(list.Phrases)))
}
