package main

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/screening"
	"yumen/static"
	"yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/staff"
)

// formsOf are the spellings that belong to a name, as pages show them.
func formsOf(name string) parts.Forms {
	n := names.MustParse(name)
	return parts.FormsOf(n.Label(), n.Ending(), true, func(l names.Label) templ.SafeURL {
		return templ.SafeURL("/search?q=" + l.A() + "." + n.EndingA())
	})
}

func nameReview() screening.Review {
	return screening.Review{ID: 9, Ref: "N4TM-8XKQ", Kind: screening.Near, NameA: names.MustParse("赌-博.招聘").A(), NameU: "赌-博.招聘", Item: "Y7K2-9QDM/1", State: screening.Open,
		Said: `{"state":"needs_review","class":"P7","pattern":"赌博","source":"prohibited","list":"2014-02/2026-1+0"}`, OpenedAt: at("2026-11-22 09:10"), Due: at("2026-11-24 18:00")}
}

func appealed(lang string) screening.Review {
	r := nameReview()
	r.Kind, r.Item, r.NameU, r.NameA = screening.Appealed, "", "赌博网.招聘", names.MustParse("赌博网.招聘").A()
	r.Statement = say(lang, "我们是戒赌互助会，网站提供戒断辅导。", "We are a self-help group for people who want to stop gambling.")
	r.Evidence = say(lang, "社会团体登记证书（示例）第 0001 号", "Certificate of registration (sample) no. 0001")
	return r
}

// proofs are the images that an applicant added.
func proofs() []documents.Document {
	return []documents.Document{{Ref: "P3XW-7KTP", Kind: documents.Evidence, UploadedAt: at("2026-11-22 09:20")}, {Ref: "P9QC-4MZR", Kind: documents.Evidence, UploadedAt: at("2026-11-22 09:21")}}
}

func decidedReview(lang string) screening.Review {
	r := appealed(lang)
	r.State, r.DecidedAt, r.Decider, r.Class = screening.Refused, at("2026-11-22 10:30"), "c***e@example.cn", "P7"
	r.Reason = say(lang, "登记证书与申请人不符。", "The certificate is another organisation's.")
	return r
}

func nameTask() desk.Item {
	return desk.Item{ID: 5, Kind: desk.NameReview, Ref: "N4TM-8XKQ", Summary: "screening.task.near", ArgsJSON: `{"Name":"赌-博.招聘","Class":"P7"}`, State: desk.Claimed, ClaimedBy: onDuty,
		Claimer: "c***e@example.cn", OpenedAt: at("2026-11-22 09:10"), Due: at("2026-11-24 18:00")}
}

func nameLists(ctx context.Context) staff.NameLists {
	lang := locales.Lang(ctx)
	return staff.NameLists{Shipped: 1394, First: true, Looked: 128, Listed: []names.Name{names.MustParse("后来列入.招聘")}, Met: map[int64][]names.Name{7: {names.MustParse("例词网.招聘")}},
		Entries: []screening.Entry{
			{ID: 3, Pattern: "例词", Match: screening.Contains, Class: "P6", Source: say(lang, "通知第 7 号", "notice no. 7"), List: "示例名单", By: "c***e@example.cn", From: at("2026-11-20 09:00"), Reason: say(lang, "主管部门来函", "letter of the authority")},
			{ID: 2, Pattern: "赌博网", Match: screening.Whole, Class: screening.Allowed, Ending: "xn--otu796d", Source: "review N4TM-8XKQ", By: "c***e@example.cn", From: at("2026-11-22 10:30"), Reason: say(lang, "戒赌公益组织", "a charity")},
			{ID: 4, Pattern: "例名", Match: screening.Index, Class: screening.Domiciled, Domicile: "DE", Source: say(lang, "法律意见书", "legal opinion"), By: "c***e@example.cn", From: at("2026-11-20 09:00"), Reason: say(lang, "住所地法律禁止", "prohibited by law there")},
			{ID: 1, Pattern: "雄安", Match: screening.Index, Class: screening.Documents, Ending: "cn", Source: say(lang, "注册局", "the registry"), LiftedBy: say(lang, "主管部门", "the authority"), By: "a***n@example.cn", From: at("2026-11-01 09:00"),
				Reason: say(lang, "随名单导入", "with the list"), To: at("2026-11-19 18:00"), EndedBy: "c***e@example.cn", EndedReason: say(lang, "函已收回", "the letter was withdrawn")},
		},
		Imports: []screening.Import{
			{ID: 7, List: say(lang, "示例名单", "sample list"), Version: 3, State: "draft", File: "list-2026-11.csv", Digest: strings.Repeat("0a", 32), Rows: 7452, Added: 31, Ended: 4, Kept: 7421, By: "c***e@example.cn", Reason: say(lang, "十一月更新", "November's update")},
			{ID: 6, List: say(lang, "示例名单", "sample list"), Version: 2, State: "applied", File: "list-2026-08.csv", Rows: 7425, Added: 12, Ended: 0, Kept: 7413, By: "c***e@example.cn", Reason: say(lang, "八月更新", "August's update")},
		}}
}

