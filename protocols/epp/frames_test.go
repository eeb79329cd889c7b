package epp

import (
	"fmt"
	"time"
)

type named struct {
	name  string
	frame any
}

var (
	day1 = At(time.Date(2026, 3, 1, 2, 3, 4, 500_000_000, time.UTC))
	day2 = At(time.Date(2027, 3, 1, 2, 3, 4, 500_000_000, time.UTC))
	day3 = At(time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC))
)

// secrets are what no log may show of the frames below; open words are what it must show.
var (
	secrets = []string{"auth-Secret-1", "login-secret", "a new and much longer secret", "110101199003078515", "13800000001", "1055550001", "lin@example.cn",
		"林小满", "Lin Xiaoman", "山水贸易", "长安街", "Chang'an", "100005", "91110000MA01A2B3C4"}
	openWords = []string{"yumen-1", "xn--fsq.cn", "ns1.xn--fsq.cn", "lin-0001", "clientHold", "redemptionPeriod", "88.00", "YM-C1", "SV-1", "2306"}
)

func sampleContact() (PostalInfo, PostalInfo, *Phone, *Disclose) {
	loc := PostalInfo{Type: "loc", Name: "林小满", Org: "山水贸易", Addr: Address{Street: []string{"长安街1号", "3层"}, City: "北京", SP: "北京", PC: "100005", CC: "CN"}}
	intl := PostalInfo{Type: "int", Name: "Lin Xiaoman", Addr: Address{Street: []string{"1 Chang'an Avenue"}, City: "Beijing", CC: "CN"}}
	return loc, intl, &Phone{X: "12", Value: "+86.1055550001"},
		&Disclose{Name: []PostalType{{"loc"}, {"int"}}, Org: []PostalType{{"loc"}}, Addr: []PostalType{{"int"}}, Voice: true, Email: true}
}

