package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestConfigurationSaysWhatIsWrongBeforeAnythingStarts(t *testing.T) {
	for _, c := range []struct {
		name string
		args string
		env  map[string]string
		want string
	}{
		{"defaults are good", "", nil, ""},
		{"keys inside the data are refused", "--data d --keys d/keys", nil, "lies inside"},
		{"keys beside the data are good", "--data d --keys d-keys", nil, ""},
		{"the sandbox stays on loopback", "--sandbox-listen 0.0.0.0:7780", nil, "not on loopback"},
		{"real business needs https", "--sandbox off --base-url http://a.example", nil, "https"},
		{"limits stay on in real business", "--sandbox off --limits off --base-url https://a.example", nil, "sandbox only"},
		{"a base URL is a place", "--base-url yumen", nil, "must be http"},
		{"a variable sets what no flag sets", "", map[string]string{"YUMEN_POLL": "soon"}, "YUMEN_POLL=soon"},
		{"a flag wins over a variable", "--poll 5s", map[string]string{"YUMEN_POLL": "9s"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := func(k string) (string, bool) { v, ok := c.env[k]; return v, ok }
			_, _, err := parse("yumen", strings.Fields(c.args), env, io.Discard)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestConfigPrintsEverySettingAndNoSecret(t *testing.T) {
	env := func(k string) (string, bool) {
		v, ok := map[string]string{"YUMEN_SMTP_PASSWORD": "hunter2", "YUMEN_DATABASE": "postgres://u:hunter2@h/d"}[k]
		return v, ok
	}
	c, _, err := parse("yumen", nil, env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c.print(&out)
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("a secret was printed:\n%s", out.String())
	}
	for _, s := range c.settings() {
		if !strings.Contains(out.String(), s.name) {
			t.Errorf("%s is missing", s.name)
		}
	}
}
