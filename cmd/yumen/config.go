package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yumen/registrar/backups"
	"yumen/registrar/seal"
)

// config is everything the operator decides. Each setting is a flag and an
// environment variable: --base-url and YUMEN_BASE_URL. A flag wins.
type config struct {
	Data     string // folder that holds everything embedded
	Keys     string // folder of the key files; never inside Data, so that a backup of Data opens nothing
	Listen   string // the portal
	BaseURL  string // what people type; https decides Secure and __Host- cookies
	Database string // sqlite:PATH or postgres://
	Sandbox  string // on, off or the URL of a sandbox in a process of its own
	Backup   string // folder of backups, or off
	Site     string // where it stands, as the operator declares it: CN, CN-BJ
	Replica  string // folder of the continuous replica; empty: none
	Proxies  string // networks of trusted reverse proxies, comma separated
	Log      string // text or json

	EPPListen     string // the sandbox registry
	SandboxListen string // the sandbox's control, bank and verifier
	SMTPListen    string // the sandbox's mailbox
	MetricsListen string // Prometheus; empty switches it off

	SMTP         string // outside the sandbox: host:port of the mail relay
	SMTPUser     string
	SMTPPassword string
	MailFrom     string

	Seed         bool          // make the cast when the database is empty (sandbox mode only)
	Poll         time.Duration // how often a registry is asked for messages
	Look         time.Duration // how often an idle queue looks without being woken
	Unknown      time.Duration // the first wait before an unanswered command is asked after
	Resend       time.Duration // the first wait before a command is sent again that reached nobody
	Lease        time.Duration // how long a silent worker holds its job
	Backoff      time.Duration // the first wait after a job failed
	From, To, At string        // of yumen backup and yumen restore
	Drill        bool
	Admin        adminAsk // of yumen admin

	Limits string // on, or off for load runs on loopback in sandbox mode
}

// setting is one row of the table that flags, variables and `yumen config`
// are made of.
type setting struct {
	name   string
	value  flag.Value
	help   string
	secret bool
}

type text struct{ p *string }

func (t text) String() string {
	if t.p == nil {
		return ""
	}
	return *t.p
}
func (t text) Set(s string) error { *t.p = s; return nil }

type length struct{ p *time.Duration }

func (l length) String() string {
	if l.p == nil {
		return ""
	}
	return l.p.String()
}

func (l length) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = errors.New("must be longer than nothing")
	}
	*l.p = d
	return err
}

type onOff struct{ p *bool }

func (o onOff) String() string {
	if o.p == nil || !*o.p {
		return "off"
	}
	return "on"
}

func (o onOff) Set(s string) error {
	switch s {
	case "on", "true":
		*o.p = true
	case "off", "false":
		*o.p = false
	default:
		return errors.New("is neither on nor off")
	}
	return nil
}

func defaults() *config {
	return &config{
		Data: "data", Listen: "127.0.0.1:8080", Sandbox: "on", Log: "text", Site: "CN",
		EPPListen: "127.0.0.1:7700", SandboxListen: "127.0.0.1:7780", SMTPListen: "127.0.0.1:7725", MetricsListen: "127.0.0.1:9090",
		MailFrom: "no-reply@example.cn", Seed: true,
		Poll: 60 * time.Second, Look: time.Second, Unknown: 5 * time.Second, Resend: 5 * time.Second,
		Lease: 15 * time.Second, Backoff: time.Second, Limits: "on",
	}
}

func (c *config) settings() []setting {
	s := func(name string, p *string, help string) setting { return setting{name, text{p}, help, false} }
	return []setting{
		s("data", &c.Data, "folder that holds everything embedded"),
		s("keys", &c.Keys, "folder of the key files (default: DATA-keys, beside the data)"),
		s("listen", &c.Listen, "address of the portal; port 0 chooses one"),
		s("base-url", &c.BaseURL, "what people type (default: http:// and the address)"),
		s("database", &c.Database, "sqlite:PATH or postgres://... (default: sqlite:DATA/yumen.db)"),
		s("sandbox", &c.Sandbox, "on, off, or the URL of a sandbox in its own process"),
		s("backup", &c.Backup, "folder of backups (default: DATA-backups; name another disk), or off"),
		s("backup-site", &c.Site, "where it stands: CN or a province of the mainland such as CN-BJ"),
		s("replica", &c.Replica, "folder of the continuous replica, on another disk (default: none)"),
		s("trusted-proxies", &c.Proxies, "networks of reverse proxies to believe, comma separated"),
		s("log", &c.Log, "text or json"),
		s("epp-listen", &c.EPPListen, "address of the sandbox registry"),
		s("sandbox-listen", &c.SandboxListen, "address of the sandbox's control page"),
		s("smtp-listen", &c.SMTPListen, "address of the sandbox's mailbox"),
		s("metrics-listen", &c.MetricsListen, "address of /metrics; empty switches it off"),
		s("smtp", &c.SMTP, "mail relay host:port (sandbox off)"),
		s("smtp-user", &c.SMTPUser, "mail relay user (sandbox off)"),
		{"smtp-password", text{&c.SMTPPassword}, "mail relay password (sandbox off)", true},
		s("mail-from", &c.MailFrom, "sender of all mail"),
		{"seed", onOff{&c.Seed}, "make the cast in an empty database (sandbox only)", false},
		{"poll", length{&c.Poll}, "how often a registry is asked for messages", false},
		{"look", length{&c.Look}, "how often an idle queue looks by itself", false},
		{"unknown-wait", length{&c.Unknown}, "first wait before asking after a lost answer", false},
		{"resend-wait", length{&c.Resend}, "first wait before a command is sent again that reached nobody", false},
		{"lease", length{&c.Lease}, "how long a silent worker holds its job", false},
		{"backoff", length{&c.Backoff}, "first wait after a job failed; it doubles", false},
		s("limits", &c.Limits, "rate limits: on, or off (sandbox only)"),
	}
}

