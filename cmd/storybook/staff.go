package main

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/audit"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/static"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/staff"
)

// onDuty is the member of staff who looks at the pages.
const onDuty = 1024

func staffPage(ctx context.Context, p layout.Page, current, title string) layout.Page {
	may := map[string]bool{}
	for _, key := range []string{"reviews", "complaints", "desk", "approvals", "permits", "names", "duties", "orders", "registries", "jobs", "audit"} {
		may[key] = true
	}
	may[current] = true
	p.Title, p.Nav, p.NoIndex = title, "staff", true
	p.Viewer = layout.Viewer{Name: "reviewer@example.cn", Staff: true}
	p.Rail = layout.StaffRail(ctx, current, may, map[string]int{"reviews": 18, "complaints": 7, "desk": 27, "approvals": 1}, map[string]bool{"complaints": true})
	return p
}

func staffTasks() []desk.Item {
	return []desk.Item{
		{ID: 1, Kind: complaints.TaskKind, Ref: "C7K2-9QDM", Summary: "complaints.task.fraud", ArgsJSON: `{"Receipt":"C7K2-9QDM"}`, State: desk.Waiting, OpenedAt: at("2026-11-22 00:50"), Due: at("2026-11-22 10:24")},
		{ID: 2, Kind: identity.TaskKind, Ref: "R4TM-8XKQ", Summary: "identity.task.organisation", ArgsJSON: `{"Display":"示例域名有限公司","Number":"9111••••••••••001X"}`, State: desk.Claimed, ClaimedBy: onDuty, Claimer: "r***r@example.cn", OpenedAt: at("2026-11-21 16:02"), Due: at("2026-11-23 09:00")},
		{ID: 3, Kind: identity.TaskKind, Ref: "H2WP-6NDV", Summary: "identity.task.person", ArgsJSON: `{"Display":"张**","Number":"1101••••••••0011"}`, State: desk.Claimed, ClaimedBy: 7, Claimer: "s***t@example.cn", OpenedAt: at("2026-11-21 18:40"), Due: at("2026-11-24 18:00")},
		{ID: 4, Kind: "orders.unknown", Ref: "Y7K2-9QDM/1", Summary: "orders.task.unknown", ArgsJSON: `{"Order":"Y7K2-9QDM","Name":"猎头问答.招聘"}`, State: desk.Waiting, OpenedAt: at("2026-11-22 09:10")},
	}
}

