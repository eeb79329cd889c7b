package documents

import (
	"bytes"
	"testing"
)

func TestTheWatermarkSaysWhatAPaperWasGivenFor(t *testing.T) {
	identity, claim := purpose(Main), purpose(Evidence)
	if bytes.Equal(identity.Pix, claim.Pix) {
		t.Error("a paper that proves a claim to a name is stamped as one of identity")
	}
	for _, k := range Kinds() {
		if !bytes.Equal(purpose(k).Pix, identity.Pix) {
			t.Errorf("%s is stamped as what it is not for", k)
		}
	}
}
