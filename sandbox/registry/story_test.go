package registry_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/registry"
)

const (
	beijing = "xn--1lq90i.xn--otu796d" // 北京.招聘
)

func TestAnApplicationFor招聘IsAnsweredPendingAndEndsByPoll(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"))
	y.do(epp.DonePending, order(beijing, "WANG-1"))
	d := y.info(beijing)
	wantStatuses(t, d.Statuses, "pendingCreate")
	if d.ExDate != nil {
		t.Error("an application has an expiry date")
	}
	y.do(epp.StatusProhibits, &epp.DomainDelete{Name: beijing})
	y.do(epp.StatusProhibits, &epp.DomainUpdate{Name: beijing, Add: &epp.DomainAddRem{Statuses: []epp.Status{{S: "clientHold"}}}})

	w.post(http.StatusOK, "/registry/北京.招聘/ask", `{"reason":"licence unreadable","items":["a better scan"]}`)
	m := y.next()
	if c := epp.Get[epp.ChangeData](m.Extensions); c == nil || c.Operation.Op != "materials" {
		t.Errorf("the wish for papers carries %+v", c)
	}
	if !strings.Contains(m.MsgQ.Msg.Body, "a better scan") {
		t.Errorf("the message does not name the papers: %s", m.MsgQ.Msg.Body)
	}

	w.post(http.StatusOK, "/registry/北京.招聘/approve", "")
	pan := epp.Get[epp.DomainPanData](y.next().Data)
	if pan == nil || !pan.Name.OK || pan.Name.Value != beijing || pan.PaTRID.ClTRID == "" {
		t.Fatalf("panData is %+v", pan)
	}
	d = y.info(beijing)
	wantStatuses(t, d.Statuses, "inactive")
	if d.ExDate == nil || !d.ExDate.Equal(d.CrDate.AddDate(1, 0, 0)) {
		t.Errorf("registered %v until %v, want a year", d.CrDate, d.ExDate)
	}
	w.post(http.StatusConflict, "/registry/"+beijing+"/approve", "")
}

func TestARejectedApplicationIsGoneAndItsPriceComesBack(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"))
	y.do(epp.DonePending, order(beijing, "WANG-1"))
	before := w.balance("yumen")
	w.post(http.StatusOK, "/registry/"+beijing+"/reject", `{"reason":"name misleads"}`)
	m := y.next()
	if pan := epp.Get[epp.DomainPanData](m.Data); pan == nil || pan.Name.OK {
		t.Errorf("panData is %+v", pan)
	}
	if m.MsgQ.Msg.Body != "Registration refused: name misleads" {
		t.Errorf("the message says %q", m.MsgQ.Msg.Body)
	}
	if got := w.balance("yumen") - before; got != 4500 {
		t.Errorf("%d came back, want 4500", got)
	}
	y.do(epp.NoSuchObject, &epp.DomainInfo{Name: epp.DomainInfoName{Value: beijing}})
	if more := y.drain(); len(more) > 0 {
		t.Errorf("more than one message: %v", more)
	}
}

func (w *world) balance(id string) int64 {
	w.Helper()
	list, err := w.reg.Registrars(w.Context())
	w.must(err)
	i := slices.IndexFunc(list, func(r *registry.Registrar) bool { return r.ID == id })
	return list[i].Balance
}

func TestTheClocksOf招聘(t *testing.T) {
	for _, c := range []struct {
		name   string
		with   bool // papers come with the application
		days   []int
		text   string
		closed bool
	}{
		{"without papers it stands on the fourth day", false, []int{4}, "", false},
		{"and falls on the fifth", false, []int{5}, "Registration refused: no materials within 5 days", true},
		{"with papers it stands on the ninth day", true, []int{9}, "", false},
		{"and falls on the tenth", true, []int{10}, "Registration refused: no decision within 10 days", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			if !c.with {
				s := w.reg.Settings()
				for _, e := range s.Endings {
					e.Materials = false
				}
				w.must(w.reg.Set(t.Context(), s))
			}
			y := w.login("yumen")
			y.do(epp.Done, person("WANG-1"))
			y.do(epp.DonePending, order(beijing, "WANG-1"))
			for _, n := range c.days {
				w.turn(n)
			}
			if got := strings.Join(y.drain(), "|"); got != c.text {
				t.Errorf("messages are %q, want %q", got, c.text)
			}
			avail := func() bool {
				return bool(epp.Get[epp.DomainChkData](y.do(epp.Done, &epp.DomainCheck{Names: []string{beijing}}).Data).CD[0].Name.Avail)
			}
			if got, want := avail(), c.text != "" && !c.closed; got != want {
				t.Errorf("available is %v, want %v", got, want)
			}
			if c.closed {
				w.turn(1)
				if !avail() {
					t.Error("still closed after 24 hours")
				}
			}
		})
	}
}

