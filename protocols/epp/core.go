package epp

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Verb is what a command does. Hello is no command in the protocol's sense but reaches a server the same way.
type Verb string

const (
	HelloVerb Verb = "hello"
	LoginVerb Verb = "login"
	Logout    Verb = "logout"
	Poll      Verb = "poll"
	Check     Verb = "check"
	Create    Verb = "create"
	Delete    Verb = "delete"
	Info      Verb = "info"
	Renew     Verb = "renew"
	Transfer  Verb = "transfer"
	Update    Verb = "update"
)

// Transforms says whether the verb changes an object.
func (v Verb) Transforms() bool {
	switch v {
	case Create, Delete, Renew, Transfer, Update:
		return true
	}
	return false
}

// Op is the operation of a transfer.
type Op string

const (
	OpRequest Op = "request"
	OpQuery   Op = "query"
	OpApprove Op = "approve"
	OpReject  Op = "reject"
	OpCancel  Op = "cancel"
)

// Greeting is what a server says first and after each hello (RFC 5730 section 2.4).
type Greeting struct {
	SvID     string   `xml:"svID"`
	SvDate   Time     `xml:"svDate"`
	Versions []string `xml:"svcMenu>version"`
	Langs    []string `xml:"svcMenu>lang"`
	ObjURIs  []string `xml:"svcMenu>objURI"`
	ExtURIs  ExtURIs  `xml:"svcMenu>svcExtension"`
	DCP      *DCP     `xml:"dcp"` // nil writes DefaultDCP
}

// DCP is the data collection policy. Each field lists element names of RFC 5730 section 2.4.
type DCP struct {
	Access     Marks          `xml:"access"`
	Statements []DCPStatement `xml:"statement"`
}

// DCPStatement is one statement of the data collection policy (RFC 5730 section 2.4).
type DCPStatement struct {
	Purpose   Marks `xml:"purpose"`
	Recipient Marks `xml:"recipient"`
	Retention Marks `xml:"retention"`
}

// DefaultDCP: access to all, for provisioning and administration, by the registry and the public, as stated.
func DefaultDCP() *DCP {
	return &DCP{Access: Marks{"all"}, Statements: []DCPStatement{{
		Purpose: Marks{"admin", "prov"}, Recipient: Marks{"ours", "public"}, Retention: Marks{"stated"}}}}
}

// Command is one command. Set Login, Poll or Object; or Verb to Logout. The verb of an Object is its element name.
type Command struct {
	Verb       Verb // filled by UnmarshalCommand; needed for writing only where nothing else tells it
	Login      *Login
	Poll       *PollRequest
	Op         Op    // transfer only
	Object     any   // *DomainCheck, *ContactCreate ...; *Raw when the namespace is unknown
	Extensions []any // *FeeCreate ...; *Raw when unknown
	ClTRID     string
}

// Login opens a session (RFC 5730 section 2.9.1.1). The server sees LoginSecPassword in Pw when the extension carries the real one.
type Login struct {
	ClID    string   `xml:"clID"`
	Pw      string   `xml:"pw"`
	NewPW   string   `xml:"newPW,omitempty"`
	Version string   `xml:"options>version"`
	Lang    string   `xml:"options>lang"`
	ObjURIs []string `xml:"svcs>objURI"`
	ExtURIs ExtURIs  `xml:"svcs>svcExtension"`
}

// PollRequest: Op is "req", or "ack" with the message's id.
type PollRequest struct {
	Op    string `xml:"op,attr"`
	MsgID string `xml:"msgID,attr,omitempty"`
}

// Response is one answer.
type Response struct {
	Results    []Result
	MsgQ       *MsgQ
	Data       []any // *DomainChkData ...; *Raw when unknown
	Extensions []any
	ClTRID     string // empty when the command had none
	SvTRID     string

	// Raw is the XML as it came. It holds personal data and secrets: see Mask.
	Raw []byte
	// Unreadable is set when result and transaction ids are certain but some of the rest could not be read. The command is
	// decided; what it said must be asked again with <info>.
	Unreadable error
}

// Result is one result of a command. A successful response has exactly one.
type Result struct {
	Code      Code
	Msg       Text // the code's own text when empty
	Values    []Value
	ExtValues []ExtValue
}

// Value is a piece of what a result speaks about. The schema wants exactly one element in it; servers also send bare text.
type Value struct {
	Text  string // only read
	Items []any  // typed where known (RFC 9038 puts data of unannounced namespaces here)
}

// Quote makes the value that repeats one element of a command, to say which one a result is about.
func Quote(uri, local, text string) Value {
	name := xml.Name{Space: uri, Local: local}
	return Value{Items: []any{&Raw{name, &node{name: name, kids: []any{text}}}}}
}

// ExtValue is a value with the reason why it was refused.
type ExtValue struct {
	Value  Value
	Reason Text
}

// MsgQ describes the queue of messages; in the answer of a poll also the message at its head.
type MsgQ struct {
	Count uint64 `xml:"count,attr"`
	ID    string `xml:"id,attr"`
	QDate *Time  `xml:"qDate"`
	Msg   *Text  `xml:"msg"`
}

// Code is the first failure, or the first result; 0 when there is none.
func (r *Response) Code() Code { return r.result().Code }

func (r *Response) result() Result {
	for _, x := range r.Results {
		if x.Code.Failed() {
			return x
		}
	}
	if len(r.Results) > 0 {
		return r.Results[0]
	}
	return Result{}
}

// Reason joins what the server gave as reasons; it may quote values of the command.
func (r *Response) Reason() string {
	var parts []string
	for _, x := range r.Results {
		for _, v := range x.ExtValues {
			if v.Reason.Body != "" {
				parts = append(parts, v.Reason.Body)
			}
		}
	}
	return strings.Join(parts, "; ")
}

// Reply makes a response of one result. An empty msg becomes the code's own text.
func Reply(code Code, msg string, data ...any) Response {
	return Response{Results: []Result{{Code: code, Msg: Text{Body: msg}}}, Data: data}
}

// Get finds the first *T in a list of data or extensions; nil when there is none.
//
//	fee := epp.Get[epp.FeeCreData](resp.Extensions)
func Get[T any](list []any) *T {
	for _, x := range list {
		switch x := x.(type) {
		case *T:
			return x
		case T:
			return &x
		}
	}
	return nil
}

// ResultError is a command the server refused, or failed at (see Class).
type ResultError struct {
	Verb   Verb
	Code   Code
	Msg    string
	Reason string
	ClTRID string
	SvTRID string
}

func (e *ResultError) Error() string {
	return fmt.Sprintf("epp: %s answered %d %s (clTRID %s, svTRID %s)", e.Verb, int(e.Code), e.Msg, e.ClTRID, e.SvTRID)
}

// Class says what the answer means.
func (e *ResultError) Class() Class { return ClassOf(e.Verb, e.Code) }
