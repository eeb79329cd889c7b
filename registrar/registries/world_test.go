package registries_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/registrar/registries"
	"yumen/sandbox"
)

// world is the sandbox's registry and our set of registries on its socket.
type world struct {
	t   *testing.T
	box *sandbox.World
	set *registries.Set
}

func open(t *testing.T) *world {
	t.Helper()
	box, err := sandbox.Run(context.Background(), sandbox.Config{Dir: t.TempDir(), Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, box: box, set: registries.NewSet()}
	var c struct {
		EPP struct {
			Address    string `json:"address"`
			ServerName string `json:"server_name"`
			CA         string `json:"ca_pem"`
			Registrar  string `json:"registrar"`
			Password   string `json:"password"`
		} `json:"epp"`
	}
	w.call("GET", "/connect", nil, &c)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(c.EPP.CA))
	codec, err := registries.Codec()
	if err != nil {
		t.Fatal(err)
	}
	pool := epp.NewPool(epp.PoolSettings{PerMinute: -1, RetryFirst: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
		Account: epp.Account{Addr: c.EPP.Address, TLS: &tls.Config{RootCAs: roots, ServerName: c.EPP.ServerName},
			ClID: c.EPP.Registrar, Password: c.EPP.Password, Codec: codec, CommandTimeout: 5 * time.Second}})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			t.Errorf("close the pool: %v", err)
		}
		if err := box.Close(); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	for _, rules := range []string{"zhaopin", "cnnic", "codes", "thin"} {
		s, _ := registries.Known(rules, "Yumen")
		w.set.AddEPP(registries.Registry{Key: rules, Account: "sandbox", Settings: s}, pool, c.EPP.Registrar)
	}
	return w
}

// call speaks to the sandbox's control server.
func (w *world) call(method, path string, body, into any) {
	w.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequest(method, w.box.Control+path, bytes.NewReader(b))
	if err != nil {
		w.t.Fatal(err)
	}
	if method != "GET" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(resp.Body); err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		w.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, buf.String())
	}
	if into != nil {
		if err := json.Unmarshal(buf.Bytes(), into); err != nil {
			w.t.Fatalf("%s: %v in %s", path, err, buf.String())
		}
	}
}

func person(id string) registries.Contact {
	return registries.Contact{ID: id, Name: "王小明", NameLatin: "Wang Xiaoming", Street: []string{"人民路 1 号"},
		StreetLatin: []string{"1 Renmin Road"}, City: "杭州", CityLatin: "Hangzhou", Province: "浙江", ProvinceLat: "Zhejiang",
		PostCode: "310000", Country: "CN", Phone: "+86.13800138000", Mobile: "+86.13800138000", Email: "wang@example.cn",
		DocumentKind: "CN_ID", DocumentNo: "11010519491231002X"}
}
