package registry_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/idna"

	"yumen/protocols/epp"
	"yumen/sandbox/clock"
	"yumen/sandbox/registry"
)

// world is a registry on a socket of its own, with its clock and its control.
type world struct {
	*testing.T
	dir     string
	auto    time.Duration // how long the registry takes to approve
	clock   *clock.Clock
	reg     *registry.Registry
	control *httptest.Server
	heard   func(raw []byte) // sees every answer, when set
	end     func()
}

func open(t *testing.T) *world {
	w := &world{T: t, dir: t.TempDir()}
	w.start()
	t.Cleanup(func() { w.end() })
	return w
}

func (w *world) start() {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.clock, err = clock.Open(w.dir)
	w.must(err)
	w.reg, err = registry.Open(registry.Config{Dir: w.dir, AutoApprove: w.auto, Seed: 7, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, l)
	w.must(err)
	mux := http.NewServeMux()
	w.clock.Routes(mux, w.reg.Settle)
	w.reg.Routes(mux)
	w.control = httptest.NewServer(mux)
	w.end = func() {
		w.control.Close()
		w.reg.Close()
		w.clock.Close()
	}
}

// restart closes everything and opens it again from the same folder.
func (w *world) restart() {
	w.Helper()
	w.end()
	w.start()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) tls() *tls.Config {
	a, err := w.reg.Access(context.Background())
	w.must(err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(a.CAPEM)) {
		w.Fatal("no CA in the access")
	}
	return &tls.Config{RootCAs: roots, ServerName: a.ServerName}
}

func (w *world) account(id string) epp.Account {
	w.Helper()
	list, err := w.reg.Registrars(context.Background())
	w.must(err)
	a, err := w.reg.Access(context.Background())
	w.must(err)
	for _, r := range list {
		if r.ID == id {
			return epp.Account{Addr: a.Address, TLS: w.tls(), ClID: id, Password: r.Password}
		}
	}
	w.Fatalf("no registrar %s", id)
	return epp.Account{}
}

// registrar is one logged-in session.
type registrar struct {
	*world
	c *epp.Client
}

func (w *world) login(id string) *registrar {
	w.Helper()
	c, err := epp.Dial(w.Context(), w.account(id))
	w.must(err)
	w.Cleanup(func() { c.Close() })
	if _, err := c.Login(w.Context()); err != nil {
		w.Fatalf("login as %s: %v", id, err)
	}
	return &registrar{w, c}
}

// send answers with whatever the registry said.
func (r *registrar) send(cmd epp.Command) epp.Response {
	r.Helper()
	resp, err := r.c.Do(r.Context(), cmd)
	var no *epp.ResultError
	if err != nil && !errors.As(err, &no) {
		r.Fatalf("%s: %v", cmd.Verb, err)
	}
	if r.heard != nil {
		r.heard(resp.Raw)
	}
	return resp
}

// do sends an object with its extensions and expects a code.
func (r *registrar) do(want epp.Code, object any, ext ...any) epp.Response {
	r.Helper()
	resp := r.send(epp.Command{Object: object, Extensions: ext})
	if resp.Code() != want {
		r.Fatalf("%T answered %d %s %s, want %d", object, resp.Code(), resp.Results[0].Msg.Body, resp.Reason(), want)
	}
	return resp
}

func (r *registrar) transfer(want epp.Code, op epp.Op, object *epp.DomainTransfer) *epp.DomainTrnData {
	r.Helper()
	resp := r.send(epp.Command{Op: op, Object: object})
	if resp.Code() != want {
		r.Fatalf("transfer %s answered %d %s, want %d", op, resp.Code(), resp.Reason(), want)
	}
	return epp.Get[epp.DomainTrnData](resp.Data)
}

func (r *registrar) info(name string) *epp.DomainInfData {
	r.Helper()
	return epp.Get[epp.DomainInfData](r.do(epp.Done, &epp.DomainInfo{Name: epp.DomainInfoName{Value: name}}).Data)
}

// next reads the head of the queue and takes it out.
func (r *registrar) next() epp.Response {
	r.Helper()
	resp := r.send(epp.Command{Poll: &epp.PollRequest{Op: "req"}})
	if resp.Code() == epp.AckToDequeue {
		if ack := r.send(epp.Command{Poll: &epp.PollRequest{Op: "ack", MsgID: resp.MsgQ.ID}}); ack.Code() != epp.Done {
			r.Fatalf("ack answered %d", ack.Code())
		}
	}
	return resp
}

// drain reads all messages and returns their texts.
func (r *registrar) drain() []string {
	r.Helper()
	var texts []string
	for {
		resp := r.next()
		if resp.Code() != epp.AckToDequeue {
			return texts
		}
		texts = append(texts, resp.MsgQ.Msg.Body)
	}
}

func (w *world) turn(days int) {
	w.Helper()
	_, _, err := w.clock.Turn(w.Context(), func(now time.Time) time.Time { return now.Add(time.Duration(days) * 24 * time.Hour) }, w.reg.Settle)
	w.must(err)
}

// post sends JSON to the control server and expects a status.
func (w *world) post(want int, path, body string) map[string]any {
	w.Helper()
	return w.ask(want, http.MethodPost, path, body)
}

func (w *world) get(path string) map[string]any {
	w.Helper()
	return w.ask(http.StatusOK, http.MethodGet, path, "")
}

func (w *world) ask(want int, method, path, body string) map[string]any {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.control.URL+path, strings.NewReader(body))
	w.must(err)
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	w.must(err)
	if resp.StatusCode != want {
		w.Fatalf("%s %s answered %d %s, want %d", method, path, resp.StatusCode, raw, want)
	}
	var v map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		w.must(json.Unmarshal(raw, &v))
	}
	return v
}

// person makes a contact with or without CNNIC's data.
func person(id string) *epp.ContactCreate {
	intl := epp.PostalInfo{Type: "int", Name: "Wang Xiaoming", Addr: epp.Address{Street: []string{"1 Chang'an Street"}, City: "Beijing", SP: "Beijing", PC: "100000", CC: "CN"}}
	loc := epp.PostalInfo{Type: "loc", Name: "王小明", Addr: epp.Address{Street: []string{"长安街1号"}, City: "北京", SP: "北京", PC: "100000", CC: "CN"}}
	return &epp.ContactCreate{ID: id, Postal: []epp.PostalInfo{loc, intl}, Voice: &epp.Phone{Value: "+86.1065539999"}, Email: "wang@example.cn"}
}

func papers() *epp.CNNICContactCreate {
	return &epp.CNNICContactCreate{CNNICContact: epp.CNNICContact{Type: "I",
		Document: &epp.CNNICDocument{Type: "SFZ", Number: "11010119900307123X"}, Purveyor: "yumen", Mobile: "+86.13800000000"}}
}

// aLabel is a name as it stands in a command.
func aLabel(t testing.TB, u string) string {
	t.Helper()
	a, err := idna.Lookup.ToASCII(u)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// order makes a create with one contact in all roles.
func order(name, contact string) *epp.DomainCreate {
	c := &epp.DomainCreate{Name: name, Period: epp.Years(1), Registrant: contact}
	if contact != "" {
		for _, role := range []string{"admin", "tech", "billing"} {
			c.Contacts = append(c.Contacts, epp.DomainContact{Type: role, ID: contact})
		}
	}
	return c
}

func wantStatuses(t testing.TB, got []epp.Status, want ...string) {
	t.Helper()
	var list []string
	for _, s := range got {
		list = append(list, s.S)
	}
	if strings.Join(list, " ") != strings.Join(want, " ") {
		t.Errorf("statuses are %v, want %v", list, want)
	}
}
