package persons_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheListOfDivisionsIsWhatItsGeneratorMakes(t *testing.T) {
	to := filepath.Join(t.TempDir(), "divisions.txt")
	if out, err := exec.Command("go", "run", "./gen", "-from", "testdata/third_party/pca-code.json.gz", "-to", to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("divisions.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(made) != string(kept) {
		t.Error("divisions.txt differs from what gen makes; hint: run go generate ./registrar/persons")
	}
}
