package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"yumen/protocols/epp"
)

// rule is one line of a rule book: what is sent and the code it meets.
type rule struct {
	name   string
	want   epp.Code
	object any
	ext    []any
}

func (r *registrar) rules(t *testing.T, book []rule) {
	for _, x := range book {
		t.Run(x.name, func(t *testing.T) {
			resp := r.send(epp.Command{Object: x.object, Extensions: x.ext})
			if got := resp.Code(); got != x.want {
				t.Errorf("answered %d %s %s, want %d", got, resp.Results[0].Msg.Body, resp.Reason(), x.want)
			}
		})
	}
}

func with[T any](v T, change func(*T)) *T {
	change(&v)
	return &v
}

func TestRulesOfContacts(t *testing.T) {
	w := open(t)
	y, rival := w.login("yumen"), w.login("rival")
	make := func(change func(*epp.ContactCreate)) *epp.ContactCreate { c := person("BAD-1"); change(c); return c }
	identity := func(change func(*epp.CNNICContactCreate)) []any { p := papers(); change(p); return []any{p} }
	y.rules(t, []rule{
		{"a full one is made", epp.Done, person("WANG-1"), nil},
		{"its id is taken", epp.ObjectExists, person("WANG-1"), nil},
		{"an id too short", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.ID = "A" }), nil},
		{"no postal data", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Postal = nil }), nil},
		{"two of one type", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.Postal[0].Type = "int" }), nil},
		{"no name", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Postal[0].Name = "" }), nil},
		{"no city", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Postal[0].Addr.City = "" }), nil},
		{"no country", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Postal[0].Addr.CC = "" }), nil},
		{"a country that is none", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.Postal[0].Addr.CC = "XX" }), nil},
		{"Chinese in int", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.Postal[1].Name = "王" }), nil},
		{"no mail address", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Email = "" }), nil},
		{"a mail address that is none", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.Email = "wang" }), nil},
		{"a phone without a dot", epp.ValueSyntax, make(func(c *epp.ContactCreate) { c.Voice = &epp.Phone{Value: "+861065539999"} }), nil},
		{"identity without a type", epp.ValueSyntax, person("BAD-1"), identity(func(x *epp.CNNICContactCreate) { x.Type = "" })},
		{"identity without a document", epp.MissingParameter, person("BAD-1"), identity(func(x *epp.CNNICContactCreate) { x.Document = nil })},
		{"identity by an unknown document", epp.ValueSyntax, person("BAD-1"), identity(func(x *epp.CNNICContactCreate) { x.Document.Type = "ABC" })},
		{"identity without a purveyor", epp.MissingParameter, person("BAD-1"), identity(func(x *epp.CNNICContactCreate) { x.Purveyor = "" })},
		{"identity without a mobile", epp.ValueSyntax, person("BAD-1"), identity(func(x *epp.CNNICContactCreate) { x.Mobile = "" })},
		{"identity in one script", epp.MissingParameter, make(func(c *epp.ContactCreate) { c.Postal = c.Postal[:1] }), []any{papers()}},
		{"identity complete", epp.Done, person("WANG-2"), []any{papers()}},
		{"a new mail address", epp.Done, &epp.ContactUpdate{ID: "WANG-1", Chg: &epp.ContactChange{Email: "new@example.cn"}}, nil},
		{"a bad mail address", epp.ValueSyntax, &epp.ContactUpdate{ID: "WANG-1", Chg: &epp.ContactChange{Email: "new"}}, nil},
		{"a lock", epp.Done, &epp.ContactUpdate{ID: "WANG-1", Add: &epp.ContactStatuses{Statuses: []epp.Status{{S: "clientUpdateProhibited"}}}}, nil},
		{"a change under it", epp.StatusProhibits, &epp.ContactUpdate{ID: "WANG-1", Chg: &epp.ContactChange{Email: "x@example.cn"}}, nil},
		{"the lock away", epp.Done, &epp.ContactUpdate{ID: "WANG-1", Rem: &epp.ContactStatuses{Statuses: []epp.Status{{S: "clientUpdateProhibited"}}}}, nil},
		{"the registry's own lock", epp.PolicyViolation, &epp.ContactUpdate{ID: "WANG-1", Add: &epp.ContactStatuses{Statuses: []epp.Status{{S: "serverUpdateProhibited"}}}}, nil},
		{"nobody", epp.NoSuchObject, &epp.ContactInfo{ID: "NOBODY"}, nil},
		{"a name for it", epp.Done, order("tea-house.com", "WANG-1"), nil},
		{"deleted while linked", epp.LinkProhibits, &epp.ContactDelete{ID: "WANG-1"}, nil},
		{"deleted", epp.Done, &epp.ContactDelete{ID: "WANG-2"}, nil},
		{"deleted twice", epp.NoSuchObject, &epp.ContactDelete{ID: "WANG-2"}, nil},
	})
	rival.rules(t, []rule{
		{"another's info", epp.NotAuthorised, &epp.ContactInfo{ID: "WANG-1"}, nil},
		{"another's update", epp.NotAuthorised, &epp.ContactUpdate{ID: "WANG-1", Chg: &epp.ContactChange{Email: "x@example.cn"}}, nil},
		{"another's delete", epp.NotAuthorised, &epp.ContactDelete{ID: "WANG-1"}, nil},
		{"another's in one's own name", epp.NotAuthorised, order("rival-shop.com", "WANG-1"), nil},
	})
	info := epp.Get[epp.ContactInfData](y.do(epp.Done, &epp.ContactInfo{ID: "WANG-1"}).Data)
	want := person("WANG-1")
	if info.Email != "new@example.cn" || info.Voice.Value != want.Voice.Value || len(info.Postal) != 2 || info.Postal[0].Addr.City != "北京" ||
		info.Postal[1].Addr.Street[0] != "1 Chang'an Street" || info.UpID != "yumen" {
		t.Errorf("info shows %+v", info)
	}
	wantStatuses(t, info.Statuses, "ok", "linked")
	check := epp.Get[epp.ContactChkData](y.do(epp.Done, &epp.ContactCheck{IDs: []string{"WANG-1", "WANG-2", "?"}}).Data)
	if check.CD[0].ID.Avail || !check.CD[1].ID.Avail || check.CD[2].ID.Avail {
		t.Errorf("check says %+v", check)
	}
}

