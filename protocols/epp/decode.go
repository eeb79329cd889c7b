package epp

import (
	"errors"
	"fmt"
	"strconv"
)

// CommandError is a command that is valid XML but not valid EPP. A server answers with Code and goes on.
type CommandError struct {
	Code Code
	Err  error
}

func (e *CommandError) Error() string { return fmt.Sprintf("%v (%d)", e.Err, int(e.Code)) }
func (e *CommandError) Unwrap() error { return e.Err }

func frameBody(b []byte) (*node, error) {
	root, err := parse(b)
	if err != nil {
		return nil, err
	}
	kids := root.children()
	if root.name.Space != NSCore || root.name.Local != "epp" || len(kids) != 1 || kids[0].name.Space != NSCore {
		return nil, &CommandError{BadSyntax, errors.New("epp: not an epp element with one child")}
	}
	return kids[0], nil
}

// UnmarshalGreeting reads a greeting.
func UnmarshalGreeting(b []byte) (Greeting, error) {
	var g Greeting
	n, err := frameBody(b)
	if err != nil {
		return g, err
	}
	if n.name.Local != "greeting" {
		return g, unexpected(n)
	}
	err = n.decode(standard, &g)
	return g, err
}

// UnmarshalCommand reads a command or hello with the package's own types.
func UnmarshalCommand(b []byte) (Command, error) { return standard.UnmarshalCommand(b) }

// UnmarshalCommand reads a command or hello. The error is a *FrameError when the connection must end, else a *CommandError; then
// the Command still has the ClTRID, so that the answer can carry it.
func (c *Codec) UnmarshalCommand(b []byte) (Command, error) {
	n, err := frameBody(b)
	if err != nil {
		return Command{}, err
	}
	switch n.name.Local {
	case "hello":
		return Command{Verb: HelloVerb}, nil
	case "command":
	case "extension":
		return Command{}, &CommandError{UnknownCommand, errors.New("epp: protocol extensions are not spoken here")}
	default:
		return Command{}, &CommandError{BadSyntax, unexpected(n)}
	}
	cmd := Command{ClTRID: n.child(NSCore, "clTRID").text()}
	if l := len(cmd.ClTRID); l != 0 && (l < 3 || l > 64) {
		cmd.ClTRID = "" // cannot be echoed in a valid answer
		return cmd, &CommandError{ValueSyntax, errors.New("epp: clTRID has not 3 to 64 characters")}
	}
	if ext := n.child(NSCore, "extension"); ext != nil {
		if cmd.Extensions, err = c.all(ext.children()); err != nil {
			return cmd, &CommandError{codeFor(err), err}
		}
	}
	for _, k := range n.children() {
		if k.name.Space != NSCore || k.name.Local == "extension" || k.name.Local == "clTRID" {
			continue
		}
		if cmd.Verb != "" {
			return cmd, &CommandError{BadSyntax, errors.New("epp: two commands in one")}
		}
		cmd.Verb = Verb(k.name.Local)
		if err := c.act(&cmd, k); err != nil {
			return cmd, err
		}
	}
	if cmd.Verb == "" {
		return cmd, &CommandError{BadSyntax, errors.New("epp: empty command")}
	}
	return cmd, nil
}

// act reads the element that says what to do.
func (c *Codec) act(cmd *Command, n *node) error {
	var err error
	switch cmd.Verb {
	case LoginVerb:
		cmd.Login = &Login{}
		err = n.decode(c, cmd.Login)
	case Poll:
		cmd.Poll = &PollRequest{}
		err = n.decode(c, cmd.Poll)
	case Logout:
	case Check, Create, Delete, Info, Renew, Transfer, Update:
		kids := n.children()
		if len(kids) != 1 || kids[0].name.Space == NSCore || kids[0].name.Local != n.name.Local {
			return &CommandError{BadSyntax, fmt.Errorf("epp: %s needs one object of its kind", n.name.Local)}
		}
		if cmd.Verb == Transfer {
			cmd.Op = Op(n.attribute("op"))
			switch cmd.Op {
			case OpRequest, OpQuery, OpApprove, OpReject, OpCancel:
			default:
				return &CommandError{BadSyntax, errors.New("epp: unknown transfer operation")}
			}
		}
		cmd.Object, err = c.any(kids[0])
	default:
		return &CommandError{UnknownCommand, unexpected(n)}
	}
	if err != nil {
		return &CommandError{codeFor(err), err}
	}
	return nil
}

// UnmarshalResponse reads an answer with the package's own types.
func UnmarshalResponse(b []byte) (Response, error) { return standard.UnmarshalResponse(b) }

// UnmarshalResponse reads an answer. An error means that nothing of it can be believed. When the answer is not valid XML, or
// its data cannot be read, but result and transaction ids are certain, the error is nil and Response.Unreadable says so.
func (c *Codec) UnmarshalResponse(b []byte) (Response, error) {
	n, err := frameBody(b)
	var bad *FrameError
	if errors.As(err, &bad) {
		if r, ok := lenient(b); ok {
			r.Raw, r.Unreadable = b, err
			return r, nil
		}
	}
	if err != nil {
		return Response{}, err
	}
	if n.name.Local != "response" {
		return Response{}, unexpected(n)
	}
	r := Response{Raw: b}
	note := func(err error) {
		if err != nil && r.Unreadable == nil {
			r.Unreadable = err
		}
	}
	for _, k := range n.children() {
		if k.name.Space != NSCore {
			continue
		}
		switch k.name.Local {
		case "result":
			x, err := c.result(k)
			if err != nil {
				return Response{}, err
			}
			r.Results = append(r.Results, x)
		case "msgQ":
			r.MsgQ = &MsgQ{}
			note(k.decode(c, r.MsgQ))
		case "resData":
			r.Data, err = c.all(k.children())
			note(err)
		case "extension":
			r.Extensions, err = c.all(k.children())
			note(err)
		case "trID":
			r.ClTRID, r.SvTRID = k.child(NSCore, "clTRID").text(), k.child(NSCore, "svTRID").text()
		}
	}
	if len(r.Results) == 0 {
		return Response{}, errors.New("epp: response without a result")
	}
	return r, nil
}

func (c *Codec) result(n *node) (Result, error) {
	code, err := strconv.Atoi(n.attribute("code"))
	if err != nil || code < 1000 || code > 2999 {
		return Result{}, errors.New("epp: result without a code")
	}
	r := Result{Code: Code(code)}
	for _, k := range n.children() {
		if k.name.Space != NSCore {
			continue
		}
		switch k.name.Local {
		case "msg":
			_ = k.decode(c, &r.Msg) // only words
		case "value":
			r.Values = append(r.Values, c.value(k))
		case "extValue":
			var x ExtValue
			if v := k.child(NSCore, "value"); v != nil {
				x.Value = c.value(v)
			}
			if v := k.child(NSCore, "reason"); v != nil {
				_ = v.decode(c, &x.Reason)
			}
			r.ExtValues = append(r.ExtValues, x)
		}
	}
	return r, nil
}

// value never fails: what a result quotes may be the very thing that could not be read.
func (c *Codec) value(n *node) Value {
	items, _ := c.all(n.children())
	return Value{Text: n.text(), Items: items}
}
