package names

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yumen/testkit"
)

// vectorFolders are the rows that came with the package and, beside a checkout
// of the reference data, the ones there.
func vectorFolders(t *testing.T, test func(t *testing.T, folder string)) {
	for name, folder := range map[string]string{
		"reference": filepath.Join("..", "..", "..", "shared", "data", "idn"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(folder); err != nil {
				testkit.Missing(t, "the folder "+folder, "put the reference vectors there")
			}
			test(t, folder)
		})
	}
}

func rows(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		out = append(out, row)
	}
	return out
}

func present(forms ...string) []string {
	return slices.DeleteFunc(forms, func(s string) bool { return s == "" })
}

func TestComplaint01_EveryVectorIsReadAsItsColumnsSay(t *testing.T) {
	vectorFolders(t, func(t *testing.T, folder string) {
		for _, row := range rows(t, filepath.Join(folder, "vectors.csv")) {
			t.Run(row["id"], func(t *testing.T) {
				got := AnswerLine(row["input"], "", Name.Allowed)
				check := func(column, got, want string) {
					if got != want {
						t.Errorf("%s: %s is %q, want %q (%s)", row["input_escaped"], column, got, want, row["note"])
					}
				}
				check("valid", strconv.FormatBool(got.Valid), row["valid"])
				check("reason", got.Reason, row["reason"])
				check("u_label", got.ULabel, row["u_label"])
				check("a_label", got.ALabel, row["a_label"])
				check("a_len", strconv.Itoa(len(got.ALabel)), row["a_len"])
				check("canonical", got.Canonical, row["canonical"])
				check("simplified", strings.Join(got.Simplified, " "), strings.Join(present(row["simp_1"], row["simp_2"]), " "))
				check("traditional", strings.Join(got.Traditional, " "), strings.Join(present(row["trad_1"], row["trad_2"]), " "))
				if got.Valid {
					check("variant_set_size", strconv.FormatInt(got.VariantSetSize, 10), row["variant_set_size"])
					a, err := lookup.ToASCII(got.Canonical)
					if err != nil {
						t.Error(err)
					}
					check("canonical_a", a, row["canonical_a"])
				}

				label, _, err := ParseLabel(row["input"])
				if (err == nil) != got.Valid {
					t.Fatalf("ParseLabel and AnswerLine disagree: %v", err)
				}
				if err != nil {
					return
				}
				back, _, err := ParseLabel(label.A())
				if err != nil || back != label {
					t.Errorf("%s came back from its A-label as %q: %v", label, back, err)
				}
			})
		}
	})
}

func TestEveryPairOfVectorsSharesItsIndexOrNot(t *testing.T) {
	vectorFolders(t, func(t *testing.T, folder string) {
		for _, row := range rows(t, filepath.Join(folder, "vectors_pairs.csv")) {
			a, _, err := ParseLabel(row["a"])
			if err != nil {
				t.Fatal(err)
			}
			b, _, err := ParseLabel(row["b"])
			if err != nil {
				t.Fatal(err)
			}
			if got := strconv.FormatBool(a.Index() == b.Index()); got != row["same_variant_set"] {
				t.Errorf("%s and %s in one set: %s, want %s", a, b, got, row["same_variant_set"])
			}
		}
	})
}
