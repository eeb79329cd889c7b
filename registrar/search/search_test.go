package search

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/locales"
	"yumen/protocols/epp"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/sandbox"
	"yumen/testkit/duty"
)

var (
	wu  = actor.Actor{House: 1, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	lin = actor.Actor{House: 1, Account: 7, Person: 17, Name: "l***@example.cn", Lang: "zh"}
)

const zhaopin = "xn--otu796d"

func seed(t testing.TB, d *db.DB) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		p := permits.Permit{Holder: permits.Text{Zh: "示例域名有限公司"}, Number: "京D3-20990001",
			Issuer: permits.Text{Zh: "北京市通信管理局", En: "Beijing Communications Administration"},
			Issued: calendar.Date(2024, 1, 1), Expires: calendar.Date(2099, 12, 31)}
		for _, e := range catalogue.Shipped() {
			p.Items = append(p.Items, permits.Item{Ending: e.ALabel})
			if _, err := permits.SaveListing(tx, wu, permits.Listing{Ending: e.ALabel, Mode: permits.AsRegistrar, Announced: calendar.Date(2018, 1, 29),
				RegistryPermit: "JX-1", RegistryPermitTo: calendar.Date(2099, 1, 1), Agreement: "A-1",
				AgreementFrom: calendar.Date(2024, 1, 1), AgreementTo: calendar.Date(2099, 1, 1)}, "as agreed"); err != nil {
				return err
			}
			if err := catalogue.SaveEnding(tx, wu, e, "opening"); err != nil {
				return err
			}
			for _, r := range catalogue.PriceList(e.ALabel, 12800, 13800, 80000, 13800, 600, 4500, 30000) {
				if _, err := catalogue.SetPrice(tx, wu, r, "opening"); err != nil {
					return err
				}
			}
		}
		_, err := permits.SavePermit(tx, wu, p, false, "as issued")
		return err
	})
}

// scripted is registries whose answers a test decides: the outside world.
type scripted func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error)

func (s scripted) Check(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	return s(ctx, registry, list)
}

func (s scripted) CheckIdle(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	return s(ctx, registry, list)
}

func (s scripted) NamesPerCheck(string) int { return 20 }

func all(state string) scripted {
	return func(_ context.Context, _ string, list []names.Name) (map[string]registries.Availability, error) {
		out := map[string]registries.Availability{}
		for _, n := range list {
			out[n.A()] = registries.Availability{State: state}
		}
		return out, nil
	}
}

func find(t testing.TB, f *Finder, query string) map[string]Answer {
	t.Helper()
	q, _, err := names.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Run(context.Background(), lin, q)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Answer{}
	for _, a := range s.Wait() {
		out[a.Ending.ULabel] = a
	}
	if s.Waiting() {
		t.Error("a row still waits after all answers")
	}
	return out
}

func TestEachEndingIsAnsweredByTheRulesThenByItsRegistry(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	f := &Finder{DB: d, Checker: all(registries.Free), Held: func(_ *db.Tx, n names.Name) (Holding, error) {
		switch n.U() {
		case "人才网.cn":
			return HeldItself, nil
		case "人才网.公司":
			return HeldByVariant, nil
		}
		return NotHeld, nil
	}}
	got := find(t, f, "人才网")
	if len(got) != 7 || got["招聘"].State != Available || got["cn"].State != Taken || !got["cn"].HeldHere ||
		got["公司"].State != Reserved || got["公司"].NoteID != "searching.variant_held" {
		t.Errorf("%+v", got)
	}
	if a := got["招聘"]; a.Prices != (Prices{First: ledger.CNY(12800), Renewal: ledger.CNY(13800), Restore: ledger.CNY(80000), Three: ledger.CNY(40400)}) {
		t.Errorf("prices %+v", a.Prices)
	}
	if got := find(t, f, "abc"); got["中国"].State != Invalid || got["中国"].NoteID == "" || got["com"].State != Available {
		t.Errorf("%+v", got["中国"])
	}
	if a := find(t, f, "abc")["中国"]; !strings.Contains(locales.T(context.Background(), a.NoteID, a.NoteArgs...), "abc") {
		t.Errorf("the refusal of abc.中国 does not say what was typed: %v", a.NoteArgs)
	}
	if got := find(t, f, "赌博"); got["com"].State != Prohibited || got["com"].NoteID != "screening.class.p7" {
		t.Errorf("%+v", got["com"])
	}
	if got := find(t, f, "人才网.example"); len(got) != 8 || got["example"].State != NotOffered || got["example"].NoteID != "catalogue.unknown_ending" {
		t.Errorf("%+v", got["example"])
	}
}

