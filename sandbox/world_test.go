package sandbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yumen/sandbox"
)

// box is a whole sandbox and what a portal knows of it.
type box struct {
	*testing.T
	world *sandbox.World
	conf  sandbox.Config
	to    connection
}

type connection struct {
	EPP struct {
		Address    string `json:"address"`
		ServerName string `json:"server_name"`
		CAPEM      string `json:"ca_pem"`
		Registrar  string `json:"registrar"`
		Password   string `json:"password"`
	} `json:"epp"`
	SMTP struct {
		Address string `json:"address"`
	} `json:"smtp"`
	Cashier struct {
		BaseURL    string `json:"base_url"`
		MerchantID string `json:"merchant_id"`
		APISecret  string `json:"api_secret"`
		Keys       []struct {
			ID        string `json:"id"`
			PublicKey string `json:"public_key"`
		} `json:"callback_keys"`
	} `json:"cashier"`
	Verifier struct {
		BaseURL string `json:"base_url"`
		Secret  string `json:"secret"`
	} `json:"verifier"`
	Clock struct {
		OffsetMS int64     `json:"offset_ms"`
		Seq      int64     `json:"seq"`
		Now      time.Time `json:"now"`
	} `json:"clock"`
	Control struct {
		URL string `json:"url"`
	} `json:"control"`
	Registries []struct {
		Ending string `json:"ending"`
		ULabel string `json:"u_label"`
		Policy string `json:"policy"`
	} `json:"registries"`
}

func open(t *testing.T) *box {
	b := &box{T: t, conf: sandbox.Config{Dir: t.TempDir(), Seed: 7}}
	b.start()
	t.Cleanup(func() { b.world.Close() })
	return b
}

func (b *box) start() {
	b.Helper()
	var err error
	b.world, err = sandbox.Run(context.Background(), b.conf)
	b.must(err)
	b.to = connection{}
	b.get("/connect", &b.to)
}

func (b *box) restart() {
	b.Helper()
	b.must(b.world.Close())
	b.start()
}

func (b *box) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *box) get(path string, into any) {
	b.Helper()
	b.call(http.StatusOK, http.MethodGet, path, "", into)
}

func (b *box) post(want int, path, body string, into any) {
	b.Helper()
	b.call(want, http.MethodPost, path, body, into)
}

// call sends JSON to the control server.
func (b *box) call(want int, method, path, body string, into any) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.world.Control+path, strings.NewReader(body))
	b.must(err)
	b.send(want, req, into)
}

func (b *box) send(want int, req *http.Request, into any) {
	b.Helper()
	resp, err := http.DefaultClient.Do(req)
	b.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	b.must(err)
	if resp.StatusCode != want {
		b.Fatalf("%s %s answered %d %s, want %d", req.Method, req.URL, resp.StatusCode, raw, want)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			b.Fatalf("%s: %v in %s", req.URL, err, raw)
		}
	}
}

// bank sends a merchant's signed request, as the text in doc.go says.
func (b *box) bank(want int, method, path, body string, into any) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.to.Cashier.BaseURL+path, bytes.NewReader([]byte(body)))
	b.must(err)
	b.sign(req, body, time.Now().Add(time.Duration(b.to.Clock.OffsetMS)*time.Millisecond))
	b.send(want, req, into)
}

func (b *box) sign(req *http.Request, body string, at time.Time) {
	key, err := hex.DecodeString(b.to.Cashier.APISecret)
	b.must(err)
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%s", stamp, req.Method, req.URL.RequestURI(), body)
	req.Header.Set("Bank-Merchant", b.to.Cashier.MerchantID)
	req.Header.Set("Bank-Timestamp", stamp)
	req.Header.Set("Bank-Signature", hex.EncodeToString(mac.Sum(nil)))
}

// eventually waits for what happens in the background.
func (b *box) eventually(what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	b.Fatalf("%s did not happen within 10 s", what)
}