func TestANameLivesAndDiesByTheClock(t *testing.T) {
	for _, c := range []struct {
		name                           string
		contact                        bool
		grace, redemption, pendingDays int
	}{
		{"tea-house.com", false, 45, 30, 5},
		{"example.cn", true, 30, 15, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			y := w.login("yumen")
			id := ""
			if c.contact {
				id = "WANG-1"
				y.do(epp.Done, person(id), papers())
			}
			y.do(epp.Done, order(c.name, id))
			wantRGP := func(want ...string) {
				t.Helper()
				resp := y.do(epp.Done, &epp.DomainInfo{Name: epp.DomainInfoName{Value: c.name}})
				var got []epp.Status
				if x := epp.Get[epp.RGPInfData](resp.Extensions); x != nil {
					got = x.Statuses
				}
				wantStatuses(t, got, want...)
			}
			wantRGP("addPeriod")
			w.turn(5)
			wantRGP()
			ends := y.info(c.name).ExDate.Time
			w.turn(361)
			wantRGP("autoRenewPeriod")
			if got := y.info(c.name).ExDate.Time; !got.Equal(ends.AddDate(1, 0, 0)) {
				t.Errorf("renewed until %v, want %v", got, ends.AddDate(1, 0, 0))
			}
			w.turn(c.grace - 2)
			wantRGP("autoRenewPeriod")
			before := w.balance("yumen")
			y.do(epp.DonePending, &epp.DomainDelete{Name: c.name})
			if w.balance("yumen") <= before {
				t.Error("the price of the automatic renewal did not come back")
			}
			wantRGP("redemptionPeriod")
			wantStatuses(t, y.info(c.name).Statuses, "pendingDelete", "inactive")
			w.turn(c.redemption - 1)
			wantRGP("redemptionPeriod")
			w.turn(1)
			if c.pendingDays > 0 {
				wantRGP("pendingDelete")
				y.do(epp.StatusProhibits, &epp.DomainUpdate{Name: c.name}, &epp.RGPUpdate{Restore: epp.RGPRestore{Op: "request"}})
				w.turn(c.pendingDays)
			}
			y.do(epp.NoSuchObject, &epp.DomainInfo{Name: epp.DomainInfoName{Value: c.name}})
			y.do(epp.Done, order(c.name, id))
		})
	}
}

func TestADeletedNameComesBackWithARestoreReport(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, order("tea-house.com", ""))
	w.turn(6)
	y.do(epp.DonePending, &epp.DomainDelete{Name: "tea-house.com"})
	w.turn(10)
	request := &epp.DomainUpdate{Name: "tea-house.com", Chg: &epp.DomainChange{}}
	up := epp.Get[epp.RGPUpData](y.do(epp.Done, request, &epp.RGPUpdate{Restore: epp.RGPRestore{Op: "request"}}).Extensions)
	if up == nil || !up.Has("pendingRestore") {
		t.Fatalf("the answer carries %+v", up)
	}
	// Without a report it falls back after seven days.
	w.turn(7)
	y.drain()
	y.do(epp.Done, request, &epp.RGPUpdate{Restore: epp.RGPRestore{Op: "request"}})
	now := epp.At(w.clock.Now())
	y.do(epp.Done, request, &epp.RGPUpdate{Restore: epp.RGPRestore{Op: "report", Report: &epp.RGPReport{
		PreData: epp.Text{Body: "before"}, PostData: epp.Text{Body: "after"}, DelTime: now, ResTime: now, ResReason: epp.Text{Body: "holder's wish"},
		Statements: []epp.Text{{Body: "not to take it ourselves"}, {Body: "all true"}}}}})
	wantStatuses(t, y.info("tea-house.com").Statuses, "inactive")
}

