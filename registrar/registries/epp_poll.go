package registries

import (
	"context"
	"errors"
	"strings"

	"yumen/protocols/epp"
)

func (m *eppMailroom) Next(ctx context.Context) (*Mail, error) {
	r, err := m.pool.Do(ctx, epp.KindQuery, epp.Command{Poll: &epp.PollRequest{Op: "req"}})
	if err != nil {
		return nil, err
	}
	if r.Code() == epp.NoMessages || r.MsgQ == nil {
		return nil, nil
	}
	mail := read(r)
	mail.Digest.Words = reason(mail.Digest.Words, m.prefaces)
	return &mail, nil
}

func (m *eppMailroom) Take(ctx context.Context, id string) error {
	_, err := m.pool.Do(ctx, epp.KindQuery, epp.Command{Poll: &epp.PollRequest{Op: "ack", MsgID: id}})
	var refused *epp.ResultError
	if errors.As(err, &refused) && !isUnsent(err) && refused.Code == epp.NoSuchObject {
		return nil // it went with an earlier ack whose answer was lost
	}
	return err
}

// reason is what a registry wrote without what it writes before each reason.
func reason(words string, prefaces []string) string {
	for _, p := range prefaces {
		if rest, ok := strings.CutPrefix(words, p); ok {
			return strings.TrimSpace(rest)
		}
		if words == strings.TrimSpace(p) { // it gave none
			return ""
		}
	}
	return words
}

// read sorts a poll answer. What cannot be sorted is UnknownKind and keeps its
// raw text.
func read(r epp.Response) Mail {
	mail := Mail{ID: r.MsgQ.ID, Kind: UnknownKind, Raw: r.Raw}
	if r.MsgQ.QDate != nil {
		mail.QueuedAt = r.MsgQ.QDate.Time
	}
	if r.MsgQ.Msg != nil {
		mail.Digest.Words = clip(r.MsgQ.Msg.Body)
	}
	if r.Unreadable != nil {
		return mail
	}
	if pan := epp.Get[epp.DomainPanData](r.Data); pan != nil {
		mail.Kind, mail.Object = DomainResult, strings.ToLower(pan.Name.Value)
		mail.Digest.OK, mail.Digest.ClTRID, mail.Digest.SvTRID = bool(pan.Name.OK), pan.PaTRID.ClTRID, pan.PaTRID.SvTRID
		mail.Digest.Date = pan.PaDate.Time
		return mail
	}
	if pan := epp.Get[epp.ContactPanData](r.Data); pan != nil {
		mail.Kind, mail.Object = ContactResult, pan.ID.Value
		mail.Digest.OK, mail.Digest.ClTRID, mail.Digest.SvTRID = bool(pan.ID.OK), pan.PaTRID.ClTRID, pan.PaTRID.SvTRID
		mail.Digest.Date = pan.PaDate.Time
		return mail
	}
	if trn := epp.Get[epp.DomainTrnData](r.Data); trn != nil {
		mail.Kind, mail.Object = TransferNews, strings.ToLower(trn.Name)
		mail.Digest.Op, mail.Digest.Who, mail.Digest.Date = trn.TrStatus, trn.ReID, trn.ReDate.Time
		return mail
	}
	inf := epp.Get[epp.DomainInfData](r.Data)
	change := epp.Get[epp.ChangeData](r.Extensions)
	if inf != nil {
		mail.Kind, mail.Object = DomainChanged, strings.ToLower(inf.Name)
		// What a registry says of an application it has not decided is a request.
		if inf.Has("pendingCreate") && (change == nil || change.Operation.Value == "custom") {
			mail.Kind = Materials
		}
	}
	if change != nil {
		mail.Digest.Op, mail.Digest.Who, mail.Digest.Date = change.Operation.Value, change.Who, change.Date.Time
		if change.Operation.Op != "" {
			mail.Digest.Op = change.Operation.Op
		}
		if change.Reason != nil && mail.Digest.Words == "" {
			mail.Digest.Words = clip(change.Reason.Body)
		}
	}
	if inf == nil && len(r.Data) == 0 && len(r.Extensions) == 0 && mail.Digest.Words != "" {
		mail.Kind = Notice
	}
	return mail
}
