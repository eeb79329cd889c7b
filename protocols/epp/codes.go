package epp

import "fmt"

// Code is a result code of RFC 5730 section 3.
type Code int

const (
	Done              Code = 1000
	DonePending       Code = 1001 // accepted, an offline step follows
	NoMessages        Code = 1300
	AckToDequeue      Code = 1301
	Bye               Code = 1500
	UnknownCommand    Code = 2000
	BadSyntax         Code = 2001
	UseError          Code = 2002 // most often: not logged in
	MissingParameter  Code = 2003
	OutOfRange        Code = 2004
	ValueSyntax       Code = 2005
	BadVersion        Code = 2100
	NoSuchCommand     Code = 2101
	NoSuchOption      Code = 2102
	NoSuchExtension   Code = 2103
	NoCredit          Code = 2104
	NotRenewable      Code = 2105
	NotTransferable   Code = 2106
	AuthFailed        Code = 2200
	NotAuthorised     Code = 2201
	WrongAuthInfo     Code = 2202
	TransferPending   Code = 2300
	NoTransferPending Code = 2301
	ObjectExists      Code = 2302
	NoSuchObject      Code = 2303
	StatusProhibits   Code = 2304
	LinkProhibits     Code = 2305
	PolicyViolation   Code = 2306
	NoSuchService     Code = 2307
	DataPolicy        Code = 2308
	CommandFailed     Code = 2400
	FailedClosing     Code = 2500
	AuthClosing       Code = 2501
	TooManySessions   Code = 2502
)

var codeTexts = map[Code]string{
	Done: "Command completed successfully", DonePending: "Command completed successfully; action pending",
	NoMessages: "Command completed successfully; no messages", AckToDequeue: "Command completed successfully; ack to dequeue",
	Bye: "Command completed successfully; ending session", UnknownCommand: "Unknown command", BadSyntax: "Command syntax error",
	UseError: "Command use error", MissingParameter: "Required parameter missing", OutOfRange: "Parameter value range error",
	ValueSyntax: "Parameter value syntax error", BadVersion: "Unimplemented protocol version", NoSuchCommand: "Unimplemented command",
	NoSuchOption: "Unimplemented option", NoSuchExtension: "Unimplemented extension", NoCredit: "Billing failure",
	NotRenewable: "Object is not eligible for renewal", NotTransferable: "Object is not eligible for transfer",
	AuthFailed: "Authentication error", NotAuthorised: "Authorization error", WrongAuthInfo: "Invalid authorization information",
	TransferPending: "Object pending transfer", NoTransferPending: "Object not pending transfer", ObjectExists: "Object exists",
	NoSuchObject: "Object does not exist", StatusProhibits: "Object status prohibits operation",
	LinkProhibits: "Object association prohibits operation", PolicyViolation: "Parameter value policy error",
	NoSuchService: "Unimplemented object service", DataPolicy: "Data management policy violation", CommandFailed: "Command failed",
	FailedClosing: "Command failed; server closing connection", AuthClosing: "Authentication error; server closing connection",
	TooManySessions: "Session limit exceeded; server closing connection",
}

// Text is the English text RFC 5730 gives for the code.
func (c Code) Text() string {
	if t, ok := codeTexts[c]; ok {
		return t
	}
	return fmt.Sprintf("result %d", int(c))
}

// Failed says that the command was not carried out, or not for certain.
func (c Code) Failed() bool { return c >= 2000 }

// Closes says that the server ends the connection after this answer (RFC 5730 section 3).
func (c Code) Closes() bool { return c == Bye || c >= 2500 && c < 2600 }

// Class says what an answer means to whoever sent the command.
type Class int

const (
	// Unknown: it may or may not have happened. Ask <info> on a new connection before anything else.
	Unknown Class = iota
	// Completed: it happened.
	Completed
	// Pending: accepted; a poll message or <info> tells the end.
	Pending
	// Refused: it did not happen and will not by repeating it.
	Refused
	// Ask: refused, but the reason may be an earlier attempt of our own (exists, already renewed, already pending). Ask first.
	Ask
	// Fault: refused because of our command, our settings or a changed price. Refuse and alarm.
	Fault
	// Relogin: the session is not logged in. Repeat once on a new session with a new clTRID.
	Relogin
	// NoFunds: our account at the registry is empty. Stop this registry's queue, do not refuse the order.
	NoFunds
	// Suspended: the registry does not know us. No fast retry, accounts get locked.
	Suspended
	// Wait: too many sessions. Nothing wrong with the order, try later.
	Wait
	// Unsent: nothing reached the registry; trying again is safe.
	Unsent
)

var classNames = [...]string{"unknown", "completed", "pending", "refused", "ask", "fault", "relogin", "no funds", "suspended", "wait", "unsent"}

func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("class %d", int(c))
	}
	return classNames[c]
}

// ClassOf gives the class of an answer. Independent servers use different codes for one case (a repeated renew is 2306, 2004
// or 2105), so it depends on the command; a code RFC 5730 does not list is Unknown.
func ClassOf(verb Verb, code Code) Class {
	switch code {
	case Done, NoMessages, AckToDequeue, Bye:
		return Completed
	case DonePending:
		return Pending
	case UseError:
		return Relogin
	case NoCredit:
		return NoFunds
	case AuthFailed, AuthClosing:
		return Suspended
	case TooManySessions:
		return Wait
	case CommandFailed, FailedClosing:
		return Unknown
	case NotRenewable, PolicyViolation, OutOfRange:
		if verb == Renew {
			return Ask
		}
		if code == OutOfRange {
			return Fault
		}
		return Refused
	case UnknownCommand, BadSyntax, MissingParameter, ValueSyntax, BadVersion, NoSuchCommand, NoSuchOption, NoSuchExtension:
		return Fault
	case ObjectExists:
		if verb == Create {
			return Ask
		}
		return Refused
	case TransferPending, NoTransferPending:
		if verb == Transfer {
			return Ask
		}
		return Refused
	case NoSuchObject:
		switch verb {
		case Poll:
			return Completed // ack of a message that is already gone
		case Transfer, Renew, Delete, Update:
			return Ask
		}
		return Refused
	case NotAuthorised:
		switch verb {
		case Transfer, Renew, Delete, Update:
			return Ask
		}
		return Refused
	case NotTransferable, WrongAuthInfo, StatusProhibits, LinkProhibits, NoSuchService, DataPolicy:
		return Refused
	}
	return Unknown
}
