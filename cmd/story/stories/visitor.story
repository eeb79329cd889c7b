story A visitor sees the permit, searches, complains and follows the complaint

as   visitor
visit /
see  京D3-20990001
see  北京市通信管理局 | Beijing Communications Administration
see  400-000-0000
see  jubao@example.cn
see  12321
see  12377
see  京ICP备2099000001号-1
see  京公网安备11010802099999号

# The same name, typed in three ways, gives the same result.
visit /search?q=人才网
see  人才网.招聘
see  xn--gmq009bygv.xn--otu796d
see  可注册 | Available
visit /search?q=xn--gmq009bygv.xn--otu796d
see  人才网.招聘
visit /search?q=https://人才网。招聘/
see  人才网.招聘

# A registry that does not answer is never "available".
registry trouble {"ending":"com","down":"1h"}
visit /search?q=yumen-story.com
see  未得答复 | No answer
registry well

rival register taken-by-others.com
visit /search?q=taken-by-others.com
see  已注册 | Taken

# A name that cannot be one says why.
visit /search?q=a b.com
status 422
visit /nothing/here
status 404

# Anyone may complain; the state opens only with number and code together.
visit  /complaints/new
press  提交投诉 | Submit complaint
status 422
choose 类型 = 钓鱼与诈骗 | Kind = Phishing and fraud
fill   域名 | Domain name = taken-by-others.com
fill   发生了什么 | What happened = 冒充招聘平台，骗取报名费。
fill   姓名或单位 | Your name or organisation = 举报人
fill   电子邮件 | Email = reporter@example.cn
tick   同意为处理本次投诉使用以上联系方式 | Use these contact details to handle this complaint
press  提交投诉 | Submit complaint
see    投诉已受理 | Your complaint is received
keep   receipt = /(?:受理编号|Case number)\s+([A-Z0-9]{4}-[A-Z0-9]{4})/
keep   secret = /(?:查询码|Access code)\s+([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)/
mail   reporter@example.cn {receipt}
as     somebody-else
visit  /complaints
fill   受理编号 | Case number = {receipt}
fill   查询码 | Access code = AAAA-BBBB-CCCC-DDDD
press  查看进度 | See the progress
not    冒充招聘平台
as     visitor
visit  /complaints
fill   受理编号 | Case number = {receipt}
fill   查询码 | Access code = {secret}
press  查看进度 | See the progress
see    冒充招聘平台
see    已收到，待受理 | Received, not yet taken up