func TestTheEndingThatWasNamedComesFirst(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	f := &Finder{DB: d, Checker: all(registries.Free)}
	q, _, err := names.ParseQuery("人才网.网络")
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Plan(context.Background(), lin, q)
	if err != nil || len(s.Rows) != 7 || s.Rows[0].Ending.ULabel != "网络" || s.Rows[1].Ending.ULabel != "cn" {
		t.Fatalf("%+v %v", s.Rows, err)
	}
	if _, err := f.Plan(context.Background(), lin, names.Query{}); !problem.Is(err, "searching.empty") {
		t.Error(err)
	}
}

// TestAnEndingThatIsNotTickedIsNotAskedAbout: a registry nobody wants to hear of
// is not asked, neither for the name nor for names like it, and keeps nobody
// waiting; what was typed in full is.
func TestAnEndingThatIsNotTickedIsNotAskedAbout(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	var mu sync.Mutex
	asked := map[string]bool{}
	f := &Finder{DB: d, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		mu.Lock()
		for _, n := range list {
			asked[n.EndingU()] = true
		}
		mu.Unlock()
		return all(registries.Free)(ctx, registry, list)
	})}
	for typed, want := range map[string]string{"北京咖啡": "cn 招聘", "北京咖啡.网络": "cn 招聘 网络"} {
		clear(asked)
		wish, err := Read(typed)
		if err != nil {
			t.Fatal(err)
		}
		wish.Endings = []string{".招聘", "cn"}
		s, err := f.Plan(context.Background(), lin, wish.Queries...)
		if err != nil {
			t.Fatal(err)
		}
		s.Only(wish.Endings)
		f.Ask(context.Background(), lin, s)
		rows := s.Wait()
		near, err := f.Suggest(context.Background(), lin, wish, 12)
		if err != nil {
			t.Fatal(err)
		}
		near.Wait()
		if got := strings.Join(slices.Sorted(maps.Keys(asked)), " "); got != want || len(rows) != len(strings.Fields(want)) || len(near.Rows) == 0 {
			t.Errorf("%s under .招聘 and .cn: .%s was asked about, %d rows, %d like it", typed, got, len(rows), len(near.Rows))
		}
	}
}

func TestSilenceIsNeverAvailable(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	for name, c := range map[string]scripted{
		"an error": func(context.Context, string, []names.Name) (map[string]registries.Availability, error) {
			return nil, errors.New("down")
		},
		"an empty answer": func(context.Context, string, []names.Name) (map[string]registries.Availability, error) {
			return nil, nil
		},
		"a word nobody knows": all("perhaps"),
		"no answer in time": func(ctx context.Context, _ string, _ []names.Name) (map[string]registries.Availability, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	} {
		f := &Finder{DB: d, Checker: c, Budget: 50 * time.Millisecond}
		for ending, a := range find(t, f, "人才网") {
			if a.State != Unknown {
				t.Errorf("%s: .%s is %s", name, ending, a.State)
			}
		}
	}
}

func TestFirstAnswersDoNotWaitForTheSlowestRegistry(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	slow := make(chan struct{})
	f := &Finder{DB: d, Budget: time.Minute, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		if registry == "zhaopin" {
			<-slow
		}
		return all(registries.Taken)(ctx, registry, list)
	})}
	q, _, _ := names.ParseQuery("人才网")
	s, err := f.Run(context.Background(), lin, q)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // all but .招聘
		if a := <-s.Answers(); a.Ending.ALabel == zhaopin || a.State != Taken {
			t.Errorf("%+v", a)
		}
	}
	close(slow)
	if a := <-s.Answers(); a.Ending.ALabel != zhaopin {
		t.Errorf("%+v", a)
	}
	if _, more := <-s.Answers(); more {
		t.Error("the stream does not end")
	}
}

func TestOneRegistryIsNotAskedByMoreSearchesThanItHasPlaces(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	var now, most atomic.Int64
	gate := make(chan struct{})
	f := &Finder{DB: d, PerRegistry: 2, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		if registry == "zhaopin" {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-gate
		}
		return all(registries.Free)(ctx, registry, list)
	})}
	q, _, _ := names.ParseQuery("人才网")
	var running []*Search
	for range 6 {
		s, err := f.Run(context.Background(), lin, q)
		if err != nil {
			t.Fatal(err)
		}
		running = append(running, s)
	}
	close(gate)
	for _, s := range running {
		for _, a := range s.Wait() {
			if a.State != Available {
				t.Errorf("%+v", a)
			}
		}
	}
	if most.Load() > 2 {
		t.Errorf("%d checks at once", most.Load())
	}
}