func TestRulesOfHosts(t *testing.T) {
	w := open(t)
	y, rival := w.login("yumen"), w.login("rival")
	y.do(epp.Done, order("tea-house.com", ""))
	rival.do(epp.Done, order("rival-shop.com", ""))
	v4 := func(ip string) []epp.Addr { return []epp.Addr{{IP: "v4", Value: ip}} }
	rename := func(from, to string) *epp.HostUpdate {
		return &epp.HostUpdate{Name: from, Chg: &epp.HostChange{Name: to}}
	}
	ns := func(h string) *epp.DomainUpdate {
		return &epp.DomainUpdate{Name: "tea-house.com", Add: &epp.DomainAddRem{NS: &epp.DomainNS{Hosts: []string{h}}}}
	}
	y.rules(t, []rule{
		{"elsewhere", epp.Done, &epp.HostCreate{Name: "ns1.example.net"}, nil},
		{"elsewhere with an address", epp.PolicyViolation, &epp.HostCreate{Name: "ns2.example.net", Addrs: v4("192.0.2.1")}, nil},
		{"under one's own name", epp.Done, &epp.HostCreate{Name: "ns1.tea-house.com", Addrs: append(v4("192.0.2.1"), epp.Addr{IP: "v6", Value: "2001:db8::1"})}, nil},
		{"without glue", epp.Done, &epp.HostCreate{Name: "ns2.tea-house.com"}, nil},
		{"delegating to a glueless host", epp.PolicyViolation, ns("ns2.tea-house.com"), nil},
		{"delegating to nobody", epp.NoSuchObject, ns("ns9.tea-house.com"), nil},
		{"delegating", epp.Done, ns("ns1.tea-house.com"), nil},
		{"delegating twice", epp.OutOfRange, ns("ns1.tea-house.com"), nil},
		{"an address that is none", epp.ValueSyntax, &epp.HostCreate{Name: "ns3.tea-house.com", Addrs: v4("192.0.2.256")}, nil},
		{"v6 called v4", epp.ValueSyntax, &epp.HostCreate{Name: "ns3.tea-house.com", Addrs: v4("2001:db8::1")}, nil},
		{"loopback", epp.PolicyViolation, &epp.HostCreate{Name: "ns3.tea-house.com", Addrs: v4("127.0.0.1")}, nil},
		{"a bad name", epp.ValueSyntax, &epp.HostCreate{Name: "ns_1.tea-house.com"}, nil},
		{"under a name that is not there", epp.NoSuchObject, &epp.HostCreate{Name: "ns1.nowhere-at-all.com"}, nil},
		{"under another's name", epp.NotAuthorised, &epp.HostCreate{Name: "ns1.rival-shop.com"}, nil},
		{"under another's name with glue", epp.NotAuthorised, &epp.HostCreate{Name: "ns1.rival-shop.com", Addrs: v4("192.0.2.1")}, nil},
		{"there already", epp.ObjectExists, &epp.HostCreate{Name: "ns1.tea-house.com"}, nil},
		{"one address more", epp.Done, &epp.HostUpdate{Name: "ns1.tea-house.com", Add: &epp.HostAddRem{Addrs: v4("192.0.2.2")}}, nil},
		{"the same again", epp.OutOfRange, &epp.HostUpdate{Name: "ns1.tea-house.com", Add: &epp.HostAddRem{Addrs: v4("192.0.2.2")}}, nil},
		{"all addresses away", epp.PolicyViolation, &epp.HostUpdate{Name: "ns1.tea-house.com",
			Rem: &epp.HostAddRem{Addrs: append(append(v4("192.0.2.1"), v4("192.0.2.2")...), epp.Addr{IP: "v6", Value: "2001:db8:0::1"})}}, nil},
		{"renamed into a bad name", epp.ValueSyntax, rename("ns1.tea-house.com", "-.com"), nil},
		{"renamed under nothing", epp.NoSuchObject, rename("ns1.tea-house.com", "ns1.nowhere-at-all.com"), nil},
		{"renamed under another's", epp.NotAuthorised, rename("ns1.tea-house.com", "ns1.rival-shop.com"), nil},
		{"renamed", epp.Done, rename("ns1.tea-house.com", "dns.tea-house.com"), nil},
		{"the old name is gone", epp.NoSuchObject, &epp.HostInfo{Name: "ns1.tea-house.com"}, nil},
		{"deleted while linked", epp.LinkProhibits, &epp.HostDelete{Name: "dns.tea-house.com"}, nil},
		{"deleted", epp.Done, &epp.HostDelete{Name: "ns2.tea-house.com"}, nil},
	})
	rival.rules(t, []rule{
		{"another's update", epp.NotAuthorised, &epp.HostUpdate{Name: "ns1.example.net"}, nil},
		{"using a common one", epp.Done, &epp.DomainUpdate{Name: "rival-shop.com", Add: &epp.DomainAddRem{NS: &epp.DomainNS{Hosts: []string{"ns1.example.net"}}}}, nil},
	})
	y.do(epp.LinkProhibits, rename("ns1.example.net", "ns1.example.org"))
	if d := y.info("tea-house.com"); len(d.NS.Hosts) != 1 || d.NS.Hosts[0] != "dns.tea-house.com" || len(d.Hosts) != 1 {
		t.Errorf("after the renaming the name shows %+v %v", d.NS, d.Hosts)
	}
	// A name goes with the hosts under it, unless others need them.
	rival.do(epp.Done, &epp.DomainUpdate{Name: "rival-shop.com", Add: &epp.DomainAddRem{NS: &epp.DomainNS{Hosts: []string{"dns.tea-house.com"}}}})
	y.do(epp.LinkProhibits, &epp.DomainDelete{Name: "tea-house.com"})
	rival.do(epp.Done, &epp.DomainUpdate{Name: "rival-shop.com", Rem: &epp.DomainAddRem{NS: &epp.DomainNS{Hosts: []string{"dns.tea-house.com"}}}})
	y.do(epp.Done, &epp.DomainDelete{Name: "tea-house.com"})
	y.do(epp.NoSuchObject, &epp.HostInfo{Name: "dns.tea-house.com"})
}

