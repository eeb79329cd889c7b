package registry

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"yumen/testkit"
)

func TestTheVariantsAreWhatTheirGeneratorMakes(t *testing.T) {
	rules := "../../../shared/data/idn/lgr-second-level-chinese-language-31may22-en.xml.gz"
	if _, err := os.Stat(rules); err != nil {
		testkit.Missing(t, "ICANN's reference rules for Chinese", "put the file into ../shared/data/idn")
	}
	to := filepath.Join(t.TempDir(), "variants.txt.gz")
	if out, err := exec.Command("go", "run", "./gen", "-from", rules, "-to", to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, variantFile) {
		t.Error("variants.txt.gz differs from what gen makes; hint: run go generate ./sandbox/registry")
	}
	if n := len(variantTable()); n != 19802 { // code points in ICANN's document
		t.Errorf("the table knows %d code points", n)
	}
}