func TestM32_AnEndingOutsideTheItemsIsShownAsNotOffered(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		p, _, err := permits.Current(tx, 1)
		if err != nil {
			return err
		}
		var kept []permits.Item
		for _, i := range p.Items {
			if i.Ending != zhaopin {
				kept = append(kept, i)
			}
		}
		p.Items = kept
		_, err = permits.SavePermit(tx, wu, p, false, "items narrowed")
		return err
	})
	f := &Finder{DB: d, Checker: all(registries.Free)}
	if a, ok := find(t, f, "人才网")["招聘"]; ok {
		t.Errorf("listed: %+v", a)
	}
	a := find(t, f, "人才网.招聘")["招聘"]
	if a.State != NotOffered || a.NoteID != "permits.refused.item_not_permitted" {
		t.Errorf("%+v", a)
	}
	duty.ProveRefusal(t, "M-32", "search for 人才网.招聘 with .招聘 outside the items: "+string(a.State)+", "+a.NoteID)
}

func TestM35_SearchTellsReservedTakenAndProhibitedApart(t *testing.T) {
	world, f := joined(t)
	register(t, world, "taken.com")
	got := map[string]State{}
	for query, ending := range map[string]string{"奥林匹克": "招聘", "赌博": "招聘", "taken": "com", "人才网": "com"} {
		got[query] = find(t, f, query)[ending].State
	}
	if got["奥林匹克"] != Reserved || got["赌博"] != Prohibited || got["taken"] != Taken || got["人才网"] != Available {
		t.Errorf("%v", got)
	}
	post(t, world, "/registry/reserve", `{"name": "北京饭店.招聘", "reason": "reserved by the registry"}`)
	live := find(t, f, "北京饭店")["招聘"]
	if live.State != Reserved || live.NoteID != "searching.reserved_by_registry" {
		t.Errorf("the registry's own list: %+v", live)
	}
	duty.Prove(t, "M-35", fmt.Sprintf("%v; 北京饭店, on the registry's own list: %s", got, live.State))
	duty.ProveRefusal(t, "M-35", fmt.Sprintf("a row for 北京饭店.招聘 offers nothing: %s, %s", live.State, live.NoteID))
}

func TestARegistryThatIsDownIsUnknownWhileOthersAnswer(t *testing.T) {
	world, f := joined(t)
	post(t, world, "/trouble", `{"ending": "招聘", "commands": ["domain:check"], "delay": "30s"}`)
	got := find(t, f, "人才网")
	if got["招聘"].State != Unknown {
		t.Errorf(".招聘 is %s", got["招聘"].State)
	}
	for _, e := range []string{"cn", "中国", "公司", "网络", "网店", "com"} {
		if got[e].State != Available {
			t.Errorf(".%s is %s", e, got[e].State)
		}
	}
}

// joined is a finder that asks the sandbox's registry over EPP and TLS, with a
// session pool for each registry.
func joined(t *testing.T) (*sandbox.World, *Finder) {
	t.Helper()
	world, err := sandbox.Run(context.Background(), sandbox.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { world.Close() })
	var connect struct {
		EPP struct {
			Address    string `json:"address"`
			ServerName string `json:"server_name"`
			CA         string `json:"ca_pem"`
			Registrar  string `json:"registrar"`
			Password   string `json:"password"`
		} `json:"epp"`
	}
	resp, err := http.Get(world.Control + "/connect")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&connect); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(connect.EPP.CA)) {
		t.Fatal("no CA")
	}
	set := registries.NewSet()
	for _, e := range catalogue.Shipped() {
		pool := epp.NewPool(epp.PoolSettings{MaxSessions: 2, Account: epp.Account{Addr: connect.EPP.Address, ClID: connect.EPP.Registrar, Password: connect.EPP.Password,
			TLS: &tls.Config{RootCAs: roots, ServerName: connect.EPP.ServerName}}})
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = pool.Close(ctx)
		})
		set.AddEPP(registries.Registry{Key: e.Registry, Account: e.Registry, Settings: registries.Settings{CheckDeadline: 2 * time.Second}}, pool, connect.EPP.Registrar)
	}
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	return world, &Finder{DB: d, Checker: set}
}

func register(t *testing.T, world *sandbox.World, name string) {
	t.Helper()
	post(t, world, "/rival/register", `{"name": "`+name+`", "years": 1}`)
}

func post(t *testing.T, world *sandbox.World, path, body string) {
	t.Helper()
	resp, err := http.Post(world.Control+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("%s: %s", path, resp.Status)
	}
}