func staffStories() []story {
	return []story{
		{"staff-overview", func(ctx context.Context, p layout.Page) templ.Component {
			l := staffTasks()
			p = staffPage(ctx, p, "overview", locales.T(ctx, "staff.overview.title"))
			return staff.OverviewPage(p, staff.Overview{
				Now: at("2026-11-22 10:42"), Person: onDuty, Mine: l[1:2], Next: []desk.Item{l[0], l[3]},
				Tiles: []staff.Tile{
					{Name: locales.T(ctx, "staff.overview.reviews"), Value: "18", Href: "/staff/reviews"},
					{Kind: "bad", Name: locales.T(ctx, "staff.overview.complaints"), Value: "7", Note: locales.T(ctx, "staff.overview.late"), Href: "/staff/complaints"},
					{Name: locales.T(ctx, "staff.overview.tasks"), Value: "27", Href: "/staff/desk"},
					{Name: locales.T(ctx, "staff.overview.approvals"), Value: "1", Href: "/staff/approvals"},
					{Name: locales.T(ctx, "staff.overview.permit"), Value: locales.T(ctx, "staff.overview.days", "Count", 812), Note: locales.T(ctx, "staff.overview.permit_to", "Date", "2029-02-11"), Href: "/staff/permits"},
				},
			})
		}},
		{"staff-reviews", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.reviews.title"))
			return staff.ReviewsPage(p, staff.Reviews{Tasks: staffTasks()[1:3], Now: at("2026-11-22 10:42"), Person: onDuty, First: true, Next: "/staff/reviews?after=3"})
		}},
		{"staff-review", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(locales.Lang(ctx))
			v.Picture = templ.SafeURL(static.URL("mark.svg"))
			return staff.ReviewPage(p, v)
		}},
		{"staff-picture", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(locales.Lang(ctx))
			v.Picture = templ.SafeURL(static.URL("mark.svg"))
			return staff.PicturePage(p, v)
		}},
		{"staff-review-waiting", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(locales.Lang(ctx))
			v.Task.State, v.Task.ClaimedBy, v.Checks = desk.Waiting, 0, nil
			return staff.ReviewPage(p, v)
		}},
		{"staff-review-refused", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(locales.Lang(ctx))
			v.Look.Error = locales.T(ctx, "documents.reason_missing")
			v.Decide = staff.Decide{Items: []string{"address_mismatch"}, Errors: []parts.FieldError{{Field: "advice", Text: locales.T(ctx, "identity.advice_missing")}}}
			return staff.ReviewPage(p, v)
		}},
		{"staff-review-unseen", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(locales.Lang(ctx))
			v.SameSides, v.Documents[1].Kind = true, documents.Back
			v.Unseen = v.Documents
			v.Decide.Errors = []parts.FieldError{{Field: "paper-main", Text: locales.T(ctx, "identity.unseen.main")}, {Field: "paper-back", Text: locales.T(ctx, "identity.unseen.back")}}
			return staff.ReviewPage(p, v)
		}},
		{"staff-review-decided", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p = staffPage(ctx, p, "reviews", locales.T(ctx, "staff.review.title"))
			v := review(lang)
			v.State, v.Task = identity.Rejected, desk.Item{}
			v.Reasons = identity.Decision{Items: []identity.Item{"address_mismatch", "image_unclear"}, Advice: say(lang, "住所请按执照填写，不写“A 座”；执照右下角反光，请重新拍摄。", "Write the address as it stands on the licence, without “Tower A”; the lower right corner reflects, please take the picture again.")}
			return staff.ReviewPage(p, v)
		}},
		{"staff-complaints", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "complaints", locales.T(ctx, "staff.complaints.title"))
			return staff.ComplaintsPage(p, staff.Complaints{List: cases(), Now: at("2026-11-22 10:42"), First: true})
		}},
		{"staff-complaint", func(ctx context.Context, p layout.Page) templ.Component {
			return staffComplaint(ctx, p, func(*staff.Complaint) {})
		}},
		{"staff-complaint-answered", func(ctx context.Context, p layout.Page) templ.Component {
			return staffComplaint(ctx, p, func(v *staff.Complaint) {
				v.State, v.Answered, v.Task = complaints.Answered, at("2026-11-22 09:40"), desk.Item{}
				v.Errors = []parts.FieldError{{Field: "text", Text: locales.T(ctx, "complaints.answer_missing")}}
			})
		}},
		{"staff-desk", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "desk", locales.T(ctx, "staff.desk.title"))
			return staff.DeskPage(p, staff.Desk{Tasks: staffTasks(), Now: at("2026-11-22 10:42"), Person: onDuty, First: true})
		}},
		{"staff-desk-done", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "desk", locales.T(ctx, "staff.desk.title"))
			l := staffTasks()[:2]
			for i := range l {
				l[i].State, l[i].ClosedBy, l[i].ClaimedBy, l[i].ClosedAt, l[i].Claimer = desk.Closed, onDuty, onDuty, at("2026-11-22 10:20"), "r***r@example.cn"
			}
			l[0].Outcome, l[1].Outcome = "answered", "approved"
			return staff.DeskPage(p, staff.Desk{Done: true, Tasks: l, Now: at("2026-11-22 10:42"), Person: onDuty, First: true})
		}},
		{"staff-task", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "desk", locales.T(ctx, "staff.task.title"))
			i := staffTasks()[3]
			i.State, i.ClaimedBy, i.Claimer, i.Due = desk.Claimed, onDuty, "s***t@example.cn", at("2026-11-22 18:00")
			return staff.TaskView(p, staff.Task{Item: i, Now: at("2026-11-22 10:42"), Person: onDuty})
		}},
	}
}