func TestRulesOfNames(t *testing.T) {
	w := open(t)
	y, rival := w.login("yumen"), w.login("rival")
	y.do(epp.Done, person("WANG-1"), papers())
	y.do(epp.Done, person("WANG-2"))
	rival.do(epp.Done, order("rival-shop.com", ""))
	w.post(http.StatusOK, "/registry/reserve", `{"name":"kept-back.com"}`)
	com := func(change func(*epp.DomainCreate)) *epp.DomainCreate {
		return with(*order("tea-house.com", ""), change)
	}
	ds := func(digest string) []any {
		return []any{&epp.SecDNSCreate{SecDNSKeys: epp.SecDNSKeys{DS: []epp.DSData{{KeyTag: 1, Alg: 13, DigestType: 2, Digest: digest}}}}}
	}
	lock := func(s string) *epp.DomainUpdate {
		return &epp.DomainUpdate{Name: "tea-house.com", Add: &epp.DomainAddRem{Statuses: []epp.Status{{S: s}}}}
	}
	unlock := func(s string) *epp.DomainUpdate {
		return &epp.DomainUpdate{Name: "tea-house.com", Rem: &epp.DomainAddRem{Statuses: []epp.Status{{S: s}}}}
	}
	pw := func(s string) *epp.DomainUpdate {
		return &epp.DomainUpdate{Name: "tea-house.com", Chg: &epp.DomainChange{AuthInfo: &epp.AuthInfo{Pw: s}}}
	}
	y.rules(t, []rule{
		{"a bad name", epp.ValueSyntax, order("tea_house.com", ""), nil},
		{"a label of one letter", epp.ValueSyntax, order("a.com", ""), nil},
		{"a third level", epp.PolicyViolation, order("a.tea.com", ""), nil},
		{"an ending of others", epp.PolicyViolation, order("tea.example", ""), nil},
		{"an A-label that means nothing", epp.ValueSyntax, order("xn--zzzzzz.com", ""), nil},
		{"Chinese not as A-label", epp.ValueSyntax, order("北京.com", ""), nil},
		{"no years", epp.OutOfRange, com(func(c *epp.DomainCreate) { c.Period = epp.Years(0) }), nil},
		{"eleven years", epp.OutOfRange, com(func(c *epp.DomainCreate) { c.Period = epp.Years(11) }), nil},
		{"seven months", epp.OutOfRange, com(func(c *epp.DomainCreate) { c.Period = &epp.Period{Unit: "m", Value: 7} }), nil},
		{"an unknown host", epp.NoSuchObject, com(func(c *epp.DomainCreate) { c.NS = &epp.DomainNS{Hosts: []string{"ns1.example.net"}} }), nil},
		{"hosts as attributes", epp.PolicyViolation, com(func(c *epp.DomainCreate) {
			c.NS = &epp.DomainNS{Attrs: []epp.DomainHost{{Name: "ns1.example.net"}}}
		}), nil},
		{"an unknown contact", epp.NoSuchObject, order("tea-house.com", "NOBODY"), nil},
		{"a weak authorisation", epp.PolicyViolation, com(func(c *epp.DomainCreate) { c.AuthInfo.Pw = "secret" }), nil},
		{"a digest too short", epp.ValueSyntax, com(func(*epp.DomainCreate) {}), ds("ABCD")},
		{"a fee that is wrong", epp.OutOfRange, com(func(*epp.DomainCreate) {}), []any{&epp.FeeCreate{FeeTransform: epp.FeeTransform{Currency: "CNY", Fees: []epp.Fee{{Value: "54.99"}}}}}},
		{"a fee in dollars", epp.OutOfRange, com(func(*epp.DomainCreate) {}), []any{&epp.FeeCreate{FeeTransform: epp.FeeTransform{Currency: "USD", Fees: []epp.Fee{{Value: "55.00"}}}}}},
		{"a reserved name", epp.PolicyViolation, order("kept-back.com", ""), nil},
		{"signed", epp.Done, com(func(*epp.DomainCreate) {}), ds(strings.Repeat("ab", 32))},
		{"taken", epp.ObjectExists, order("tea-house.com", ""), nil},
		{".招聘 without contacts", epp.MissingParameter, order(beijing, ""), nil},
		{".招聘 with two letters", epp.ValueSyntax, order("ab.xn--otu796d", "WANG-1"), nil},
		{".cn without identity", epp.PolicyViolation, order("example.cn", "WANG-2"), nil},
		{".cn with identity", epp.Done, order("example.cn", "WANG-1"), []any{&epp.CNNICDomainCreate{CNNICDomain: epp.CNNICDomain{Type: "I", Purveyor: "yumen"}}}},
		{"CNNIC's extension elsewhere", epp.NoSuchExtension, order("green-tea.com", ""), []any{&epp.CNNICDomainCreate{CNNICDomain: epp.CNNICDomain{Type: "I"}}}},
		{"a premium name without its fee", epp.MissingParameter, order("gold.com", ""), nil},
		{"a premium name with it", epp.Done, order("gold.com", ""), []any{&epp.FeeCreate{FeeTransform: epp.FeeTransform{Currency: "CNY", Fees: []epp.Fee{{Value: "8888.00"}}}}}},
		{"the registry's status", epp.PolicyViolation, lock("serverHold"), nil},
		{"a lock", epp.Done, lock("clientDeleteProhibited"), nil},
		{"the same lock", epp.OutOfRange, lock("clientDeleteProhibited"), nil},
		{"deleted under it", epp.StatusProhibits, &epp.DomainDelete{Name: "tea-house.com"}, nil},
		{"a lock against changes", epp.Done, lock("clientUpdateProhibited"), nil},
		{"changed under it", epp.StatusProhibits, lock("clientHold"), nil},
		{"that lock away", epp.Done, unlock("clientUpdateProhibited"), nil},
		{"the other lock away", epp.Done, unlock("clientDeleteProhibited"), nil},
		{"a lock that is not there", epp.OutOfRange, unlock("clientDeleteProhibited"), nil},
		{"an authorisation easy to guess", epp.PolicyViolation, pw("12345678901234"), nil},
		{"one hard to guess", epp.Done, pw("aB3$efgh-123456789"), nil},
		{"info with the right one", epp.Done, &epp.DomainInfo{Name: epp.DomainInfoName{Value: "tea-house.com"}, AuthInfo: &epp.AuthInfo{Pw: "aB3$efgh-123456789"}}, nil},
		{"info with a wrong one", epp.WrongAuthInfo, &epp.DomainInfo{Name: epp.DomainInfoName{Value: "tea-house.com"}, AuthInfo: &epp.AuthInfo{Pw: "aB3$"}}, nil},
		{"signatures away", epp.Done, &epp.DomainUpdate{Name: "tea-house.com"}, []any{&epp.SecDNSUpdate{Rem: &epp.SecDNSRemove{All: true}}}},
		{"renewed from a wrong date", epp.OutOfRange, &epp.DomainRenew{Name: "tea-house.com", CurExpDate: "2020-01-01"}, nil},
		{"renewed beyond ten years", epp.NotRenewable, &epp.DomainRenew{Name: "tea-house.com", CurExpDate: epp.DateOf(w.clock.Now().AddDate(1, 0, 0)), Period: epp.Years(10)}, nil},
		{"another's update", epp.NotAuthorised, &epp.DomainUpdate{Name: "rival-shop.com"}, nil},
		{"another's renewal", epp.NotAuthorised, &epp.DomainRenew{Name: "rival-shop.com", CurExpDate: "2027-01-01"}, nil},
		{"another's deletion", epp.NotAuthorised, &epp.DomainDelete{Name: "rival-shop.com"}, nil},
		{"nobody's deletion", epp.NoSuchObject, &epp.DomainDelete{Name: "free-for-all.com"}, nil},
	})
	// A renewal by hand: the date moves by the period, the period shows.
	ends := y.info("tea-house.com").ExDate.Time
	y.do(epp.Done, &epp.DomainRenew{Name: "tea-house.com", CurExpDate: epp.DateOf(ends), Period: epp.Years(2)})
	if got := y.info("tea-house.com").ExDate.Time; !got.Equal(ends.AddDate(2, 0, 0)) {
		t.Errorf("renewed until %v, want %v", got, ends.AddDate(2, 0, 0))
	}
	if x := rival.info("tea-house.com"); x.ClID != "yumen" || x.Registrant != "" || x.AuthInfo != nil {
		t.Errorf("another registrar sees %+v", x)
	}
}

