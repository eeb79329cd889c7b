// Command story runs a journey written as text against a fresh portal and
// sandbox, in either language. The verbs stand in testkit/story.
//
//	go run ./cmd/story [-lang zh|en] FILE...
//	make story FILE=cmd/story/stories/zhaopin.story
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"yumen/testkit/process"
	"yumen/testkit/story"
)

func main() {
	lang := flag.String("lang", language(), "zh or en")
	database := flag.String("database", "", "postgres://... instead of a fresh SQLite file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *lang, *database, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// language is what LANG asks for: en for English, Chinese for all else.
func language() string {
	if strings.HasPrefix(os.Getenv("LANG"), "en") {
		return "en"
	}
	return "zh"
}

func run(ctx context.Context, lang, database string, files []string) error {
	if lang != "zh" && lang != "en" {
		return fmt.Errorf("-lang %s: stories are told in zh and en", lang)
	}
	if len(files) == 0 {
		return fmt.Errorf("name a story: make story FILE=cmd/story/stories/zhaopin.story")
	}
	dir, err := os.MkdirTemp("", "yumen-story-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := process.Build(ctx, ".", dir)
	if err != nil {
		return err
	}
	for i, file := range files {
		home := filepath.Join(dir, fmt.Sprint(i))
		if err := play(ctx, bin, home, database, lang, file, os.Stdout); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// serve is how a story starts the portal: everything fresh, and impatient.
func serve(home string) []string {
	return []string{"serve", "--data", filepath.Join(home, "data"), "--keys", filepath.Join(home, "keys"),
		"--poll", "200ms", "--look", "100ms", "--unknown-wait", "200ms", "--limits", "off"}
}

// play runs one story in a world of its own.
func play(ctx context.Context, bin, home, database, lang, file string, out io.Writer) error {
	s, err := story.Load(file)
	if err != nil {
		return err
	}
	start, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	args := serve(home)
	if database != "" {
		args = append(args, "--database", database)
	}
	p, err := process.Start(start, bin, args...)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "# %s (%s)\n", s.Title, lang)
	err = story.Run(ctx, story.World{Portal: p.Portal, Sandbox: p.Sandbox, Lang: lang, Out: out}, s)
	if stop := p.Stop(); err == nil {
		err = stop
	}
	if err != nil {
		err = fmt.Errorf("%w\n--- what the portal wrote last ---\n%s", err, p.Log())
	}
	return err
}
