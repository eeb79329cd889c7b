package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/answer"
	"yumen/sandbox/registry"
)

// try sends a create on a session of its own and says what came of it.
func (w *world) try(name string, limit time.Duration) (epp.Response, error) {
	w.Helper()
	a := w.account("yumen")
	a.CommandTimeout = limit
	c, err := epp.Dial(w.Context(), a)
	if err != nil {
		return epp.Response{}, err
	}
	defer c.Close()
	if _, err := c.Login(w.Context()); err != nil {
		return epp.Response{}, err
	}
	return c.Do(w.Context(), epp.Command{Object: order(name, "")})
}

func TestTroubleIsMadeAsOrdered(t *testing.T) {
	type trouble = registry.Trouble
	for i, c := range []struct {
		name    string
		trouble trouble
		outcome epp.Class
		exists  bool
	}{
		{"a lost answer: done, and nobody knows", trouble{LoseAnswers: 1}, epp.Unknown, true},
		{"dropped before it: not done, and nobody knows", trouble{Drop: 1}, epp.Unknown, false},
		{"cut inside the answer", trouble{Cut: 1}, epp.Unknown, true},
		{"another transaction's id", trouble{WrongClTRID: 1}, epp.Unknown, true},
		{"an answer that is no XML", trouble{Garbage: 1}, epp.Unknown, true},
		{"an answer twice", trouble{Duplicate: 1}, epp.Completed, true},
		{"an answer too late", trouble{Delay: answer.Duration(2 * time.Second)}, epp.Unknown, true},
		{"an answer a little late", trouble{Delay: answer.Duration(50 * time.Millisecond)}, epp.Completed, true},
		{"an answer byte by byte", trouble{Trickle: 1}, epp.Completed, true},
		{"a result without the act", trouble{Result: &registry.Forced{Code: 2400, Rate: 1}}, epp.Unknown, false},
		{"another command's trouble", trouble{LoseAnswers: 1, Commands: []string{"domain:renew"}}, epp.Completed, true},
		{"down", trouble{Down: answer.Duration(time.Hour)}, epp.Unknown, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			name := fmt.Sprintf("trouble-%d.com", i)
			c.trouble.Ending = "com"
			w.must(w.reg.MakeTrouble(t.Context(), c.trouble, 0))
			limit := time.Second
			if c.trouble.Trickle > 0 {
				limit = 10 * time.Second
			}
			resp, err := w.try(name, limit)
			if got := epp.Outcome(epp.Create, resp, err); got != c.outcome {
				t.Errorf("the outcome is %v (%v), want %v", got, err, c.outcome)
			}
			w.must(w.reg.Heal(t.Context()))
			y := w.login("yumen")
			found := y.send(epp.Command{Object: &epp.DomainInfo{Name: epp.DomainInfoName{Value: name}}})
			if got := found.Code() == epp.Done; got != c.exists {
				t.Errorf("the name exists: %v, want %v", got, c.exists)
			}
		})
	}
}

func TestARegistryThatIsDownLetsNobodyInUntilItsHourIsOver(t *testing.T) {
	w := open(t)
	w.post(http.StatusOK, "/trouble", `{"down":"24h"}`)
	if _, err := epp.Dial(t.Context(), w.account("yumen")); err == nil {
		t.Error("somebody was let in")
	}
	w.restart() // the outage outlives it
	if _, err := epp.Dial(t.Context(), w.account("yumen")); err == nil {
		t.Error("somebody was let in after the restart")
	}
	w.turn(1)
	w.login("yumen")
}

func TestTheSameSeedMakesTheSameTrouble(t *testing.T) {
	w := open(t)
	run := func() (pattern string) {
		w.post(http.StatusOK, "/trouble", `{"ending":"com","drop":0.5,"seed":42}`)
		for range 12 {
			_, err := w.try("gold.com", time.Second)
			var no *epp.ResultError
			pattern += map[bool]string{true: "+", false: "-"}[errors.As(err, &no)]
		}
		return pattern
	}
	first := run()
	if second := run(); first != second {
		t.Errorf("%s, then %s", first, second)
	}
	w.post(http.StatusBadRequest, "/trouble", `{"drop":1.5}`)
	w.post(http.StatusNotFound, "/trouble", `{"ending":"example","drop":1}`)
}