func TestAVariantOfANameIsTakenWithIt(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"))
	const simplified, traditional = "xn--xhq89j.xn--55qx5d", "xn--7rv274d.xn--55qx5d" // 华东, 華東
	resp := y.do(epp.Done, order(simplified, "WANG-1"))
	if raw := string(resp.Raw); !strings.Contains(raw, "<b-dn:bdn uLabel=\"華東.公司\">"+traditional+"</b-dn:bdn>") {
		t.Errorf("the answer does not name the bundle: %s", raw)
	}
	check := epp.Get[epp.DomainChkData](y.do(epp.Done, &epp.DomainCheck{Names: []string{simplified, traditional}}).Data)
	for i, want := range []string{"in use", "in use as a variant"} {
		if cd := check.CD[i]; bool(cd.Name.Avail) || cd.Reason.Body != want {
			t.Errorf("check of %s says %+v", cd.Name.Value, cd)
		}
	}
	y.do(epp.ObjectExists, order(traditional, "WANG-1"))
	if d := y.info(traditional); d.Name != simplified {
		t.Errorf("info of the variant shows %s", d.Name)
	}
	// The bundle goes as one.
	y.do(epp.Done, &epp.DomainDelete{Name: traditional})
	y.do(epp.Done, order(traditional, "WANG-1"))
}

