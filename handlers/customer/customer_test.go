package customer_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web/webtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/texts"
)

// words of the journey, by language.
var words = map[string]map[string]string{
	"zh": {
		"out": "去结算", "none": "还没有选持有者", "later": "新建信息模板", "person": "新建个人模板", "name": "姓名", "doc": "证件类型", "id": "居民身份证", "number": "证件号码",
		"phone": "电话", "mail": "联系邮箱", "province": "省级", "city": "市级", "area": "区县", "lists": "更新地区列表", "street": "详细地址", "post": "邮政编码",
		"agree": "我同意处理我的证件信息", "save": "保存并继续", "draft": "资料已保存为草稿", "front": "证件正面或证照", "reverse": "证件背面", "same": "正面和背面是同一张图片", "half": "请上传证件背面", "upload": "上传材料", "uploaded": "材料已上传并加密保存",
		"submit": "提交审核", "review": "审核中", "back": "返回办理", "registry": "我同意向 .招聘 的注册局提供", "abroad": "我同意将资料提供至境外（.招聘）", "accept": "我已阅读并同意",
		"place": "提交订单", "pay": "等你付款", "wallet": "用钱包付款", "waits": "正在等实名认证", "sends": "正在提交注册局", "missing": "请阅读并勾选这一份",
	},
	"en": {
		"out": "Check out", "none": "No holder chosen yet", "later": "New registrant profile", "person": "New profile of a person", "name": "Full name", "doc": "Document type", "id": "Resident", "number": "Document number",
		"phone": "Phone", "mail": "Contact email", "province": "Province", "city": "City", "area": "District or county", "lists": "Update the lists", "street": "Street address", "post": "Postcode",
		"agree": "I consent to the handling", "save": "Save and continue", "draft": "Saved as a draft", "front": "Front of the document, or licence", "reverse": "Back of the document", "same": "Front and back are one and the same picture", "half": "Upload the back of the document", "upload": "Upload papers", "uploaded": "Papers are uploaded",
		"submit": "Submit for review", "review": "Under review", "back": "Back to where you were", "registry": "I consent to giving the holder's data to the registry of .招聘", "abroad": "I consent to sending the data abroad (.招聘)", "accept": "I have read and accept",
		"place": "Place order", "pay": "Waiting for your payment", "wallet": "Pay from the wallet", "waits": "Waiting for real-name verification", "sends": "On its way to the registry", "missing": "Read this text and tick it",
	},
}

// tickAll ticks every box that begins with these words: one for each text.
func tickAll(b *webtest.Person, titles []string, prefix string) {
	for _, t := range titles {
		b.Tick(prefix + t)
	}
}

