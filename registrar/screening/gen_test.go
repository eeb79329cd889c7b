package screening

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheReservedListIsWhatItsGeneratorMakes(t *testing.T) {
	to := filepath.Join(t.TempDir(), "reserved.txt")
	if out, err := exec.Command("go", "run", "./gen", "-from", "testdata/third_party", "-to", to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if string(made) != reservedText {
		t.Error("reserved.txt differs from what gen makes; hint: run go generate ./registrar/screening")
	}
}
