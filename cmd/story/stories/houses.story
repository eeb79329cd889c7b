story Two houses: an agent's shop sees nothing of the registrar's customers

# The agent says whose agent it is; the registrar's own house says no such thing.
as    visitor
visit /
not   不是域名注册服务机构 | not a registrar
house agent.localhost
visit /
see   示例代理 | Example Agent
see   是示例域名有限公司（许可文号 京D3-20990001）的代理商，不是域名注册服务机构 | This site is an agent of Example Domains Co., Ltd. (permit 京D3-20990001) and not a registrar
see   京ICP备2099000002号-1
see   400-000-0001
not   京ICP备2099000001号-1

# The registrar's customer has papers, an order, a name and a complaint.
as    registrant
sign in registrant@example.cn
first parts/person.story
tick  我同意向 .cn 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .cn
press 提交审核 | Submit for review
as    reviewer
first parts/approve.story
as    registrant
visit /search?q=house-story
press 加入购物车 | Add to cart @ house-story.cn
visit /checkout
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn
first parts/order.story
first parts/pay.story
see   已注册 | registered, valid until
visit  /complaints/new
choose 类型 = 服务质量 | Kind = Quality of service
fill   发生了什么 | What happened = 客服电话连续三天打不通。
fill   姓名或单位 | Your name or organisation = 注册人
fill   电子邮件 | Email = registrant@example.cn
tick   同意为处理本次投诉使用以上联系方式 | Use these contact details to handle this complaint
press  提交投诉 | Submit complaint
keep   receipt = /(?:受理编号|Case number)\s+([A-Z0-9]{4}-[A-Z0-9]{4})/
keep   secret = /(?:查询码|Access code)\s+([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)/

# The same mail address at the agent's is another person, who finds none of it.
as    customer
house agent.localhost
sign in registrant@example.cn
visit /orders
see   还没有订单 | No orders yet
visit /orders/{order}
status 404
visit /names
see   还没有域名 | No names yet
visit /names/house-story.cn
status 404
visit /profiles
status 200
not   示例人
visit /profiles/{profile}
status 404
visit /complaints
fill   受理编号 | Case number = {receipt}
fill   查询码 | Access code = {secret}
press  查看进度 | See the progress
not    客服电话连续三天打不通。

# Nor do the agent's own staff. Each house offers its own people to sign in as:
# the agent itself is a customer of the registrar's.
as    agent-staff
visit /sign-in
see   reseller@example.cn
not   agent-reviewer@example.cn
house agent.localhost
visit /sign-in
see   agent-reviewer@example.cn
not   reseller@example.cn
sign in agent-reviewer@example.cn
visit /staff/reviews
status 200
not   示**
visit /staff/reviews/{profile}
status 404
visit /staff/complaints
status 200
not   {receipt}
visit /staff/complaints/{receipt}
status 404

# A name that the registrar's customer has is taken in every house.
as    visitor
visit /search?q=house-story
see   已注册 | Taken