// frames holds every frame both sides can write: each registered type at least once, sparse and full.
func frames() []named {
	loc, intl, phone, disclose := sampleContact()
	ds := DSData{KeyTag: 12345, Alg: 8, DigestType: 2, Digest: "49FD46E6C4B45C55D4AC"}
	key := KeyData{Flags: 257, Protocol: 3, Alg: 8, PubKey: "AQPJ////4Q=="}
	fee := []Fee{{Value: "88.00", Description: "first year", Refundable: new(Flag(true)), GracePeriod: "P5D", Applied: "immediate"}}
	transform := FeeTransform{Currency: "CNY", Fees: fee}
	result := FeeResult{Currency: "CNY", Period: Years(1), Fees: fee, Credits: []Credit{{Value: "-8.00"}}, Balance: "1000.00", CreditLimit: "5000.00"}
	person := CNNICContact{Type: "I", Document: &CNNICDocument{"SFZ", "110101199003078515"}, Purveyor: "agent-7", Mobile: "+86.13800000001"}
	firm := CNNICContact{Type: "E", Document: &CNNICDocument{"TYDMZ", "91110000MA01A2B3C4"}}
	auth := &AuthInfo{Pw: "auth-Secret-1"}
	tr := DomainTrnData{Name: "xn--fsq.cn", TrStatus: "pending", ReID: "yumen-1", ReDate: day1, AcID: "rival-1", AcDate: day3, ExDate: &day2}

	var out []named
	n := 0
	command := func(name string, cmd Command) {
		n++
		cmd.ClTRID = fmt.Sprintf("YM-C%d", n)
		out = append(out, named{"command " + name, cmd})
	}
	object := func(name string, o any, ext ...any) { command(name, Command{Object: o, Extensions: ext}) }
	answer := func(name string, r Response, ext ...any) {
		n++
		r.Extensions, r.ClTRID, r.SvTRID = ext, fmt.Sprintf("YM-C%d", n), "SV-1"
		out = append(out, named{"response " + name, r})
	}
	data := func(name string, d any, ext ...any) { answer(name, Reply(Done, "", d), ext...) }

	out = append(out, named{"greeting", testGreeting(day1.Time)})
	sparse := testGreeting(day1.Time)
	sparse.ExtURIs = nil
	sparse.DCP = &DCP{Access: Marks{"none"}, Statements: []DCPStatement{{Marks{"other"}, Marks{"same", "unrelated"}, Marks{"legal"}}}}
	out = append(out, named{"greeting without extensions", sparse}, named{"hello", Command{Verb: HelloVerb}},
		named{"logout without clTRID", Command{Verb: Logout}})

	login := func(pw, newPW string, mode LoginSecMode) Command {
		c := &Client{acc: Account{ClID: "yumen-1", Password: pw, NewPassword: newPW, LoginSec: mode, UserAgent: &UserAgent{App: "Yumen", Tech: "Go", OS: "Linux"}}.withDefaults(),
			greeting: testGreeting(day1.Time)}
		return c.login()
	}
	command("login", login("login-secret", "", LoginSecLong))
	command("login with a new long password", login("login-secret", "a new and much longer secret", LoginSecLong))
	command("login with loginSec", login("login-secret", "login-secret2", LoginSecAlways))
	command("logout", Command{Verb: Logout})
	command("poll req", Command{Poll: &PollRequest{Op: "req"}})
	command("poll ack", Command{Poll: &PollRequest{Op: "ack", MsgID: "12:3"}})

	object("domain check", &DomainCheck{Names: []string{"xn--fsq.cn", "b.cn"}},
		&FeeCheck{Currency: "CNY", Commands: []FeeCommand{{Name: "create", Period: Years(2)}, {Name: "restore"}, {Name: "custom", CustomName: "unlock", Phase: "open", Subphase: "x"}}})
	object("domain create, sparse", &DomainCreate{Name: "xn--fsq.cn"})
	object("domain create", &DomainCreate{Name: "xn--fsq.cn", Period: Years(2), NS: &DomainNS{Hosts: []string{"ns1.xn--fsq.cn", "ns2.xn--fsq.cn"}}, Registrant: "lin-0001",
		Contacts: []DomainContact{{"admin", "lin-0001"}, {"tech", "lin-0001"}, {"billing", "lin-0001"}}, AuthInfo: *auth},
		&SecDNSCreate{SecDNSKeys{MaxSigLife: 604800, DS: []DSData{ds}}}, &FeeCreate{transform}, &CNNICDomainCreate{CNNICDomain{"I", "agent-7"}})
	object("domain create, host attributes and keys", &DomainCreate{Name: "xn--fsq.cn", NS: &DomainNS{Attrs: []DomainHost{
		{Name: "ns1.xn--fsq.cn", Addrs: []Addr{{Value: "192.0.2.1"}, {"v6", "2001:db8::1"}}}, {Name: "ns.example.com"}}}},
		&SecDNSCreate{SecDNSKeys{Keys: []KeyData{key}}})
	object("domain info", &DomainInfo{Name: DomainInfoName{"del", "xn--fsq.cn"}, AuthInfo: &AuthInfo{Pw: "auth-Secret-1", Roid: "C1-TEST"}})
	object("domain delete", &DomainDelete{"xn--fsq.cn"})
	object("domain renew", &DomainRenew{"xn--fsq.cn", DateOf(day2.Time), Years(1)}, &FeeRenew{transform})
	for _, op := range []Op{OpRequest, OpQuery, OpApprove, OpReject, OpCancel} {
		command("domain transfer "+string(op), Command{Op: op, Object: &DomainTransfer{"xn--fsq.cn", Years(1), auth}, Extensions: []any{&FeeTransfer{transform}}})
		command("contact transfer "+string(op), Command{Op: op, Object: &ContactTransfer{"lin-0001", auth}})
	}
	object("domain update", &DomainUpdate{Name: "xn--fsq.cn",
		Add: &DomainAddRem{NS: &DomainNS{Hosts: []string{"ns3.xn--fsq.cn"}}, Contacts: []DomainContact{{"tech", "lin-0001"}}, Statuses: []Status{{S: "clientHold", Lang: "zh", Text: "欠费"}}},
		Rem: &DomainAddRem{Statuses: []Status{{S: "clientTransferProhibited"}}},
		Chg: &DomainChange{Registrant: new("lin-0001"), AuthInfo: auth}},
		&SecDNSUpdate{Urgent: true, Rem: &SecDNSRemove{All: true}, Add: &SecDNSKeys{DS: []DSData{{1, 8, 2, "AB", &key}}}, Chg: &SecDNSChange{86400}},
		&FeeUpdate{transform}, &CNNICDomainUpdate{Chg: &CNNICDomain{Purveyor: "agent-8"}})
	object("domain update, authInfo and registrant taken away", &DomainUpdate{Name: "xn--fsq.cn", Chg: &DomainChange{Registrant: new(""), AuthInfo: &AuthInfo{Null: true}}},
		&SecDNSUpdate{Rem: &SecDNSRemove{Keys: []KeyData{key}}})
	object("restore request", &DomainUpdate{Name: "xn--fsq.cn", Chg: &DomainChange{}}, &RGPUpdate{RGPRestore{Op: "request"}})
	object("restore report", &DomainUpdate{Name: "xn--fsq.cn", Chg: &DomainChange{}}, &RGPUpdate{RGPRestore{Op: "report", Report: &RGPReport{
		PreData: Text{Body: "before"}, PostData: Text{Body: "after"}, DelTime: day1, ResTime: day3, ResReason: Text{Lang: "en", Body: "Registrant error"},
		Statements: []Text{{Body: "one"}, {Lang: "zh", Body: "二"}}, Other: &Text{Body: "none"}}}})

	object("contact check", &ContactCheck{IDs: []string{"lin-0001", "lin-0002"}})
	object("contact create", &ContactCreate{ID: "lin-0001", Postal: []PostalInfo{loc, intl}, Voice: phone, Fax: &Phone{Value: "+86.1055550001"}, Email: "lin@example.cn", AuthInfo: *auth, Disclose: disclose},
		&CNNICContactCreate{person})
	object("contact create, sparse", &ContactCreate{ID: "lin-0001", Postal: []PostalInfo{intl}, Email: "lin@example.cn"})
	object("contact info", &ContactInfo{ID: "lin-0001", AuthInfo: auth})
	object("contact delete", &ContactDelete{"lin-0001"})
	object("contact update", &ContactUpdate{ID: "lin-0001", Add: &ContactStatuses{[]Status{{S: "clientDeleteProhibited"}}}, Rem: &ContactStatuses{[]Status{{S: "clientUpdateProhibited"}}},
		Chg: &ContactChange{Postal: []PostalChange{{Type: "loc", Name: new("林小满"), Org: new(""), Addr: &loc.Addr}, {Type: "int"}}, Voice: phone, Fax: &Phone{}, Email: "lin@example.cn", AuthInfo: auth, Disclose: disclose}},
		&CNNICContactUpdate{Chg: &person})
	object("contact update, add and rem", &ContactUpdate{ID: "lin-0001"}, &CNNICContactUpdate{Add: &firm, Rem: &person})

	object("host check", &HostCheck{Names: []string{"ns1.xn--fsq.cn"}})
	object("host create", &HostCreate{Name: "ns1.xn--fsq.cn", Addrs: []Addr{{"v4", "192.0.2.1"}, {"v6", "2001:db8::1"}}}, &CNNICHostCreate{CNNICHost{"agent-7"}})
	object("host info", &HostInfo{"ns1.xn--fsq.cn"})
	object("host delete", &HostDelete{"ns1.xn--fsq.cn"})
	object("host update", &HostUpdate{Name: "ns1.xn--fsq.cn", Add: &HostAddRem{Addrs: []Addr{{Value: "192.0.2.2"}}, Statuses: []Status{{S: "clientUpdateProhibited"}}},
		Rem: &HostAddRem{Addrs: []Addr{{Value: "192.0.2.1"}}}, Chg: &HostChange{"ns9.xn--fsq.cn"}}, &CNNICHostUpdate{Chg: &CNNICHost{"agent-8"}})

	for code := range codeTexts {
		answer(fmt.Sprint(int(code)), Reply(code, ""))
	}
	answer("refused, with values", Response{Results: []Result{
		{Code: ValueSyntax, Msg: Text{"zh", "参数错误"}, Values: []Value{Quote(NSDomain, "name", "bad name")}},
		{Code: PolicyViolation, ExtValues: []ExtValue{{Quote(NSContact, "cc", "XX"), Text{"en", "no such country"}}, {Quote("urn:example:other-1.0", "num", "91110000MA01A2B3C4"), Text{Body: "no"}}}}}})
	answer("unhandled namespace", Response{Results: []Result{{Code: AckToDequeue, ExtValues: []ExtValue{{Value{Items: []any{&tr}}, Text{Body: "urn:ietf:params:xml:ns:domain-1.0 not in login services"}}}}}, MsgQ: &MsgQ{Count: 1, ID: "1", QDate: &day1}})
	answer("queue only", Response{Results: []Result{{Code: Done}}, MsgQ: &MsgQ{Count: 3, ID: "9"}})
	answer("login", Reply(Done, ""), &LoginSecData{[]LoginEvent{{Type: "password", Level: "warning", ExDate: &day2, Lang: "en", Text: "expires"},
		{Type: "stat", Name: "failedLogins", Level: "warning", Value: "100", Duration: "P1D"}}})

	reason := &Text{Lang: "zh", Body: "已注册"}
	data("domain check", &DomainChkData{[]DomainChecked{{Name: Avail{true, "xn--fsq.cn"}}, {Avail{false, "b.cn"}, reason}}},
		&FeeChkData{Currency: "CNY", CD: []FeeCD{{ObjID: FeeObjID{Value: "xn--fsq.cn"}, Class: "premium", Commands: []FeeQuoted{{Name: "create", Standard: true, Period: Years(1), Fees: fee, Credits: []Credit{{Description: "sale", Value: "-8.00"}}}}},
			{Avail: new(Flag(false)), ObjID: FeeObjID{"name", "b.cn"}, Reason: &Text{Body: "not for sale"}}}})
	data("domain create", &DomainCreData{"xn--fsq.cn", day1, &day2}, &FeeCreData{result})
	answer("domain create, pending", Reply(DonePending, "", &DomainCreData{Name: "xn--fsq.cn", CrDate: day1}))
	data("domain info", &DomainInfData{Name: "xn--fsq.cn", ROID: "D1-TEST", Statuses: []Status{{S: "clientHold"}, {S: "inactive", Lang: "zh", Text: "无解析"}}, Registrant: "lin-0001",
		Contacts: []DomainContact{{"admin", "lin-0001"}}, NS: &DomainNS{Hosts: []string{"ns1.xn--fsq.cn"}}, Hosts: []string{"ns1.xn--fsq.cn"}, ClID: "yumen-1", CrID: "yumen-1", CrDate: &day1,
		UpID: "yumen-1", UpDate: &day3, ExDate: &day2, TrDate: &day3, AuthInfo: auth},
		&SecDNSInfData{SecDNSKeys{DS: []DSData{ds}}}, &RGPInfData{RGPStatuses{[]Status{{S: "redemptionPeriod"}, {S: "addPeriod", Text: "endDate=2026-03-06"}}}}, &CNNICDomainInfData{CNNICDomain{"E", "agent-7"}})
	data("domain info, sparse", &DomainInfData{Name: "xn--fsq.cn", ROID: "D1-TEST", ClID: "rival-1"})
	data("domain renew", &DomainRenData{"xn--fsq.cn", &day2}, &FeeRenData{result})
	data("domain transfer", &tr, &FeeTrnData{result})
	answer("domain update", Reply(Done, ""), &FeeUpdData{result}, &RGPUpData{RGPStatuses{[]Status{{S: "pendingRestore"}}}})
	answer("domain delete", Reply(DonePending, ""), &FeeDelData{FeeResult{Credits: []Credit{{Value: "-88.00"}}}})
	data("contact check", &ContactChkData{[]ContactChecked{{ID: Avail{true, "lin-0001"}}, {Avail{false, "lin-0002"}, reason}}})
	data("contact create", &ContactCreData{"lin-0001", day1})
	data("contact info", &ContactInfData{ID: "lin-0001", ROID: "C1-TEST", Statuses: []Status{{S: "linked"}, {S: "ok"}}, Postal: []PostalInfo{loc, intl}, Voice: phone, Fax: phone, Email: "lin@example.cn",
		ClID: "yumen-1", CrID: "yumen-1", CrDate: day1, UpID: "yumen-1", UpDate: &day2, TrDate: &day3, AuthInfo: auth, Disclose: disclose}, &CNNICContactInfData{person})
	data("contact transfer", &ContactTrnData{"lin-0001", "clientApproved", "yumen-1", day1, "rival-1", day3})
	data("host check", &HostChkData{[]HostChecked{{Name: Avail{true, "ns1.xn--fsq.cn"}}, {Avail{false, "ns2.xn--fsq.cn"}, reason}}})
	data("host create", &HostCreData{"ns1.xn--fsq.cn", day1})
	data("host info", &HostInfData{Name: "ns1.xn--fsq.cn", ROID: "H1-TEST", Statuses: []Status{{S: "linked"}}, Addrs: []Addr{{"v4", "192.0.2.1"}}, ClID: "yumen-1", CrID: "yumen-1", CrDate: day1, UpID: "yumen-1", UpDate: &day2, TrDate: &day3},
		&CNNICHostInfData{CNNICHost{"agent-7"}})

	poll := func(name string, d any, ext ...any) {
		r := Reply(AckToDequeue, "", d)
		r.MsgQ = &MsgQ{Count: 2, ID: "12:3", QDate: &day1, Msg: &Text{Lang: "zh", Body: "审核未通过 <请修改> & 重新提交"}}
		answer("poll "+name, r, ext...)
	}
	pa := TrID{"YM-C0", "SV-0"}
	poll("domain panData", &DomainPanData{PendingResult{true, "xn--fsq.cn"}, pa, day3})
	poll("domain panData, refused", &DomainPanData{PendingResult{false, "xn--fsq.cn"}, TrID{SvTRID: "SV-0"}, day3})
	poll("contact panData", &ContactPanData{PendingResult{false, "lin-0001"}, pa, day3})
	poll("host panData", &HostPanData{PendingResult{true, "ns1.xn--fsq.cn"}, pa, day3})
	poll("trnData", &tr)
	poll("changed by the registry", &DomainInfData{Name: "xn--fsq.cn", ROID: "D1-TEST", Statuses: []Status{{S: "serverHold"}}, ClID: "yumen-1"},
		&ChangeData{State: "after", Operation: ChangeOperation{Value: "update"}, Date: day3, SvTRID: "SV-7", Who: "compliance", CaseID: &ChangeCase{"custom", "order", "京-12"}, Reason: &Text{Body: "court order"}})
	poll("changed, sparse", &DomainInfData{Name: "xn--fsq.cn", ROID: "D1-TEST", ClID: "yumen-1"}, &ChangeData{Operation: ChangeOperation{"purge", "custom"}, Date: day3, SvTRID: "SV-8", Who: "batch"})
	return out
}
