package registry

import (
	"errors"
	"strconv"

	"yumen/protocols/epp"
)

// poll answers the head of the queue, or takes a message out of it (RFC 5730
// section 2.9.2.3).
func (w *work) poll(p *epp.PollRequest) (epp.Response, error) {
	switch p.Op {
	case "req":
	case "ack":
		id, err := strconv.ParseInt(p.MsgID, 10, 64)
		if err != nil {
			return epp.Response{}, refuse(epp.NoSuchObject, "no such message")
		}
		gone, err := ack(w.tx, w.who, id, w.now)
		if err != nil {
			return epp.Response{}, err
		}
		if !gone {
			return epp.Response{}, refuse(epp.NoSuchObject, "no such message")
		}
		resp := epp.Reply(epp.Done, "")
		_, waiting, err := firstMessage(w.tx, w.who)
		if err != nil && !errors.Is(err, errNone) {
			return resp, err
		}
		resp.MsgQ = &epp.MsgQ{Count: waiting, ID: p.MsgID}
		return resp, nil
	default:
		return epp.Response{}, refuse(epp.BadSyntax, "op is req or ack")
	}
	m, waiting, err := firstMessage(w.tx, w.who)
	if errors.Is(err, errNone) {
		return epp.Reply(epp.NoMessages, ""), nil
	}
	if err != nil {
		return epp.Response{}, err
	}
	resp := epp.Reply(epp.AckToDequeue, "")
	resp.MsgQ = &epp.MsgQ{Count: waiting, ID: strconv.FormatInt(m.ID, 10), QDate: wireTime(m.QueuedAt), Msg: &epp.Text{Body: m.Text}}
	switch {
	case m.Pan != nil:
		resp.Data = []any{m.Pan}
	case m.ContactPan != nil:
		resp.Data = []any{m.ContactPan}
	case m.Trn != nil:
		resp.Data = []any{m.Trn}
	case m.Inf != nil:
		resp.Data = []any{m.Inf}
	}
	if m.Change != nil {
		resp.Extensions = append(resp.Extensions, m.Change)
	}
	if m.RGP != nil {
		resp.Extensions = append(resp.Extensions, m.RGP)
	}
	return resp, nil
}
