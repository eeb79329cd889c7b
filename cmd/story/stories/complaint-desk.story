story Support takes up a complaint and answers; the visitor reads it with number and code

as     visitor
visit  /complaints/new
choose 类型 = 违法和不良信息 | Kind = Illegal or harmful content
fill   域名 | Domain name = 示例.招聘
fill   网页地址 | Address of the page = https://shop.example.cn/job/1
fill   发生了什么 | What happened = 网页上挂着违法招聘信息。
fill   姓名或单位 | Your name or organisation = 举报人
fill   电子邮件 | Email = reporter@example.cn
tick   同意为处理本次投诉使用以上联系方式 | Use these contact details to handle this complaint
press  提交投诉 | Submit complaint
keep   receipt = /(?:受理编号|Case number)\s+([A-Z0-9]{4}-[A-Z0-9]{4})/
keep   secret = /(?:查询码|Access code)\s+([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)/
mail   reporter@example.cn {receipt}

# The complaint stands in the queue with its time limit; whoever takes it says so.
as     support
sign in support@example.cn
visit  /staff/complaints
see    {receipt}
press  违法和不良信息 | Illegal or harmful content
at     /staff/complaints/{receipt}
press  认领 | Claim
see    网页上挂着违法招聘信息。
see    https://shop.example.cn/job/1
fill   备注 | Note = 已截图存证。
press  保存备注 | Save note
fill   写给投诉人 | To the complainant = 已受理，正在核查。
press  确认受理 | Accept
see    已更新，已通知投诉人 | was updated; the complainant was told
visit  /staff/complaints/{receipt}
fill   写给投诉人 | To the complainant = 已核实，并已通知持有者改正。
press  发出答复 | Send answer
see    已更新，已通知投诉人 | was updated; the complainant was told
mail   reporter@example.cn {receipt}

# The mail does not hold the answer; number and code open it. Notes stay inside.
as     visitor
visit  /complaints
fill   受理编号 | Case number = {receipt}
fill   查询码 | Access code = {secret}
press  查看进度 | See the progress
see    已答复 | Answered
see    已核实，并已通知持有者改正。
not    已截图存证。

# To somebody without the right the queue does not exist.
as     registrant
sign in registrant@example.cn
visit  /staff/complaints
status 404
visit  /staff/complaints/{receipt}
status 404