func TestANameIsOrderedWithoutScriptsFromTheCartToTheRegistrysDoor(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			d, _ := dbtest.SQLite(t)
			s := open(t, d)
			w := words[lang]
			who := s.account("lin@example.cn", lang)
			s.top(who, 50000)

			// The cart is filled before anybody signed in and is there after.
			b := s.Person(t, lang).Post("/cart", "add", "人才网.招聘").Is("/cart", 200).See("人才网.招聘", "¥128")
			b.Press(w["out"], "").Is("/sign-in", 200)
			in := signIn[lang]
			b.Fill(in[0], "lin@example.cn", in[1], password).Submit(in[2]).Is("/checkout", 200).See(w["none"], "人才网.招聘")

			// A profile: places list by list, papers, consents, review.
			b.Press(w["later"], "").Press(w["person"], "")
			b.Fill(w["name"], "王小明", w["number"], "11010519491231002X", w["phone"], "13800138000", w["mail"], "wang@example.cn", w["street"], "文三路 1 号", w["post"], "310012")
			b.Choose(w["doc"], w["id"]).Choose(w["province"], "浙江省").Press(w["lists"], "").Choose(w["city"], "杭州市").Press(w["lists"], "").Choose(w["area"], "西湖区")
			b.Press(w["save"], "").Is("/profiles", 422) // the consent is asked for, not taken
			b.Tick(w["agree"]).Press(w["save"], "").See(w["draft"]).Miss("11010519491231002X")
			ref := strings.TrimPrefix(b.Page.URL.Path, "/profiles/")
			b.Press(w["upload"], "").Is("/profiles/"+ref+"/documents", 422)
			must(t, b.Page.Attach(w["front"], picture(0)))
			must(t, b.Page.Attach(w["reverse"], picture(0)))
			b.Press(w["upload"], "").Is("/profiles/"+ref+"/documents", 422).See(w["same"])
			b.Press(w["submit"], "").Is("/profiles/"+ref+"/submit", 422).See(w["half"])
			must(t, b.Page.Attach(w["reverse"], picture(1)))
			b.Press(w["upload"], "").See(w["uploaded"]).Press(w["submit"], "").See(w["review"])

			// The order names what is missing, then waits for its holder.
			b.Press(w["back"], "").Is("/checkout", 200).Press(w["place"], "").Is("/orders", 422)
			b.Tick(w["registry"]).Press(w["place"], "").Is("/orders", 422).Tick(w["abroad"]).Press(w["place"], "").Is("/orders", 422).See(w["missing"])
			var titles []string
			must(t, d.Read(ctx, func(tx *db.Tx) error {
				list, err := orders.RequiredTexts(tx, 1, []string{"xn--otu796d"})
				for _, v := range list {
					titles = append(titles, v.Title(lang))
				}
				return err
			}))
			prefix := map[string]string{"zh": "我已阅读并同意", "en": "I have read and accept: "}[lang]
			tickAll(b, titles, prefix)
			b.Press(w["place"], "").See(w["pay"], "¥128")
			order := strings.TrimPrefix(b.Page.URL.Path, "/orders/")
			b.Press(w["wallet"], "").Is("/orders/"+order, 200).See(w["waits"])

			// Approved: the order goes on, and its page says so.
			reviewer := actor.Actor{House: 1, Account: 990, Person: 991, Name: "r***@example.cn", Roles: []actor.Role{actor.Reviewer}, Lang: "zh"}
			must(t, identity.Claim(ctx, d, reviewer, ref))
			var papers []documents.Document
			must(t, d.Read(ctx, func(tx *db.Tx) error {
				v, err := identity.Review(tx, reviewer, ref)
				papers = v.Unseen
				return err
			}))
			for _, doc := range papers {
				_, err := documents.Open(ctx, d, s.store, reviewer, doc.Ref, "comparing", false)
				must(t, err)
			}
			must(t, identity.Approve(ctx, d, reviewer, ref, "looked at the papers"))
			must(t, s.flows.IdentityChanged(ctx, jobs.Job{Key: ref}))
			b.Visit("/orders/"+order+"/live").Is("/orders/"+order+"/live", 200).See(w["sends"])
			b.Visit("/wallet").See("¥372").Visit("/orders").See(order).Visit("/profiles").See("王小明").Miss("11010519491231002X")
		})
	}
}

func TestWhatAReviewerAsksForIsReadInTheHoldersLanguage(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	who := s.account("lin@example.cn", "zh")
	ref := s.profile(who)
	reviewer := actor.Actor{House: 1, Account: 990, Person: 991, Name: "r***@example.cn", Roles: []actor.Role{actor.Reviewer}, Lang: "zh"}
	must(t, identity.Claim(ctx, d, reviewer, ref))
	must(t, identity.AskMore(ctx, d, reviewer, ref, identity.Decision{Items: []identity.Item{"image_unclear"}, Advice: "右上角看不清"}))
	s.enter("lin@example.cn", "zh").Visit("/profiles/"+ref).See("需要你补正", "图片不清楚或者反光", "避开灯光", "右上角看不清", "提交审核")
	s.enter("lin@example.cn", "zh").Visit("/profiles/"+ref+"?lang=en").See("Please complete it", "The picture is unclear", "Submit for review")
}

// profile makes one and submits it through the flows.
func (s *shop) profile(who actor.Actor) string {
	s.t.Helper()
	b := s.enter("lin@example.cn", "zh").Visit("/profiles/new?holder=person")
	b.Fill("姓名", "王小明", "证件号码", "11010519491231002X", "电话", "13800138000", "联系邮箱", "wang@example.cn", "详细地址", "文三路 1 号", "邮政编码", "310012")
	b.Choose("证件类型", "居民身份证").Choose("省级", "浙江省").Press("更新地区列表", "").Choose("市级", "杭州市").Press("更新地区列表", "").Choose("区县", "西湖区")
	b.Tick("我同意处理我的证件信息").Press("保存并继续", "")
	must(s.t, b.Page.Attach("证件正面或证照", picture(0)))
	must(s.t, b.Page.Attach("证件背面", picture(1)))
	b.Press("上传材料", "").Press("提交审核", "").See("审核中")
	return strings.TrimPrefix(b.Page.URL.Path, "/profiles/")
}

