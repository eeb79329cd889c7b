package registry

import (
	"slices"
	"strings"

	"yumen/protocols/epp"
)

// subject names a command ("domain:create") and the endings it is about.
func subject(cmd *epp.Command) (what string, endings []string) {
	of := func(kind string, names ...string) (string, []string) {
		for _, n := range names {
			_, e, _ := strings.Cut(strings.ToLower(n), ".")
			if kind == "domain" && !slices.Contains(endings, e) {
				endings = append(endings, e)
			}
		}
		return kind + ":" + string(cmd.Verb), endings
	}
	switch x := cmd.Object.(type) {
	case *epp.DomainCheck:
		return of("domain", x.Names...)
	case *epp.DomainCreate:
		return of("domain", x.Name)
	case *epp.DomainInfo:
		return of("domain", x.Name.Value)
	case *epp.DomainUpdate:
		return of("domain", x.Name)
	case *epp.DomainRenew:
		return of("domain", x.Name)
	case *epp.DomainTransfer:
		return of("domain", x.Name)
	case *epp.DomainDelete:
		return of("domain", x.Name)
	case *epp.ContactCheck, *epp.ContactCreate, *epp.ContactInfo, *epp.ContactUpdate, *epp.ContactDelete, *epp.ContactTransfer:
		return of("contact")
	case *epp.HostCheck, *epp.HostCreate, *epp.HostInfo, *epp.HostUpdate, *epp.HostDelete:
		return of("host")
	}
	if cmd.Poll != nil {
		return "poll:" + cmd.Poll.Op, nil
	}
	return string(cmd.Verb), nil
}

// execute carries out the command of a registrar that is logged in.
func (w *work) execute() (epp.Response, error) {
	if w.cmd.Poll != nil {
		return w.poll(w.cmd.Poll)
	}
	switch x := w.cmd.Object.(type) {
	case *epp.DomainCheck:
		return w.domainCheck(x)
	case *epp.DomainCreate:
		return w.domainCreate(x)
	case *epp.DomainInfo:
		return w.domainInfo(x)
	case *epp.DomainUpdate:
		return w.domainUpdate(x)
	case *epp.DomainRenew:
		return w.domainRenew(x)
	case *epp.DomainTransfer:
		return w.domainTransfer(x, w.cmd.Op)
	case *epp.DomainDelete:
		return w.domainDelete(x)
	case *epp.ContactCheck:
		return w.contactCheck(x)
	case *epp.ContactCreate:
		return w.contactCreate(x)
	case *epp.ContactInfo:
		return w.contactInfo(x)
	case *epp.ContactUpdate:
		return w.contactUpdate(x)
	case *epp.ContactDelete:
		return w.contactDelete(x)
	case *epp.HostCheck:
		return w.hostCheck(x)
	case *epp.HostCreate:
		return w.hostCreate(x)
	case *epp.HostInfo:
		return w.hostInfo(x)
	case *epp.HostUpdate:
		return w.hostUpdate(x)
	case *epp.HostDelete:
		return w.hostDelete(x)
	case *epp.Raw:
		return epp.Response{}, refuse(epp.NoSuchService, "%s", x.Name.Space)
	}
	return epp.Response{}, refuse(epp.NoSuchCommand, "")
}

// ext finds an extension of the command in hand; nil when there is none.
func ext[T any](w *work) *T {
	if w.cmd == nil {
		return nil
	}
	return epp.Get[T](w.cmd.Extensions)
}

// done is the answer to a command that was carried out.
func done(data any, extensions ...any) (epp.Response, error) {
	r := epp.Reply(epp.Done, "")
	if data != nil {
		r.Data = []any{data}
	}
	r.Extensions = extensions
	return r, nil
}
