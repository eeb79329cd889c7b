package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yumen/db/dbtest"
	"yumen/testkit/process"
)

// binary is built once for all stories.
func binary(t *testing.T) string {
	t.Helper()
	bin, err := process.Build(context.Background(), "../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestEveryStoryHoldsInBothLanguages(t *testing.T) {
	files, err := filepath.Glob("stories/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	bin := binary(t)
	for _, file := range files {
		for _, lang := range []string{"zh", "en"} {
			name := strings.TrimSuffix(filepath.Base(file), ".story") + "-" + lang
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var out strings.Builder
				if err := play(context.Background(), bin, t.TempDir(), "", lang, file, &out); err != nil {
					t.Fatalf("%v\n%s", err, out.String())
				}
			})
		}
	}
}

func TestTheWholeJourneyHoldsOnPostgreSQL(t *testing.T) {
	server := os.Getenv("YUMEN_TEST_POSTGRES")
	if server == "" {
		dbtest.Postgres(t) // skips or fails by name
	}
	var out strings.Builder
	if err := play(context.Background(), binary(t), t.TempDir(), dbtest.PostgresDSN(t, server), "zh", "stories/zhaopin.story", &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
}
