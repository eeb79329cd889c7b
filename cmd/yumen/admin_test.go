package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/locales"
	"yumen/testkit/process"
)

// operator is somebody at a terminal with the real program and one data folder.
type operator struct {
	t         *testing.T
	bin, data string
	lang      string
}

// said is what the program answered.
type said struct {
	out, err string
	code     int
}

// admin runs yumen admin; in is what standard input says.
func (o *operator) admin(in string, args ...string) said {
	o.t.Helper()
	return o.yumen(in, append([]string{"admin"}, args...)...)
}

func (o *operator) yumen(in string, args ...string) (s said) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if args[0] == "admin" && len(args) > 1 && args[1] != "-h" {
		args = append(args[:2:2], append([]string{"--data", o.data}, args[2:]...)...)
	} else if args[0] != "admin" {
		args = append([]string{args[0], "--data", o.data}, args[1:]...)
	}
	cmd := exec.CommandContext(ctx, o.bin, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
	cmd.Env = append(os.Environ(), "LC_ALL=", "LC_MESSAGES=", "LANG="+o.lang)
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	return said{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must fails the test unless the program did it.
func (o *operator) must(s said, words ...string) said {
	o.t.Helper()
	if s.code != 0 {
		o.t.Fatalf("exit %d: %s%s", s.code, s.out, s.err)
	}
	for _, w := range words {
		if !strings.Contains(s.out, w) {
			o.t.Errorf("%q is not in %s", w, s.out)
		}
	}
	return s
}

// wont fails the test unless the program refused, with its code and words.
func (o *operator) wont(s said, code int, word string) {
	o.t.Helper()
	if s.code != code || !strings.Contains(s.err, word) {
		o.t.Errorf("exit %d, want %d with %q: %s%s", s.code, code, word, s.out, s.err)
	}
}

// lines are the JSON lines of an answer.
func (o *operator) lines(s said) (list []map[string]any) {
	o.t.Helper()
	for line := range strings.Lines(o.must(s).out) {
		m := map[string]any{}
		must(o.t, json.Unmarshal([]byte(line), &m))
		list = append(list, m)
	}
	return list
}

// audited are the acts of the audit with their reasons, as exported.
func (o *operator) audited() (list []string) {
	o.t.Helper()
	for _, e := range o.lines(o.yumen("", "export", "audit")) {
		list = append(list, e["act"].(string)+" by "+e["name"].(string)+": "+e["reason"].(string))
	}
	return list
}

func build(t *testing.T, lang string) *operator {
	t.Helper()
	bin, err := process.Build(context.Background(), root, t.TempDir())
	must(t, err)
	return &operator{t: t, bin: bin, data: filepath.Join(t.TempDir(), "data"), lang: lang}
}

const spoken = "a password nobody sees"

func TestAnInstallationBeginsAtTheTerminal(t *testing.T) {
	o := build(t, "zh_CN.UTF-8")
	o.wont(o.admin("", "houses"), 1, "--data") // there is no database yet, and admin makes none
	o.must(o.yumen("", "migrate"))
	o.must(o.admin("", "open-house", "--host", "yumen.example.cn", "--name-zh", "域门", "--name-en", "Yumen", "--reason", "开业"), "yumen.example.cn")
	o.must(o.admin(spoken+"\n", "add-person", "--mail", "owner@example.cn", "--role", "admin,compliance", "--password-stdin", "on", "--reason", "第一位管理员"), "owner@example.cn", "admin", "compliance")
	o.must(o.admin("", "add-person", "--mail", "money@example.cn", "--role", "finance", "--reason", "财务入职"), "/reset")
	list := o.lines(o.admin("", "people"))
	if len(list) != 2 || list[0]["mail"] != "owner@example.cn" || len(list[0]["roles"].([]any)) != 2 || list[1]["second_factor"] != false {
		t.Errorf("%v", list)
	}
	zh := locales.WithLang(context.Background(), "zh")
	for _, c := range []struct {
		name, in, word string
		code           int
		args           []string
	}{
		{"without a reason", "", locales.T(zh, "admin.reason"), exitRefused, []string{"dismiss", "--mail", "money@example.cn", "--role", "finance"}},
		{"a verb that is none", "", "没有“promote”", exitFailed, []string{"promote"}},
		{"a person who is not there", "", "nobody@example.cn", exitRefused, []string{"reset-factor", "--mail", "nobody@example.cn", "--reason", "x"}},
		{"a house that is not there", "", "other.example.cn", exitRefused, []string{"people", "--house", "other.example.cn"}},
		{"somebody who is there", "", "", exitRefused, []string{"add-person", "--mail", "owner@example.cn", "--reason", "x"}},
		{"a role that is none", "", locales.T(zh, "accounts.role_unknown"), exitRefused, []string{"add-person", "--mail", "new@example.cn", "--role", "king", "--reason", "x"}},
		{"a second factor that is not there", "", "没有开启二次验证", exitRefused, []string{"reset-factor", "--mail", "owner@example.cn", "--reason", "x"}},
		{"no password on standard input", "", "标准输入", exitRefused, []string{"set-password", "--mail", "owner@example.cn", "--reason", "x"}},
		{"a password that is too short", "short\n", "password: ", exitRefused, []string{"set-password", "--mail", "owner@example.cn", "--reason", "x"}},
		{"the last host", "", "唯一的主机名", exitRefused, []string{"drop-host", "--host", "yumen.example.cn", "--reason", "x"}},
		{"the registrar's own house", "", "不能关闭", exitRefused, []string{"close-house", "--reason", "x"}},
		{"an agent without the statement whose", "", "agency", exitRefused, []string{"open-house", "--host", "agent.example.cn", "--name-zh", "代理", "--name-en", "Agent", "--reason", "x"}},
	} {
		before := o.audited()
		o.wont(o.admin(c.in, c.args...), c.code, c.word)
		if after := o.audited(); len(after) != len(before) {
			t.Errorf("%s: something was done: %v", c.name, after[len(before):])
		}
	}
	if s := o.admin("", "set-password", "--mail", "owner@example.cn", "--reason", "x", "typed-in-the-open"); s.code == 0 || strings.Contains(s.out+s.err, "typed-in-the-open") {
		t.Errorf("a secret on the command line: exit %d, %s%s", s.code, s.out, s.err)
	}
	o.must(o.admin("", "add-host", "--host", "www.yumen.example.cn", "--reason", "新主机名"))
	o.must(o.admin("", "drop-host", "--host", "yumen.example.cn", "--reason", "旧主机名停用"))
	o.must(o.admin("", "open-house", "--host", "agent.example.cn", "--name-zh", "代理", "--name-en", "Agent", "--agency-zh", "域门的代理", "--agency-en", "An agent of Yumen", "--owner", "money@example.cn", "--reason", "签约"))
	o.must(o.admin("", "close-house", "--house", "agent.example.cn", "--reason", "到期"))
	o.must(o.admin("", "dismiss", "--mail", "money@example.cn", "--role", "finance", "--reason", "离职"))
	houses := o.lines(o.admin("", "houses"))
	if len(houses) != 2 || houses[0]["hosts"].([]any)[0] != "www.yumen.example.cn" || houses[1]["open"] != false {
		t.Errorf("%v", houses)
	}
	acts := strings.Join(o.audited(), "\n")
	for _, want := range []string{"accounts.house_opened by ", "accounts.opened by system:admin ", ": 第一位管理员", "accounts.appointed by system:admin ", "accounts.host_added by ", "accounts.host_dropped by ",
		"accounts.house_closed by system:admin ", ": 到期", "accounts.dismissed by ", ": 离职"} {
		if !strings.Contains(acts, want) {
			t.Errorf("the audit lacks %q:\n%s", want, acts)
		}
	}
	if strings.Contains(acts, spoken) {
		t.Error("the audit has a password")
	}
}

// TestTheTerminalSpeaksTheOperatorsLanguage, and lists every verb in both.
func TestTheTerminalSpeaksTheOperatorsLanguage(t *testing.T) {
	o := build(t, "")
	for lang, dictionary := range map[string]string{"zh_CN.UTF-8": "zh", "en_GB.UTF-8": "en", "C": "en", "": "en"} {
		o.lang = lang
		ctx := locales.WithLang(context.Background(), dictionary)
		s := o.must(o.admin(""), locales.T(ctx, "admin.usage"))
		for _, v := range verbs() {
			if !strings.Contains(s.out, v.name) || !strings.Contains(s.out, locales.T(ctx, "admin.verb."+v.name)) {
				t.Errorf("%s: %s is missing in\n%s", lang, v.name, s.out)
			}
		}
	}
}

// TestTheTerminalHelpsBesideARunningPortal: who lost telephone and password
// comes in again, whose browser was stolen is signed out at once.
func TestTheTerminalHelpsBesideARunningPortal(t *testing.T) {
	o := build(t, "en_US.UTF-8")
	portal := start(t, o.bin, "serve", "--data", o.data, "--look", "50ms")
	defer portal.Kill()
	const mail = "finance@example.cn"
	signInAs := func(mail, password string) (*http.Client, string) {
		t.Helper()
		jar, err := cookiejar.New(nil)
		must(t, err)
		c := &http.Client{Jar: jar}
		req, err := http.NewRequest(http.MethodPost, portal.Portal+"/sign-in", strings.NewReader(url.Values{"mail": {mail}, "password": {password}, "back": {"/account"}}.Encode()))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := c.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		return c, resp.Request.URL.Path
	}
	signIn := func(password string) (*http.Client, string) { t.Helper(); return signInAs(mail, password) }
	inside := func(c *http.Client) bool {
		t.Helper()
		resp, err := c.Get(portal.Portal + "/account")
		must(t, err)
		must(t, resp.Body.Close())
		return resp.Request.URL.Path == "/account" && resp.StatusCode == http.StatusOK
	}
	stolen, at := signIn(castPassword)
	if at != "/account" || !inside(stolen) {
		t.Fatalf("sign-in leads to %s", at)
	}
	list := o.lines(o.admin("", "sessions", "--mail", mail))
	if len(list) != 1 || list[0]["session"] == "" {
		t.Fatalf("%v", list)
	}
	o.wont(o.admin("", "revoke", "--mail", mail, "--session", "12", "--reason", "x"), exitRefused, "")
	o.must(o.admin("", "revoke", "--mail", mail, "--session", list[0]["session"].(string), "--reason", "laptop stolen"), "1 session of "+mail+" ended")
	if inside(stolen) {
		t.Error("the stolen browser is signed in")
	}
	// Staff who locked themselves out, and were sure of it, are let in from here.
	locked, _ := signInAs("admin@example.cn", castPassword)
	resp, err := locked.PostForm(portal.Portal+"/staff/blocks", url.Values{"network": {"127.0.0.0/8"}, "cause": {"flood"}, "reason": {"a mistake"}, "days": {"1"}, "sure": {"1"}})
	must(t, err)
	must(t, resp.Body.Close())
	kept := o.lines(o.admin("", "blocks"))
	if inside(locked) || len(kept) != 1 || kept[0]["of"] != "127.0.0.0/8" || kept[0]["stands"] != true {
		t.Fatalf("%v", kept)
	}
	o.wont(o.admin("", "end-block", "--block", "Y7K2-9QDM", "--reason", "x"), exitRefused, "")
	o.must(o.admin("", "end-block", "--block", kept[0]["ref"].(string), "--reason", "blocked ourselves"), kept[0]["ref"].(string)+" is ended")
	for end := time.Now().Add(20 * time.Second); !inside(locked); time.Sleep(50 * time.Millisecond) { // another process: within seconds
		if time.Now().After(end) {
			t.Fatal("the block goes on in the portal")
		}
	}
	o.must(o.admin(spoken+"\r\n", "set-password", "--mail", mail, "--reason", "forgot it, came in person"), mail)
	if c, _ := signIn(castPassword); inside(c) {
		t.Error("the old password still opens")
	}
	c, _ := signIn(spoken)
	if !inside(c) {
		t.Error("the new password does not open")
	}
	o.must(o.admin("", "appoint", "--mail", mail, "--role", "support", "--reason", "helps out"))
	o.must(o.admin("", "dismiss", "--mail", mail, "--role", "finance", "--reason", "moved on"))
	if inside(c) {
		t.Error("a session outlives the role it was opened under")
	}
	var letters []struct {
		Subject string `json:"subject"`
	}
	for end := time.Now().Add(30 * time.Second); len(letters) == 0; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(portal.Sandbox + "/state/mail?to=" + mail)
		must(t, err)
		must(t, json.NewDecoder(resp.Body).Decode(&letters))
		must(t, resp.Body.Close())
		if time.Now().After(end) {
			t.Fatal("nobody wrote that the password was changed")
		}
	}
	o.must(o.yumen("", "verify"))
}