func labelRule(ctx context.Context) staff.LabelRule {
	lang := locales.Lang(ctx)
	n := names.MustParse("人才网.招聘")
	table, err := names.ReadTable(strings.NewReader("# Version: 1.0\nU+4EBA;;\nU+624D;;\nU+7F51;U+7F51;U+7DB2\nU+3007;;\n"))
	if err != nil {
		panic(err) // a literal of this page
	}
	now := labels.Rules{Ending: n.EndingA(), State: labels.Shipped, Policy: n.Ending().Policy(), Persons: labels.RegistryDecides}
	draft := labels.Rules{ID: 4, Persons: labels.PersonsMayNot, Ending: n.EndingA(), Version: 2, State: labels.Draft, Policy: n.Ending().Policy(), Table: table, TableName: "zhaopin_zh-hans_1.0.txt",
		By: "c***e@example.cn", Reason: say(lang, "注册局三月的字表", "the registry's table of March"), At: at("2026-11-22 09:00")}
	ended := draft
	ended.Version, ended.State, ended.Table, ended.TableName = 1, labels.Dropped, nil, ""
	return staff.LabelRule{Ending: n.Ending(), Now: now, Draft: &draft, Compared: table.Compare(), Looked: 128, Unfit: []names.Name{names.MustParse("招聘网.招聘")},
		Versions: []labels.Rules{draft, ended}}
}

func customerPage(p layout.Page, title string) layout.Page {
	p.Title, p.Nav, p.Viewer, p.CartCount = title, "orders", holder, 2
	return p
}