func TestCNNICNamesTheFormsOfANameInItsOwnExtension(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"), papers())
	for _, c := range []struct{ name, create, info string }{
		{"华东.中国", "<cdn:SCDN>华东.中国</cdn:SCDN><cdn:TCDN>華東.中国</cdn:TCDN></cdn:creData>", "<cdn:TCDNPunycode>" + aLabel(t, "華東.中国") + "</cdn:TCDNPunycode></cdn:infData>"},
		{"華東.中国", "<cdn:SCDN>华东.中国</cdn:SCDN><cdn:TCDN>華東.中国</cdn:TCDN></cdn:creData>", "<cdn:OCDNPunycode>" + aLabel(t, "華東.中国") + "</cdn:OCDNPunycode><cdn:SCDN>华东"},
		{"華东.中国", "<cdn:SCDN>华东.中国</cdn:SCDN><cdn:TCDN>華東.中国</cdn:TCDN></cdn:creData>", "</cdn:OCDNPunycode><cdn:SCDN>华东"},
		{"tea-house.cn", "", ""},
	} {
		name := aLabel(t, c.name)
		created := string(y.do(epp.Done, order(name, "WANG-1")).Raw)
		shown := string(y.do(epp.Done, &epp.DomainInfo{Name: epp.DomainInfoName{Value: name}}).Raw)
		if !strings.Contains(created, c.create) || !strings.Contains(shown, c.info) {
			t.Errorf("%s: %s and %s are not in\n%s\n%s", c.name, c.create, c.info, created, shown)
		}
		if both := created + shown; strings.Contains(both, "b-dn:") || c.create == "" && strings.Contains(both, "cdn:") {
			t.Errorf("%s: a bundle in other words, or none at all: %s", c.name, both)
		}
		y.do(epp.Done, &epp.DomainDelete{Name: name})
	}
}