// parse reads flags over variables over defaults and checks what can be
// checked without starting anything.
func parse(name string, args []string, env func(string) (string, bool), out io.Writer) (*config, []string, error) {
	c := defaults()
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(out)
	for _, s := range append(c.settings(), c.own(strings.TrimPrefix(name, "yumen "))...) {
		if v, ok := env(variable(s.name)); ok {
			if err := s.value.Set(v); err != nil {
				return nil, nil, fmt.Errorf("%s=%s %w", variable(s.name), shown(s, v), err)
			}
		}
		fs.Var(s.value, s.name, s.help+" ["+variable(s.name)+"]")
	}
	if err := fs.Parse(args); err != nil {
		return nil, nil, err
	}
	if c.Keys == "" {
		c.Keys = filepath.Clean(c.Data) + "-keys"
	}
	if c.Backup == "" {
		c.Backup = filepath.Clean(c.Data) + "-backups"
	}
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.Data, "yumen.db")
	}
	return c, fs.Args(), c.check()
}

// own are the flags of one command alone.
func (c *config) own(command string) []setting {
	if verb, ok := strings.CutPrefix(command, "admin "); ok {
		return c.Admin.settings(verb)
	}
	switch command {
	case "backup":
		return []setting{{"to", text{&c.To}, "folder to write the backup into (default: that of --backup)", false},
			{"drill", onOff{&c.Drill}, "on: bring it back aside as well, and keep the result", false}}
	case "restore":
		return []setting{{"from", text{&c.From}, "a folder of backups, one backup in it, or a replica", false},
			{"at", text{&c.At}, "the instant to go back to (2026-11-22T09:30:00+08:00); default: the newest", false}}
	}
	return nil
}

// backups is the folder of backups; empty when they are switched off.
func (c *config) backups() string {
	if c.Backup == "off" {
		return ""
	}
	return c.Backup
}

func variable(flag string) string {
	return "YUMEN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (c *config) check() error {
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return err
	}
	keys, err := filepath.Abs(c.Keys)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(data, keys); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("--keys %s lies inside --data %s: a backup of the data would open every sealed paper\nhint: put it beside, for example --keys %s-keys", c.Keys, c.Data, filepath.Clean(c.Data))
	}
	for _, dir := range []string{c.backups(), c.Replica, c.To} {
		if dir == "" {
			continue
		}
		if err := backups.Allowed(dir, c.Site); err != nil {
			return err
		}
		if err := seal.Apart(dir, c.Data); err != nil {
			return fmt.Errorf("backups in %s would lie inside the data %s, and be lost with it", dir, c.Data)
		}
	}
	if c.Replica != "" && c.backups() != "" && seal.Apart(c.Replica, c.backups()) != nil {
		return fmt.Errorf("--replica %s lies inside --backup %s\nhint: give each a folder of its own", c.Replica, c.Backup)
	}
	if c.Limits == "off" && c.Sandbox == "off" {
		return errors.New("--limits off is for the sandbox only")
	}
	for _, a := range []struct{ flag, addr string }{{"epp-listen", c.EPPListen}, {"sandbox-listen", c.SandboxListen}, {"smtp-listen", c.SMTPListen}} {
		if c.Sandbox == "on" && !loopback(a.addr) {
			return fmt.Errorf("--%s %s is not on loopback: the sandbox turns clocks and money for whoever asks", a.flag, a.addr)
		}
	}
	if c.BaseURL != "" {
		if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("--base-url %q must be http(s)://host[:port]", c.BaseURL)
		}
	}
	if c.Sandbox == "off" && !strings.HasPrefix(c.BaseURL, "https://") {
		return errors.New("--sandbox off needs --base-url https://...: cookies and identity papers do not travel in the clear")
	}
	return nil
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func shown(s setting, v string) string {
	if s.secret && v != "" {
		return "********"
	}
	if u, err := url.Parse(v); err == nil && u.User != nil {
		return u.Redacted()
	}
	return v
}

// print writes the configuration as it stands, secrets masked.
func (c *config) print(w io.Writer) {
	for _, s := range c.settings() {
		fmt.Fprintf(w, "%-18s %s\n", s.name, shown(s, s.value.String()))
	}
}

func environment(name string) (string, bool) { return os.LookupEnv(name) }
