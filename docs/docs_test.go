package docs

import (
	"bytes"
	"encoding/csv"
	"testing"
)

// Compliance staff read the list in their language: whoever changes a line of
// it says the same in the other.
func TestEveryDutySaysTheSameInBothLanguages(t *testing.T) {
	read := func(file []byte) [][]string {
		rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	duties, text := read(Duties), read(DutyText)
	if len(duties) != len(text) {
		t.Fatalf("%d duties, %d texts", len(duties), len(text))
	}
	for i, d := range duties {
		w := text[i]
		if d[0] != w[0] {
			t.Fatalf("line %d is %s in one file and %s in the other", i+2, d[0], w[0])
		}
		if w[1] == "" || w[2] == "" {
			t.Errorf("%s has no title in one language", d[0])
		}
		if (d[5] == "") != (w[3] == "") {
			t.Errorf("%s gives its reason in one language only: %q, %q", d[0], d[5], w[3])
		}
	}
}