// nameReviewStories are the pages about names that need a person, lists and rules.
func nameReviewStories() []story {
	return []story{
		{"staff-names", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.reviews"))
			return staff.NameReviewsPage(p, staff.NameReviews{Now: at("2026-11-22 10:42"), Person: onDuty, First: true, Tasks: []desk.Item{nameTask()}})
		}},
		{"staff-names-none", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.reviews"))
			return staff.NameReviewsPage(p, staff.NameReviews{First: true})
		}},
		{"staff-name-review", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", "赌-博.招聘")
			return staff.NameReviewPage(p, staff.NameReview{Review: nameReview(), Task: nameTask(), Now: at("2026-11-22 10:42"), Person: onDuty, Order: "/staff/orders/Y7K2-9QDM",
				Forms: formsOf("赌-博.招聘"), V: map[string]string{"verdict": "refuse"}, Errors: []parts.FieldError{{Field: "reason", Text: locales.T(ctx, "screening.reason_needed")}}})
		}},
		{"staff-name-review-evidence", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", "赌博网.招聘")
			return staff.NameReviewPage(p, staff.NameReview{Review: appealed(locales.Lang(ctx)), Task: nameTask(), Now: at("2026-11-22 10:42"), Person: onDuty, Papers: proofs(),
				Chosen: "P3XW-7KTP", Picture: templ.SafeURL(static.URL("mark.svg")), Errors: []parts.FieldError{{Field: "look-reason", Text: locales.T(ctx, "documents.reason_missing")}}})
		}},
		{"staff-name-review-decided", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", "赌博网.招聘")
			return staff.NameReviewPage(p, staff.NameReview{Review: decidedReview(locales.Lang(ctx)), Now: at("2026-11-22 10:42"), Person: onDuty})
		}},
		{"staff-name-lists", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.lists"))
			return staff.NameListsPage(p, nameLists(ctx))
		}},
		{"staff-name-lists-faults", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.lists"))
			v := staff.NameLists{Shipped: 1394, First: true, Faults: []screening.Fault{{Line: 3, Text: "甲 乙,P7", ID: "screening.line_pattern"}, {Line: 9, Text: "丙,P77", ID: "screening.line_class"}},
				Errors: []parts.FieldError{{Field: "file", Text: locales.T(ctx, "screening.file_faults", "Count", 2)}}, V: map[string]string{"list": "A"}}
			return staff.NameListsPage(p, v)
		}},
		{"staff-label-rules", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.rules"))
			v := labelRule(ctx)
			return staff.LabelRulesPage(p, staff.LabelRules{Rows: []staff.LabelRow{{Ending: v.Ending, Now: v.Now, Draft: true}}})
		}},
		{"staff-label-rule", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.rules"))
			return staff.LabelRulePage(p, labelRule(ctx))
		}},
		{"staff-label-rule-refused", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "names", locales.T(ctx, "staff.names.rules"))
			v := labelRule(ctx)
			v.Draft, v.Versions = nil, nil
			v.V = map[string]string{"max_ascii": "2", "hyphens": "inside", "persons": "no", "source": "1"}
			v.Errors = []parts.FieldError{{Field: "max_ascii", Text: locales.T(ctx, "labels.between", "Least", 3, "Most", 63)}, {Field: "table", Text: locales.T(ctx, "labels.table_form", "Why", "line 3: \"x\" is no code point")}}
			return staff.LabelRulePage(p, v)
		}},
		{"review-new", func(ctx context.Context, p layout.Page) templ.Component {
			p = customerPage(p, locales.T(ctx, "review.ask_title"))
			return customer.ReviewAskPage(p, customer.ReviewAsk{Name: parts.DNOf("德国.招聘", names.MustParse("德国.招聘").A()), State: screening.Reserved, Due: at("2026-11-24 09:12"), Class: locales.T(ctx, "screening.class.r1")})
		}},
		{"review-new-refused", func(ctx context.Context, p layout.Page) templ.Component {
			p = customerPage(p, locales.T(ctx, "review.ask_title"))
			return customer.ReviewAskPage(p, customer.ReviewAsk{Name: parts.DNOf("赌博网.招聘", names.MustParse("赌博网.招聘").A()), State: screening.Prohibited, Due: at("2026-11-24 09:12"), Class: locales.T(ctx, "screening.class.p7"),
				Errors: []parts.FieldError{{Field: "statement", Text: locales.T(ctx, "screening.field_needed")}}})
		}},
		{"review-open", func(ctx context.Context, p layout.Page) templ.Component {
			return customer.ReviewPage(customerPage(p, "赌博网.招聘"), customer.Review{Review: appealed(locales.Lang(ctx)), Papers: proofs(),
				Errors: []parts.FieldError{{Field: "evidence", Text: locales.T(ctx, "documents.not_image")}}})
		}},
		{"review-decided", func(ctx context.Context, p layout.Page) templ.Component {
			return customer.ReviewPage(customerPage(p, "赌博网.招聘"), customer.Review{Review: decidedReview(locales.Lang(ctx)), Papers: proofs()})
		}},
		{"reviews", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			return customer.ReviewsPage(customerPage(p, locales.T(ctx, "review.mine")), customer.Reviews{List: []screening.Review{appealed(lang), decidedReview(lang)}})
		}},
		{"reviews-none", func(ctx context.Context, p layout.Page) templ.Component {
			return customer.ReviewsPage(customerPage(p, locales.T(ctx, "review.mine")), customer.Reviews{})
		}},
	}
}
