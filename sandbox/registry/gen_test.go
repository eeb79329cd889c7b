package registry

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheVariantsAreWhatTheirGeneratorMakes(t *testing.T) {
	rules := "../../registrar/names/testdata/third_party/lgr-second-level-chinese-language-31may22-en.xml.gz"
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
