package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"yumen/sandbox"
)

// approveAfter is how long the sandbox's registries think before they approve
// when nobody turns them: long enough to see "pending", short enough to wait.
const approveAfter = 20 * time.Second

func openSandbox(ctx context.Context, c *config, log *slog.Logger) (*sandbox.World, error) {
	w, err := sandbox.Run(ctx, sandbox.Config{Dir: filepath.Join(c.Data, "sandbox"),
		Control: c.SandboxListen, EPP: c.EPPListen, SMTP: c.SMTPListen, AutoApprove: approveAfter, Log: log})
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return w, nil
}

// runSandbox is the world in a process of its own.
func runSandbox(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	w, err := openSandbox(ctx, c, slog.Default())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening epp=%s sandbox=%s smtp=%s\n", w.EPP, w.Control, w.SMTP)
	<-ctx.Done()
	return w.Close()
}