func TestTheYearsOfALeapDay(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	_, _, err := w.clock.Turn(t.Context(), func(time.Time) time.Time { return time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC) }, w.reg.Settle)
	w.must(err)
	y.do(epp.Done, order("leap.com", ""))
	for i, want := range []string{"2029-02-28", "2030-02-28", "2031-02-28"} {
		d := y.info("leap.com")
		if got := string(epp.DateOf(d.ExDate.Time)); got != want {
			t.Errorf("after %d renewals it ends on %s, want %s", i, got, want)
		}
		y.do(epp.Done, &epp.DomainRenew{Name: "leap.com", CurExpDate: epp.DateOf(d.ExDate.Time), Period: epp.Years(1)})
	}
}

func TestATransferIsAskedAnsweredAndTold(t *testing.T) {
	w := open(t)
	y, rival := w.login("yumen"), w.login("rival")
	const n, pw = "tea-house.com", "aB3$efgh-12345678901"
	c := order(n, "")
	c.AuthInfo.Pw = pw
	y.do(epp.Done, c)
	ask := &epp.DomainTransfer{Name: n, AuthInfo: &epp.AuthInfo{Pw: pw}}
	rival.transfer(epp.NotTransferable, epp.OpRequest, ask)
	w.turn(60)
	rival.transfer(epp.WrongAuthInfo, epp.OpRequest, &epp.DomainTransfer{Name: n, AuthInfo: &epp.AuthInfo{Pw: "wrong"}})
	rival.transfer(epp.DonePending, epp.OpRequest, ask)
	rival.transfer(epp.TransferPending, epp.OpRequest, ask)
	rival.transfer(epp.NotAuthorised, epp.OpApprove, ask)
	wantStatuses(t, y.info(n).Statuses, "pendingTransfer", "inactive")
	if m := y.next(); m.MsgQ.Msg.Body != "Transfer requested" || epp.Get[epp.DomainTrnData](m.Data).ReID != "rival" {
		t.Errorf("the old registrar is told %+v", m.MsgQ)
	}
	y.transfer(epp.Done, epp.OpReject, ask)
	if m := rival.next(); epp.Get[epp.DomainTrnData](m.Data).TrStatus != "clientRejected" {
		t.Error("the new registrar is not told of the rejection")
	}
	rival.transfer(epp.DonePending, epp.OpRequest, ask)
	rival.transfer(epp.Done, epp.OpCancel, ask)
	rival.transfer(epp.DonePending, epp.OpRequest, ask)
	ends := y.info(n).ExDate.Time
	w.turn(5)
	d := rival.info(n)
	if d.ClID != "rival" || !d.ExDate.Equal(ends.AddDate(1, 0, 0)) {
		t.Errorf("it is %s's until %v", d.ClID, d.ExDate)
	}
	if got := rival.drain(); !slices.Equal(got, []string{"Transfer approved by the registry"}) {
		t.Errorf("the new registrar is told %v", got)
	}
	if w.get("/state/domains/" + n)["authInfo"] != "" {
		t.Error("the old authorisation still stands")
	}
	y.do(epp.NotAuthorised, &epp.DomainDelete{Name: n})
}

func TestARestartWithOtherRulesDecidesByTheNewOnes(t *testing.T) {
	w := open(t)
	w.auto = time.Hour
	w.restart()
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"))
	y.do(epp.DonePending, order(beijing, "WANG-1"))
	w.auto = 0
	w.restart()
	w.turn(1)
	wantStatuses(t, w.login("yumen").info(beijing).Statuses, "pendingCreate")
	w.auto = time.Hour
	w.restart()
	wantStatuses(t, w.login("yumen").info(beijing).Statuses, "inactive")
}