func TestFeesAreQuotedWithoutACurrency(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	resp := y.do(epp.Done, &epp.DomainCheck{Names: []string{"tea-house.com", "gold.com", "bad_.com"}},
		&epp.FeeCheck{Commands: []epp.FeeCommand{{Name: "create", Period: epp.Years(2)}, {Name: "renew"}, {Name: "restore"}}})
	data := epp.Get[epp.FeeChkData](resp.Extensions)
	if data.Currency != "CNY" || len(data.CD) != 3 {
		t.Fatalf("quoted %+v", data)
	}
	var got []string
	for _, cd := range data.CD[:2] {
		for _, c := range cd.Commands {
			got = append(got, cd.Class+" "+c.Name+" "+c.Fees[0].Value)
		}
	}
	want := "standard create 110.00, standard renew 55.00, standard restore 400.00, premium create 17776.00, premium renew 8888.00, premium restore 400.00"
	if strings.Join(got, ", ") != want {
		t.Errorf("quoted %s, want %s", strings.Join(got, ", "), want)
	}
	if bool(*data.CD[2].Avail) {
		t.Error("an impossible name has a price")
	}
	y.do(epp.OutOfRange, &epp.DomainCheck{Names: []string{"a-b.com"}}, &epp.FeeCheck{Currency: "USD", Commands: []epp.FeeCommand{{Name: "create"}}})
}

