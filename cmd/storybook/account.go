package main

import (
	"context"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
)

func signUp(lang string) public.SignUp {
	return public.SignUp{
		Back: "/cart", MinPassword: 10,
		Texts: []public.AgreeText{
			{Value: "101", Title: say(lang, "域名注册协议", "Registration agreement"), Number: "2026-11-01.1", Href: "/texts/agreement"},
			{Value: "102", Title: say(lang, "个人信息保护规则", "Privacy notice"), Number: "2026-11-01.1", Href: "/texts/privacy"},
		},
	}
}

func accountStories() []story {
	return []story{
		{"sign-up", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.up.title")
			return public.SignUpPage(p, signUp(locales.Lang(ctx)))
		}},
		{"sign-up-refused", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "enter.up.title")
			s := signUp(lang)
			s.Mail, s.Texts[0].Checked = "lin@example.cn", true
			s.Errors = []parts.FieldError{
				{Field: "password", Text: say(lang, "至少 10 个字符，现为 6 个", "Needs 10 characters, has 6")},
				{Field: "agree", Text: say(lang, "同意协议后才能开户", "The account opens once you agree")},
			}
			return public.SignUpPage(p, s)
		}},
		{"sign-up-code", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Sandbox = locales.T(ctx, "enter.code.label"), true
			return public.CodePage(p, public.Code{Title: say(locales.Lang(ctx), "验证邮箱", "Verify your address"), Mail: "l***@example.cn", Action: "/sign-up/code", Again: "/sign-up/again", Shown: "482 913", Valid: 15})
		}},
		{"sign-in", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "enter.in.title")
			return public.SignInPage(p, public.SignIn{Mail: "registrant@example.cn", Back: "/orders", Error: say(lang, "邮箱或密码不对。再错 4 次将暂停 15 分钟。", "Address or password is wrong. After 4 more tries there is a pause of 15 minutes."),
				Cast: []public.CastLogin{{Mail: "registrant@example.cn", Role: say(lang, "持有者", "Registrant"), Password: "yumen-demo"}, {Mail: "reviewer@example.cn", Role: say(lang, "审核员", "Reviewer"), Password: "yumen-demo"}}})
		}},
		{"sign-in-totp", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.totp.title")
			return public.SecondFactorPage(p, public.SecondFactor{Back: "/orders"})
		}},
		{"sign-in-recovery", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.recovery.title")
			return public.SecondFactorPage(p, public.SecondFactor{Recovery: true, Error: say(locales.Lang(ctx), "这个恢复码已用过", "This recovery code was used before")})
		}},
		{"step-up", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.step.title")
			p.Viewer = layout.Viewer{Name: "lin@example.cn"}
			return public.StepUpPage(p, public.StepUp{For: say(locales.Lang(ctx), "关闭动态码", "turning off app codes"), Back: "/account"})
		}},
		{"reset", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.reset.title")
			return public.ResetAskPage(p, public.ResetAsk{})
		}},
		{"reset-new", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.new.title")
			return public.ResetNewPage(p, public.ResetNew{Token: "sample", Mail: "l***@example.cn", MinPassword: 10})
		}},
		{"totp-setup", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.setup.title")
			p.Viewer = layout.Viewer{Name: "lin@example.cn"}
			return public.TOTPSetupPage(p, public.TOTPSetup{Secret: "JBSW Y3DP EHPK 3PXP", URI: "otpauth://totp/Yumen:lin@example.cn?algorithm=SHA1&digits=6&issuer=Yumen&period=30&secret=JBSWY3DPEHPK3PXP"})
		}},
		{"totp-codes", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "enter.codes.title")
			p.Viewer = layout.Viewer{Name: "lin@example.cn"}
			return public.RecoveryCodesPage(p, public.RecoveryCodes{Codes: []string{"7kqd-m2xp", "9rtw-4hzc", "b3nf-8vys", "c6jg-1pkd", "d8lm-5qwt", "f2xh-7rbz", "g4vc-9tns", "h5yp-3dkw"}, Back: "/account"})
		}},
	}
}