func review(lang string) staff.Review {
	v := staff.Review{Now: at("2026-11-22 10:42"), Person: onDuty, Chosen: "D3XW-7KTP"}
	v.Version = identity.Version{ID: 9, Ref: "R4TM-8XKQ", Number: 2, State: identity.InReview, Label: say(lang, "公司主体", "Company"), Holder: persons.Organisation,
		Document: persons.BizLicense, Display: "示例域名有限公司", Submitted: at("2026-11-21 16:02"), Consents: map[string]bool{"consent:sensitive": true, "consent:registry:xn--otu796d": true, "consent:crossborder:xn--otu796d": false}}
	v.Task = desk.Item{ID: 2, State: desk.Claimed, ClaimedBy: onDuty, Claimer: "r***r@example.cn", Due: at("2026-11-23 09:00")}
	v.Data = identity.Data{Name: "示例域名有限公司", NameLatin: "Shili Yuming Youxian Gongsi", Number: "9111••••••••••001X", Country: "CN", Division: "110108",
		Street: "示例路 1 号示例大厦 A 座 8 层", Postcode: "100000", Phone: "+86.13800000000", Email: "lin@example.cn", AgentName: "张示例", AgentNumber: "1101••••••••0011", AgentPhone: "+86.13800000000", Endings: []string{"xn--otu796d", "cn"}}
	v.Documents = []documents.Document{{Ref: "D3XW-7KTP", Kind: documents.Main, Width: 2480, Height: 1754}, {Ref: "D9QC-4MZR", Kind: documents.Authorisation, Width: 1654, Height: 2339}}
	v.Checks = []identity.Check{
		{Point: "number", Verdict: identity.CheckOK, Message: "identity.check.number_ok", At: at("2026-11-21 16:02")},
		{Point: "name", Verdict: identity.CheckOK, Message: "identity.check.name_ok", At: at("2026-11-21 16:02")},
		{Point: "images", Verdict: identity.CheckWarn, Message: "identity.check.images_small", At: at("2026-11-21 16:02")},
		{Point: "verifier", Verdict: identity.CheckRefuse, Message: "identity.check.verifier_mismatch", Evidence: "VR-20261121-88121", At: at("2026-11-21 16:03")},
	}
	v.Contacts = []identity.RegistryContact{{Registry: "zhaopin", ContactID: "ym3f8k2q", State: identity.ContactPending}}
	v.Before = []identity.Version{{Number: 1, State: identity.Supplement}}
	v.Others = 1
	v.Events = []audit.Event{
		{At: at("2026-11-20 16:02"), Act: "identity.supplement", Name: "r***r@example.cn", Reason: say(lang, "经办人证件反光", "The acting person's document reflects")},
		{At: at("2026-11-21 16:02"), Act: "identity.submitted", Name: "l***n@example.cn"},
		{At: at("2026-11-21 16:03"), Act: "identity.checked", Name: "system:identity"},
	}
	return v
}

func cases() []complaints.Complaint {
	one := func(receipt string, k complaints.Kind, about string, s complaints.State, by string) complaints.Complaint {
		return complaints.Complaint{Receipt: receipt, Kind: k, About: about, State: s, Filed: at("2026-11-22 00:50"), ReplyBy: at(by), AnswerBy: at(by)}
	}
	return []complaints.Complaint{
		one("C3VN-8RTQ", complaints.Fraud, "示例-pay.公司", complaints.Accepted, "2026-11-22 10:24"),
		one("C7K2-9QDM", complaints.Fraud, "猎头问答.招聘", complaints.Accepted, "2026-11-22 14:00"),
		one("C4HM-2XWP", complaints.FalseData, "实习机会.网络", complaints.Received, "2026-11-24 18:00"),
		one("C9TD-5KZC", complaints.Service, "", complaints.Received, "2026-11-26 18:00"),
	}
}

func staffComplaint(ctx context.Context, p layout.Page, change func(*staff.Complaint)) templ.Component {
	lang := locales.Lang(ctx)
	p = staffPage(ctx, p, "complaints", locales.T(ctx, "staff.complaint.title", "Receipt", "C7K2-9QDM"))
	v := staff.Complaint{Complaint: cases()[1], Queue: cases(), Now: at("2026-11-22 10:42"), Person: onDuty, U: "猎头问答.招聘", A: "xn--2ss941du0fjw2a.xn--otu796d",
		Task: desk.Item{ID: 1, State: desk.Claimed, ClaimedBy: onDuty}, Names: map[int64]string{onDuty: "s***t@example.cn"}}
	v.Name, v.Mail, v.Phone, v.URL, v.Lang = say(lang, "示例人力（上海）有限公司，王示例", "Sample Staffing (Shanghai), Ms Wang"), "wang@example.cn", "13800000000", "http://xn--2ss941du0fjw2a.xn--otu796d/jobs", lang
	v.Complaint.Text = say(lang, "有人用我们公司的名字在这个网站招人，先收 600 元押金。我们从没授权过。", "Someone recruits in our company's name on this site and takes a deposit of 600 yuan. We never authorised it.")
	v.Replied, v.AnswerBy = at("2026-11-22 02:14"), at("2026-11-22 20:00")
	v.AnswerRule = "24 hours from 2026-11-22 (" + complaints.ClauseUrgent + ")"
	v.Events = []complaints.Event{
		{At: at("2026-11-22 00:50"), State: complaints.Received},
		{At: at("2026-11-22 02:14"), State: complaints.Accepted, Person: onDuty, Text: say(lang, "已受理，正在核查网页与持有者信息。", "Accepted; the page and the holder's data are being checked.")},
		{At: at("2026-11-22 02:20").Add(30 * time.Second), State: complaints.Accepted, Person: onDuty, Internal: true, Text: say(lang, "网页已存证。", "The page was archived.")},
	}
	change(&v)
	return staff.ComplaintPage(p, v)
}