func TestWhatIsNotYoursIsNotThere(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	lin := s.account("lin@example.cn", "zh")
	s.account("zhou@example.cn", "zh")
	ref := s.profile(lin)
	var version int64
	var paper string
	must(t, d.Read(ctx, func(tx *db.Tx) error {
		p, err := identity.Find(tx, lin, ref)
		if err != nil {
			return err
		}
		version, paper = p.ID, p.Documents[0].Ref
		return nil
	}))
	s.record(lin, "rencai.com", version)
	order := s.place(lin, "lin@example.cn", ref)

	second, err := accounts.CreateHouse(ctx, d, actor.System(1, "test", "set up"), accounts.HouseForm{NameZh: "名铺", NameEn: "Names", Hosts: []string{"names.localhost"}, AgencyZh: "本站由样例代理经营", AgencyEn: "This site is run by an agent"})
	must(t, err)
	s.accountIn(second.ID, "lin@example.cn", "zh")

	gets := []string{"/orders/" + order, "/orders/" + order + "/live", "/names/rencai.com", "/profiles/" + ref, "/profiles/" + ref + "/edit", "/documents/" + paper,
		"/orders/AAAA-AAAA", "/names/nobody.com", "/names/%20", "/profiles/AAAA-AAAA", "/documents/AAAA-AAAA"}
	posts := map[string][]string{
		"/orders/" + order + "/pay": {"by", "wallet"}, "/orders/" + order + "/cancel": nil, "/orders/" + order + "/holder": {"profile", ref}, "/orders/" + order + "/refund": {"to", "wallet"},
		"/profiles/" + ref: {"holder", "person", "name", "盗", "document", "CN_ID"}, "/profiles/" + ref + "/detach": {"document", paper}, "/profiles/" + ref + "/submit": nil,
		"/profiles/" + ref + "/recall": nil, "/profiles/" + ref + "/consents": {"consent", "1"}, "/profiles/" + ref + "/withdraw": {"kind", texts.Sensitive},
	}
	for who, b := range map[string]*webtest.Person{"another account": s.enter("zhou@example.cn", "zh"), "another house": s.enterAt("names.localhost", "lin@example.cn", "zh")} {
		for _, path := range gets {
			if b.Visit(path); b.Page.Status != http.StatusNotFound {
				t.Errorf("%s: GET %s is %d, not 404", who, path, b.Page.Status)
			}
		}
		for path, form := range posts {
			if b.Post(path, form...); b.Page.Status != http.StatusNotFound {
				t.Errorf("%s: POST %s is %d, not 404:\n%s", who, path, b.Page.Status, b.Page.Text())
			}
		}
		for _, path := range []string{"/orders", "/names", "/profiles", "/wallet", "/notices"} {
			b.Visit(path).Miss(order, "rencai.com", ref)
			if b.Page.Status != http.StatusOK {
				t.Errorf("%s: GET %s is %d", who, path, b.Page.Status)
			}
		}
	}
	// A profile of somebody else's cannot hold an order either.
	z := s.enter("zhou@example.cn", "zh").Post("/cart", "add", "zhou-names.com")
	if z.Visit("/checkout?profile="+ref).Miss("王小明").Post("/orders", "profile", ref, "consent", "1"); z.Page.Status != http.StatusNotFound {
		t.Errorf("an order with another's profile is %d, not 404", z.Page.Status)
	}
}

// place orders a name and leaves it unpaid.
func (s *shop) place(who actor.Actor, mail, profile string) string {
	s.t.Helper()
	var accept, consent []int64
	must(s.t, s.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := orders.RequiredTexts(tx, who.House, []string{"com"})
		if err != nil {
			return err
		}
		for _, v := range list {
			accept = append(accept, v.ID)
		}
		v, err := texts.Current(tx, who.House, texts.ToRegistry("com"))
		consent = append(consent, v.ID)
		return err
	}))
	must(s.t, identity.Consent(ctx, s.DB, who, profile, consent))
	s.enter(mail, "zh").Post("/cart", "add", "rencaiwang.com")
	q, err := orders.QuoteCart(ctx, s.DB, who)
	must(s.t, err)
	ref, err := orders.Place(ctx, s.DB, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: accept})
	must(s.t, err)
	return ref
}

func TestEveryPageOfAnAccountAsksVisitorsToSignIn(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	for _, path := range []string{"/checkout", "/orders", "/orders/AAAA-AAAA", "/names", "/names/a.com", "/profiles", "/profiles/new", "/profiles/AAAA-AAAA", "/documents/AAAA-AAAA", "/wallet", "/notices"} {
		s.Person(t, "en").Visit(path).Is("/sign-in", 200)
	}
}