func TestAPriceChangesWhileTheRegistryRuns(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	quoted := func(name string) string {
		resp := y.do(epp.Done, &epp.DomainCheck{Names: []string{name}}, &epp.FeeCheck{Commands: []epp.FeeCommand{{Name: "create"}, {Name: "renew"}}})
		cd := epp.Get[epp.FeeChkData](resp.Extensions).CD[0]
		return cd.Class + " " + cd.Commands[0].Fees[0].Value + " " + cd.Commands[1].Fees[0].Value
	}
	for _, row := range []struct {
		body   string
		status int
		name   string
		want   string
	}{
		{`{"name": ".com", "create": 6000}`, http.StatusOK, "tea-house.com", "standard 60.00 55.00"},
		{`{"name": ".com", "renew": 6100}`, http.StatusOK, "tea-house.com", "standard 60.00 61.00"},
		{`{"name": "gold.com", "create": 999900}`, http.StatusOK, "gold.com", "premium 9999.00 8888.00"},
		{`{"name": "gold.com", "class": "standard"}`, http.StatusOK, "gold.com", "standard 60.00 61.00"},
		{`{"name": "黄金.网店", "create": 1}`, http.StatusOK, aLabel(t, "黄金.网店"), "premium 0.01 5888.00"},
		{`{"name": "tea-house.com", "class": "premium", "create": 10000, "renew": 5500}`, http.StatusOK, "tea-house.com", "premium 100.00 55.00"},
		{`{"name": ".com", "class": "premium"}`, http.StatusBadRequest, "tea.com", "premium 6600.00 6600.00"},
		{`{"name": "gold.com", "create": -1}`, http.StatusBadRequest, "gold.com", "standard 60.00 61.00"},
		{`{"name": "gold.com", "class": "rare"}`, http.StatusBadRequest, "gold.com", "standard 60.00 61.00"},
		{`{"name": ".example", "create": 1}`, http.StatusNotFound, "gold.com", "standard 60.00 61.00"},
	} {
		w.post(row.status, "/registry/price", row.body)
		if got := quoted(row.name); got != row.want {
			t.Errorf("after %s, %s is quoted %q, want %q", row.body, row.name, got, row.want)
		}
	}
	old := []any{&epp.FeeCreate{FeeTransform: epp.FeeTransform{Currency: "CNY", Fees: []epp.Fee{{Value: "55.00"}}}}}
	y.do(epp.OutOfRange, order("green-tea.com", ""), old...)
	y.do(epp.MissingParameter, order("tea-house.com", ""))
}

func TestAnEmptyAccountBuysNothing(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	w.must(w.reg.SetBalance(t.Context(), "yumen", 5499))
	y.do(epp.NoCredit, order("tea-house.com", ""))
	y.do(epp.NoSuchObject, &epp.DomainInfo{Name: epp.DomainInfoName{Value: "tea-house.com"}})
	w.must(w.reg.SetBalance(t.Context(), "yumen", 5500))
	resp := y.do(epp.Done, order("tea-house.com", ""), &epp.FeeCreate{FeeTransform: epp.FeeTransform{Fees: []epp.Fee{{Value: "55.00"}}}})
	if x := epp.Get[epp.FeeCreData](resp.Extensions); x == nil || x.Balance != "0.00" {
		t.Errorf("the answer carries %+v", x)
	}
}
