package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var pageTemplate = regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(\w+ layout\.Page\b`)

// TestEveryPageHasAStory walks the templates: a page that is forgotten here
// would be seen by nobody before a customer.
func TestEveryPageHasAStory(t *testing.T) {
	var told strings.Builder
	stories, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stories {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		told.Write(b)
	}
	pages := 0
	for _, area := range []string{"public", "customer", "staff"} {
		files, err := filepath.Glob("../../views/" + area + "/*.templ")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range pageTemplate.FindAllSubmatch(b, -1) {
				pages++
				if !strings.Contains(told.String(), area+"."+string(m[1])+"(") {
					t.Errorf("%s.%s of %s is in no story", area, m[1], filepath.Base(name))
				}
			}
		}
	}
	if pages < 50 {
		t.Errorf("only %d pages were found", pages)
	}
}