func TestANameHasOneAddressHoweverItIsWritten(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	lin := s.account("lin@example.cn", "zh")
	s.record(lin, "人才网.com", 0)
	b := s.enter("lin@example.cn", "zh")
	for _, path := range []string{"/names/人才网.com", "/names/" + url.PathEscape("人才网.com"), "/names/XN--GMQ009BYGV.com", "/names/人才网。COM"} {
		b.Visit(path)
		if b.Page.Status != http.StatusMovedPermanently || b.Head.Get("Location") != "/names/xn--gmq009bygv.com" {
			t.Errorf("%s leads to %q (%d)", path, b.Head.Get("Location"), b.Page.Status)
		}
	}
	b.Visit("/names/xn--gmq009bygv.com").See("人才网.com", "正常", "ok", "还没有设置 DNS 服务器")
}

func TestPapersGoToTheirAccountOnlyAndStayNowhere(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	lin := s.account("lin@example.cn", "zh")
	ref := s.profile(lin)
	var paper string
	must(t, d.Read(ctx, func(tx *db.Tx) error {
		p, err := identity.Find(tx, lin, ref)
		paper = p.Documents[0].Ref
		return err
	}))
	b := s.enter("lin@example.cn", "zh").Visit("/documents/" + paper)
	for key, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"} {
		if got := b.Head.Values(key); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, not %q", key, got, want)
		}
	}
	if !strings.HasPrefix(b.Head.Get("Content-Disposition"), "inline") {
		t.Errorf("Content-Disposition is %q", b.Head.Get("Content-Disposition"))
	}
}

func TestAnUploadThatIsNoPictureIsRefusedByName(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.account("lin@example.cn", "en")
	b := s.enter("lin@example.cn", "en").Visit("/profiles/new?holder=person").Fill("Full name", "王小明", "Document number", "11010519491231002X").Choose("Document type", "Resident").Tick("I consent to the handling").Press("Save and continue", "")
	bad := picture(0)
	bad.Content = []byte("%PDF-1.7 no picture")
	must(t, b.Page.Attach("Front of the document, or licence", bad))
	b.Press("Upload papers", "")
	if b.Page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("is %d", b.Page.Status)
	}
	b.See("PDF")
	bad.Content = append(picture(0).Content, make([]byte, 11<<20)...)
	must(t, b.Page.Attach("Front of the document, or licence", bad))
	b.Press("Upload papers", "").See("10 MB")
	b.Press("Submit for review", "")
	if b.Page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("an incomplete profile was submitted: %d", b.Page.Status)
	}
	b.See("Phone", "Contact email", "Postcode", "Street address", "District or county")
}

func TestAFieldIsJudgedAsItIsLeft(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.account("lin@example.cn", "en")
	b := s.enter("lin@example.cn", "en")
	b.Post("/profiles/check?field=number", "holder", "person", "document", "CN_ID", "number", "110105194912310021").Is("/profiles/check", 200).Miss("Address", "The form is right")
	b.Post("/profiles/check?field=number", "holder", "person", "document", "CN_ID", "number", "11010519491231002X").See("The form is right")
	b.Post("/profiles/check?field=password", "holder", "person").Is("/profiles/check", 404)
	b.Post("/profiles/divisions", "country", "CN", "province", "330000").Choose("City", "杭州市")
	b.Post("/profiles/divisions", "country", "HK").See("Town").Miss("Province")
}

func TestNoticesShowNoSecret(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	lin := s.account("lin@example.cn", "zh")
	must(t, d.Write(ctx, func(tx *db.Tx) error {
		_, err := notices.Owe(tx, notices.Owed{House: 1, Account: lin.Account, Person: lin.Person, To: "lin@example.cn", Lang: "zh", Message: "orders.placed",
			Args: map[string]string{"Ref": "Y7K2-9QDM", "Names": "a.com", "Currency": "CNY", "Until": "tomorrow"}, Secret: map[string]string{"Total": "482913"}})
		return err
	}))
	s.enter("lin@example.cn", "zh").Visit("/notices").See("Y7K2-9QDM", notices.Hidden).Miss("482913")
}

func TestTheCashierIsToldWhereToLeadTheBuyerBack(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.account("lin@example.cn", "zh")
	b := s.enter("lin@example.cn", "zh").Visit("/wallet").Fill("充值金额", "12.345").Press("去充值", "").Is("/wallet", 422).See("最多两位小数")
	b.Fill("充值金额", "200")
	req, err := b.Page.Press("去充值", "")
	must(t, err)
	must(t, req.ParseForm())
	req.PostForm.Del("as") // whose page it is, and where
	req.PostForm.Del("at")
	if body := req.PostForm.Encode(); body != "amount=200" {
		t.Errorf("the form sends %q", body)
	}
}