func TestSessionsAndCommandsHaveALimit(t *testing.T) {
	w := open(t)
	s := w.reg.Settings()
	s.MaxSessions, s.CommandsPerMinute = 2, 5
	w.must(w.reg.Set(t.Context(), s))
	first, _ := w.login("yumen"), w.login("yumen")
	c, err := epp.Dial(t.Context(), w.account("yumen"))
	w.must(err)
	defer c.Close()
	if _, err := c.Login(t.Context()); epp.Outcome(epp.LoginVerb, epp.Response{}, err) != epp.Wait {
		t.Errorf("a third session: %v", err)
	}
	for range 5 {
		first.do(epp.Done, &epp.DomainCheck{Names: []string{"tea-house.com"}})
	}
	first.do(epp.TooManySessions, &epp.DomainCheck{Names: []string{"tea-house.com"}})
	for _, x := range w.reg.Sessions() {
		if x.Registrar == "yumen" && (x.Peak != 2 || x.RefusedSessions != 1 || x.RefusedRate != 1 || x.Commands["domain:check"] != 6 || len(x.Frames) == 0 ||
			x.PeakMinute < 6 || x.PeakSecond < 1 || x.PeakSecond > x.PeakMinute) {
			t.Errorf("counted %+v", x)
		}
	}
}

func TestWhoMayLogIn(t *testing.T) {
	w := open(t)
	good := w.account("stranger")
	for _, c := range []struct {
		name   string
		change func(*epp.Account)
		want   epp.Code
	}{
		{"the right password", func(*epp.Account) {}, epp.Done},
		{"by the login security extension", func(a *epp.Account) { a.LoginSec = epp.LoginSecAlways }, epp.Done},
		{"a wrong password", func(a *epp.Account) { a.Password = "wrong-password" }, epp.AuthFailed},
		{"an unknown id", func(a *epp.Account) { a.ClID = "nobody" }, epp.AuthFailed},
		{"a language of others", func(a *epp.Account) { a.Lang = "fr" }, epp.NoSuchOption},
		{"an object of others", func(a *epp.Account) { a.ObjURIs = []string{"urn:x"} }, epp.NoSuchService},
		{"an extension of others", func(a *epp.Account) { a.ExtURIs = []string{"urn:x"} }, epp.NoSuchExtension},
		{"a new password that is too short", func(a *epp.Account) { a.NewPassword = "short1" }, epp.PolicyViolation},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := good
			c.change(&a)
			conn, err := epp.Dial(t.Context(), a)
			w.must(err)
			defer conn.Close()
			resp, _ := conn.Login(t.Context())
			if got := resp.Code(); got != c.want {
				t.Errorf("answered %d, want %d", got, c.want)
			}
		})
	}
	conn, err := epp.Dial(t.Context(), good)
	w.must(err)
	defer conn.Close()
	resp, err := conn.Do(t.Context(), epp.Command{Object: &epp.DomainCheck{Names: []string{"tea-house.com"}}})
	if resp.Code() != epp.UseError {
		t.Errorf("before login a check answers %d %v", resp.Code(), err)
	}
}

func TestTheRegistryRemembersAfterAKill(t *testing.T) {
	if dir := os.Getenv("REGISTRY_TO_KILL"); dir != "" {
		w := &world{T: t, dir: dir}
		w.start()
		y := w.login("yumen")
		y.do(epp.Done, person("WANG-1"), papers())
		y.do(epp.Done, order("tea-house.com", "WANG-1"))
		y.do(epp.DonePending, order(beijing, "WANG-1"))
		w.post(http.StatusOK, "/registry/"+beijing+"/ask", `{"items":["papers"]}`)
		w.turn(3)
		p, _ := os.FindProcess(os.Getpid())
		p.Kill() // no farewell: what was answered must be on disk
		select {}
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "REGISTRY_TO_KILL="+dir)
	out, err := child.CombinedOutput()
	if err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
	w := &world{T: t, dir: dir}
	w.start()
	defer func() { w.end() }()
	before := w.account("yumen").Password
	y := w.login("yumen")
	wantStatuses(t, y.info("tea-house.com").Statuses, "inactive")
	wantStatuses(t, y.info(beijing).Statuses, "pendingCreate")
	if d := time.Until(w.clock.Now()); d < 71*time.Hour {
		t.Errorf("the clock is only %s ahead", d)
	}
	if got := len(y.drain()); got != 1 {
		t.Errorf("%d messages wait, want 1", got)
	}
	w.restart()
	if w.account("yumen").Password != before {
		t.Error("after a restart the password is another")
	}
}

func TestOneNameAndManyBuyersMakeOneOwner(t *testing.T) {
	w := open(t)
	clients := []*registrar{w.login("yumen"), w.login("yumen"), w.login("yumen"), w.login("rival"), w.login("rival"), w.login("stranger")}
	for round := range 10 {
		codes := make(chan epp.Code, len(clients))
		for _, c := range clients {
			go func() {
				resp, _ := c.c.Do(t.Context(), epp.Command{Object: order(fmt.Sprintf("wanted-%d.com", round), "")})
				codes <- resp.Code()
			}()
		}
		count := map[epp.Code]int{}
		for range clients {
			count[<-codes]++
		}
		if count[epp.Done] != 1 || count[epp.ObjectExists] != len(clients)-1 {
			t.Errorf("round %d answered %v", round, count)
		}
	}
}
