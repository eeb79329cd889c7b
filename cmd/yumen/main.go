// Command yumen is the portal: its server, the world in a box and the tools of
// the operator.
//
//	yumen serve      the portal, with a sandbox unless told otherwise
//	yumen sandbox    the sandbox alone, so that one side can die without the other
//	yumen migrate    brings the database to the newest schema
//	yumen seed       makes the sandbox's cast in an empty database
//	yumen config     prints the configuration as it stands, secrets masked
//	yumen backup     writes an encrypted backup and reads it back; --to FOLDER
//	yumen restore    brings one back into a new --data; --from FOLDER [--at TIME]
//	yumen export     orders|ledger|names|audit|notices as JSON lines
//	yumen admin      VERB: houses, people, roles, sessions, lost second factors
//	yumen verify     checks the chain and the signatures of the audit, and the books
//	yumen names      label[TAB]ending lines on standard input to JSON
//	yumen check      KIND VALUE... to JSON: documents, codes, numbers, names
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sort"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// command is one word after yumen.
type command struct {
	help string
	run  func(ctx context.Context, c *config, args []string, in io.Reader, out io.Writer) error
}

var commands = map[string]command{
	"serve":   {"run the portal", serve},
	"sandbox": {"run the sandbox alone", runSandbox},
	"migrate": {"bring the database to the newest schema", migrate},
	"seed":    {"make the sandbox's cast in an empty database", seed},
	"backup":  {"write an encrypted backup and read it back", makeBackup},
	"restore": {"bring a backup back into a new --data", restoreBackup},
	"admin":   {"houses, people, roles, sessions: yumen admin lists the verbs", listVerbs},
	"config":  {"print the configuration, secrets masked", printConfig},
	"export":  {"orders|ledger|names|audit|notices as JSON lines", export},
	"verify":  {"check the audit's chain and the books", verify},
	"names":   {"label[TAB]ending lines to JSON", answerNames},
	"check":   {"KIND VALUE... to JSON", answerChecks},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		code, hint := verdict(err)
		fmt.Fprintln(os.Stderr, "yumen:", err)
		if hint != "" {
			fmt.Fprintln(os.Stderr, "hint:", hint)
		}
		os.Exit(code)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(out)
		return nil
	}
	cmd, ok := commands[args[0]]
	if !ok {
		usage(errs)
		return fmt.Errorf("no command %q", args[0])
	}
	if args[0] == "admin" && len(args) > 1 {
		return administer(ctx, args[1:], in, out, errs)
	}
	c, rest, err := parse("yumen "+args[0], args[1:], environment, errs)
	if err != nil {
		return err
	}
	slog.SetDefault(logger(c, errs))
	return cmd.run(ctx, c, rest, in, out)
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: yumen COMMAND [flags]; yumen COMMAND -h lists the flags")
	var words []string
	for word := range commands {
		words = append(words, word)
	}
	sort.Strings(words)
	for _, word := range words {
		fmt.Fprintf(w, "  %-9s %s\n", word, commands[word].help)
	}
}

func logger(c *config, w io.Writer) *slog.Logger {
	how := &slog.HandlerOptions{ReplaceAttr: printable}
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, how))
	}
	return slog.New(slog.NewTextHandler(w, how))
}

// printable escapes what a terminal would obey in a text that came from
// outside. The handlers escape line ends and ESC themselves; JSON may carry the
// control sequences above 0x7f and the marks that turn a line around.
func printable(_ []string, a slog.Attr) slog.Attr {
	text := ""
	switch v := a.Value.Any().(type) {
	case string:
		text = v
	case error:
		text = v.Error()
	default:
		return a
	}
	odd := func(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) || r == utf8.RuneError }
	if !strings.ContainsFunc(text, odd) {
		return a
	}
	var b strings.Builder
	for _, r := range text {
		if odd(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return slog.String(a.Key, b.String())
}

func printConfig(_ context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	c.print(out)
	return nil
}