func TestAFormSaysAllThatIsWrongInOneGo(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.top(s.account("lin@example.cn", "en"), 50000)
	b := s.enter("lin@example.cn", "en").Visit("/profiles/new?holder=person")
	b.Fill("Full name", "王小明", "Document number", "110105194912310021").Choose("Document type", "Resident").Press("Save and continue", "").Is("/profiles", 422)
	b.See("7 things to put right", "The check digit does not fit", "cannot be saved without this consent", "王小明")
	b.Tick("I consent to the handling").Press("Save and continue", "").Is("/profiles", 422).See("6 things to put right", "The check digit does not fit")
	b.Fill("Document number", "11010519491231002X").Press("Save and continue", "").See("Saved as a draft") // a draft may have gaps
	b.Press("Submit for review", "").See("7 things to put right")

	b.Post("/cart", "add", "人才网.招聘").Visit("/checkout").Press("Place order", "").Is("/orders", 422)
	b.See("5 things to put right", "tick it by itself", "Privacy Notice: Read this text and tick it")
}

func TestWhoseMoneyHasJustArrivedIsNotAskedToPayAgain(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	who := s.account("lin@example.cn", "zh")
	b := s.enter("lin@example.cn", "zh").Post("/cart", "add", "yumen-story.com").Visit("/checkout")
	for _, label := range []string{"我已阅读并同意域名注册服务协议", "我已阅读并同意个人信息保护告知", "我已阅读并同意.com"} {
		b.Tick(label)
	}
	b.Press("提交订单", "").See("等你付款", "去收银台付款", "取消订单")
	order := b.Page.URL.Path
	must(t, d.Write(ctx, func(tx *db.Tx) error { // the bank's word, before the order's own flow ran
		return ledger.HoldFromChannel(tx, actor.System(who.House, "test", "callback"), who.House, who.Account, path.Base(order), "bank", "P-TEST-1", ledger.CNY(7500))
	}))
	b.Visit(order).See("款项已到账", "不用再付").Miss("去收银台付款", "用钱包付款", "取消订单", "¥0")
}

func TestAnOrderThatWaitsForItsHolderSaysWhoHasToMove(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	s.top(s.account("lin@example.cn", "zh"), 50000)
	b := s.enter("lin@example.cn", "zh").Visit("/profiles/new?holder=person")
	b.Fill("姓名", "王小明", "证件号码", "11010519491231002X", "电话", "13800138000", "联系邮箱", "wang@example.cn", "详细地址", "文三路 1 号", "邮政编码", "310012")
	b.Choose("证件类型", "居民身份证").Choose("省级", "浙江省").Press("更新地区列表", "").Choose("市级", "杭州市").Press("更新地区列表", "").Choose("区县", "西湖区")
	b.Tick("我同意处理我的证件信息").Press("保存并继续", "")
	profile := b.Page.URL.Path
	b.Post("/cart", "add", "yumen-story.com").Visit("/checkout")
	for _, label := range []string{"我同意向 .com", "我已阅读并同意域名注册服务协议", "我已阅读并同意个人信息保护告知", "我已阅读并同意.com"} {
		b.Tick(label)
	}
	b.Press("提交订单", "").Press("用钱包付款", "").See("还没有提交审核", "等你处理")
	order := b.Page.URL.Path
	b.Visit(profile)
	must(t, b.Page.Attach("证件正面或证照", picture(0)))
	must(t, b.Page.Attach("证件背面", picture(1)))
	b.Press("上传材料", "").Press("提交审核", "").Visit(order).See("审核员正在审核", "等我们处理").Miss("等你处理")

	// The buyer thinks better of it; a page that still offers it is told so.
	stale := s.enter("lin@example.cn", "zh").Visit(order)
	b.See("取消并退款", "款项全额原路退回").Press("取消 yumen-story.com，退 ¥75", "").Is(order, 200).See("已取消，正在全额退款", "已全额退款", "你在提交注册局之前取消了 yumen-story.com").Miss("取消并退款", "选择持有者")
	stale.Press("取消 yumen-story.com，退 ¥75", "").Is(order+"/cancel", 409).See("yumen-story.com 已办结或正在退款")
	b.Post(order+"/cancel", "item", "x").Is(order+"/cancel", 404)
	b.Visit("/wallet").See("¥500")
}
