package main

import (
	"context"

	"github.com/a-h/templ"

	"yumen/views/layout"
)

// kitStories show every part once, in the two frames of signed-in work.
func kitStories() []story {
	all := map[string]bool{"reviews": true, "complaints": true, "desk": true, "approvals": true, "duties": true, "permits": true, "orders": true, "registries": true, "jobs": true, "audit": true}
	return []story{
		{"kit-customer", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav, p.CartCount, p.Refresh = "Kit", "orders", 2, 20
			p.Viewer = layout.Viewer{Name: "registrant@example.cn"}
			p.Rail = layout.CustomerRail(ctx, "orders", map[string]int{"names": 12, "orders": 1, "profiles": 3})
			p.Flash = []layout.Flash{{Kind: "ok", Title: "已保存", Text: "Saved."}}
			return kitFlow(p)
		}},
		{"kit-staff", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = "Kit", "staff"
			p.Viewer = layout.Viewer{Name: "reviewer@example.cn", Staff: true}
			p.Rail = layout.StaffRail(ctx, "reviews", all, map[string]int{"reviews": 18, "complaints": 7}, map[string]bool{"complaints": true})
			return kitForms(p)
		}},
		{"kit-dialog", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = "Kit"
			p.Viewer = layout.Viewer{Name: "registrant@example.cn"}
			return kitDialog(p)
		}},
	}
}
