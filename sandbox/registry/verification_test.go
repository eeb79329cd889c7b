package registry_test

import (
	"net/http"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox/answer"
)

func TestCNNICLooksAtAContactBeforeItSellsAName(t *testing.T) {
	w := open(t)
	s := w.reg.Settings()
	s.ContactReview = "2h"
	w.must(w.reg.Set(t.Context(), s))
	y := w.login("yumen")
	y.do(epp.DonePending, person("WANG-1"), papers())
	if c := epp.Get[epp.ContactInfData](y.do(epp.Done, &epp.ContactInfo{ID: "WANG-1"}).Data); !c.Has("pendingCreate") {
		t.Errorf("its statuses are %v", c.Statuses)
	}
	y.do(epp.PolicyViolation, order("example.cn", "WANG-1"))
	w.turn(1)
	m := y.next()
	if pan := epp.Get[epp.ContactPanData](m.Data); pan == nil || !pan.ID.OK || pan.ID.Value != "WANG-1" || m.MsgQ.Msg.Body != "Contact approved" {
		t.Fatalf("the message is %+v", m)
	}
	y.do(epp.Done, order("example.cn", "WANG-1"))
	if raw := w.get("/state/contacts/WANG-1"); raw["approved"] != true || raw["document_type"] != "SFZ" {
		t.Errorf("control sees %v", raw)
	}

	// By hand, and refused.
	s.ContactReview = "by_hand"
	w.must(w.reg.Set(t.Context(), s))
	y.do(epp.DonePending, person("WANG-2"), papers())
	w.turn(30)
	if texts := y.drain(); len(texts) != 0 {
		t.Errorf("by hand it said %v", texts)
	}
	w.post(http.StatusOK, "/registry/contacts/WANG-2/reject", `{"reason":"photo unreadable"}`)
	if texts := y.drain(); len(texts) != 1 || texts[0] != "Contact refused: photo unreadable" {
		t.Errorf("it said %v", texts)
	}
	if resp := y.do(epp.PolicyViolation, order("example-2.cn", "WANG-2")); resp.Reason() != "the registrant was refused: photo unreadable" {
		t.Errorf("the reason is %q", resp.Reason())
	}
	// New papers are looked at anew.
	y.do(epp.DonePending, &epp.ContactUpdate{ID: "WANG-2"}, &epp.CNNICContactUpdate{Chg: &epp.CNNICContact{Document: &epp.CNNICDocument{Type: "HZ", Number: "E12345678"}}})
	w.post(http.StatusOK, "/registry/contacts/WANG-2/approve", "")
	y.do(epp.Done, order("example-2.cn", "WANG-2"))
}

func TestANameOf公司IsHeldUntilTheRegistryIsContent(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"))
	const n = "xn--cl1a.xn--55qx5d" // 茶.公司
	y.do(epp.Done, order(n, "WANG-1"))
	wantStatuses(t, y.info(n).Statuses, "serverHold", "inactive")
	s := w.reg.Settings()
	s.Endings["xn--55qx5d"].AutoApprove = answer.Duration(time.Hour)
	w.must(w.reg.Set(t.Context(), s))
	w.turn(1)
	wantStatuses(t, y.info(n).Statuses, "inactive")
	m := y.next()
	if c := epp.Get[epp.ChangeData](m.Extensions); c == nil || c.Operation.Value != "update" || c.Who != "registry" {
		t.Errorf("the message carries %+v", c)
	}
	w.post(http.StatusOK, "/registry/茶.公司/hold", `{"reason":"court order 17"}`)
	if v := w.get("/state/domains/茶.公司"); v["reasons"].(map[string]any)["serverHold"] != "court order 17" {
		t.Errorf("control sees %v", v)
	}
	w.post(http.StatusOK, "/registry/茶.公司/release", "")
	w.post(http.StatusOK, "/registry/茶.公司/lock", `{"reason":"dispute"}`)
	y.do(epp.StatusProhibits, &epp.DomainDelete{Name: n})
	w.post(http.StatusOK, "/registry/茶.公司/unlock", "")
	w.post(http.StatusOK, "/registry/茶.公司/delete", `{"reason":"forbidden"}`)
	y.do(epp.NoSuchObject, &epp.DomainInfo{Name: epp.DomainInfoName{Value: n}})
	if got := len(y.drain()); got != 5 {
		t.Errorf("%d messages told of five acts", got)
	}
}

func TestTheRivalWorksByTheRulesOfAll(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	v := w.post(http.StatusOK, "/rival/register", `{"name":"北京.招聘","age":"2400h","auth_info":"aB3$efgh-12345678901"}`)
	if v["clID"] != "rival" || v["state"] != "registered" {
		t.Errorf("the rival has %v", v)
	}
	ask := &epp.DomainTransfer{Name: beijing, AuthInfo: &epp.AuthInfo{Pw: "aB3$efgh-12345678901"}}
	w.post(http.StatusUnprocessableEntity, "/rival/approve", `{"name":"北京.招聘"}`)
	y.transfer(epp.DonePending, epp.OpRequest, ask)
	w.post(http.StatusOK, "/rival/reject", `{"name":"北京.招聘"}`)
	y.transfer(epp.DonePending, epp.OpRequest, ask)
	w.post(http.StatusOK, "/rival/approve", `{"name":"北京.招聘"}`)
	if d := y.info(beijing); d.ClID != "yumen" {
		t.Errorf("it is %s's", d.ClID)
	}
	if got := y.drain(); len(got) != 2 {
		t.Errorf("the portal's registrar is told %v", got)
	}
	w.post(http.StatusUnprocessableEntity, "/rival/register", `{"name":"北京.招聘"}`)

	c := order("tea-house.com", "")
	c.AuthInfo.Pw = "aB3$efgh-12345678901"
	y.do(epp.Done, c)
	w.post(http.StatusUnprocessableEntity, "/rival/transfer-in", `{"name":"tea-house.com"}`)
	w.turn(61)
	w.post(http.StatusOK, "/rival/transfer-in", `{"name":"tea-house.com"}`)
	y.transfer(epp.Done, epp.OpApprove, &epp.DomainTransfer{Name: "tea-house.com"})
	y.do(epp.NotAuthorised, &epp.DomainUpdate{Name: "tea-house.com"})
	w.post(http.StatusNotFound, "/rival/dance", `{"name":"tea-house.com"}`)
}
