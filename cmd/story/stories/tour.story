story A tour of every page, for those who want to see them all

registry settings {"ending":"招聘","auto_approve":"0s"}
rival register tour-taken.com

# What anyone sees.
as    visitor
visit /
visit /search?q=人才网
see   人才网.招聘
visit /search?q=tour-taken
see   已注册 | Taken
visit /search?q=a b.com
status 422
visit /search?q=beijing coffee
see   beijingcoffee.com
visit /search/lists
fill  域名 | Names = tour-list.cn, tour-taken.com, no name
press 开始查询 | Check them
see   已注册 | Taken
visit /endings
visit /prices
visit /endings/招聘
visit /endings/cn
visit /status
visit /notice
visit /help
visit /help/register
visit /help/identity
visit /help/waiting
visit /help/refunds
visit /help/expiry
visit /help/names
visit /help/account
visit /help/complaints
visit /
press 域名注册协议 | Registration agreement
status 200
visit /
press 个人信息保护 | Privacy
status 200
visit /cart
visit /sign-in
visit /reset
visit /nothing/here
status 404

visit  /complaints/new
press  提交投诉 | Submit complaint
status 422
choose 类型 = 钓鱼与诈骗 | Kind = Phishing and fraud
fill   域名 | Domain name = tour-taken.com
fill   发生了什么 | What happened = 冒充招聘平台，骗取报名费。
fill   姓名或单位 | Your name or organisation = 举报人
fill   电子邮件 | Email = reporter@example.cn
tick   同意为处理本次投诉使用以上联系方式 | Use these contact details to handle this complaint
press  提交投诉 | Submit complaint
keep   receipt = /(?:受理编号|Case number)\s+([A-Z0-9]{4}-[A-Z0-9]{4})/
keep   secret = /(?:查询码|Access code)\s+([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)/
visit  /complaints
fill   受理编号 | Case number = {receipt}
fill   查询码 | Access code = {secret}
press  查看进度 | See the progress
see    冒充招聘平台

# An account, empty at first.
as    hua
visit /sign-up
press 发送验证码 | Send code
status 422
first parts/sign-up.story
visit /names
visit /orders
visit /profiles
visit /wallet
fill  充值金额 | Amount = 200
press 去充值 | Top up
press 支付 Pay
see   ¥200
visit /notices
visit /account
visit /account/totp
keep  secret = /((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})/
totp  {secret}
fill  6 位动态码 | 6-digit app code = {totp}
press 开启 | Turn on
see   只显示这一次 | Shown this once
press 已保存，继续 | Saved, go on
visit /profiles/new
press 新建单位模板 | New profile of an organisation

# A holder's particulars, from draft to review.
first parts/person.story
visit /profiles/{profile}/edit
visit /profiles/{profile}
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

# Two orders: one waits for its payment, one for the holder.
visit /search?q=tour-story
press 加入购物车 | Add to cart @ tour-story.cn
visit /cart
visit /checkout
press 提交订单 | Place order
status 422
tick  我同意向 .cn 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .cn
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn
first parts/order.story
visit /search?q=华夏
press 加入购物车 | Add to cart @ 华夏.招聘
visit /checkout
tick  我同意向 .招聘 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .招聘
tick  我同意将资料提供至境外（.招聘） | I consent to sending the data abroad (.招聘)
tick  我已阅读并同意.招聘 | I have read and accept: Registration rules for .招聘
first parts/order.story
first parts/pay.story
see   待实名 | Needs identity

# What staff see.
as    compliance
sign in compliance@example.cn
visit /staff
visit /staff/complaints
visit /staff/complaints/{receipt}
visit /staff/desk
visit /staff/approvals
visit /staff/duties
visit /staff/permits
visit /staff/permits/permit
visit /staff/permits/withdraw
visit /staff/permits/imprint
visit /staff/permits/new-ending
visit /staff/permits/endings/cn
visit /staff/orders
visit /staff/orders/{order}
visit /staff/registries
visit /staff/jobs
visit /staff/audit
as    reviewer
sign in reviewer@example.cn
visit /staff/reviews
press 认领 | Claim
visit /staff/reviews/{profile}
see   实名核验一致 | Real-name verification: match
fill  查看理由 | Reason for looking = 核对姓名与号码
press 查看 | View
fill  查看理由 | Reason for looking = 细看四角
press 放大 | Enlarge
visit /staff/reviews/{profile}
press 证件背面 | Back
fill  查看理由 | Reason for looking = 核对签发机关与有效期
press 查看 | View
press 审核通过 | Approve

# Pending at the registry, then registered.
as    hua
visit /orders/{order}
see   等待审核 | waiting for its review
visit /names
visit /names/华夏.招聘
registry says approve 华夏.招聘
visit /orders/{order}
see   已注册 | registered, valid until
visit /names
visit /names/华夏.招聘
visit /orders
visit /profiles
visit /profiles/{profile}
visit /notices

# The agent's house.
as    visitor
house agent.localhost
visit /
visit /endings/cn
visit /notice
