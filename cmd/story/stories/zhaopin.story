story A name under .招聘: found, ordered, paid, proven and registered

registry settings {"ending":"招聘","auto_approve":"0s"}

# Lin looks for a name and puts it into the cart before there is an account.
as    lin
visit /
fill  要查询的域名 | Name to search = 人才网
press 查询 | Search
see   人才网.招聘
press 加入购物车 | Add to cart @ 人才网.招聘
visit /cart
see   人才网.招聘
see   ¥128

# An account by a mailed code; the cart is still there.
visit /sign-up
fill  电子邮件 | Email = lin@example.cn
fill  密码 | Password = correct horse battery
tick  我同意《域名注册服务协议》 | I agree to the Domain
tick  我同意《个人信息保护告知》 | I agree to the Privacy
press 发送验证码 | Send code
mail  lin@example.cn
fill  验证码 | Code = {code}
press 确认 | Confirm
visit /cart
see   人才网.招聘

visit /profiles/new
press 新建单位模板 | New profile of an organisation
fill  单位名称 | Organisation name = 示例人力资源有限公司
choose 证件类型 = 营业执照 | Document type = Business licence
fill  证件号码 | Document number = 91110000YY000001XT
fill  经办人姓名 | Name of the registering person = 林示例
fill  经办人证件号码 | Their document number = 110000199001010005
fill  经办人电话 | Their phone = 13000000000
tick  经办人是本单位员工 | They are employed by the organisation
tick  经办人已得到本单位授权 | The organisation has authorised them
fill  电话 | Phone = 13000000000
fill  联系邮箱 | Contact email = lin@example.cn
choose 省级 = 北京市 | Province = 北京市
press 更新地区列表 | Update the lists
choose 市级 = 市辖区 | City = 市辖区
press 更新地区列表 | Update the lists
choose 区县 = 海淀区 | District or county = 海淀区
fill  详细地址 | Street address = 示例路 1 号
fill  邮政编码 | Postcode = 100000
press 保存并继续 | Save and continue
# Consent is never taken for granted, and a wrong check digit is told at once;
# what was typed stays.
status 422
see   不同意就不能保存证件信息 | cannot be saved without this consent
tick  我同意处理我的证件信息 | I consent to the handling of my document data
press 保存并继续 | Save and continue
status 422
see   示例人力资源有限公司
fill  证件号码 | Document number = 91110000YY000001XU
press 保存并继续 | Save and continue
see   示例人力资源有限公司

# The papers, then the review.
attach 证件正面或证照 | Front of the document = not-a-picture
press 上传材料 | Upload papers
status 422
attach 证件正面或证照 | Front of the document = licence
press 上传材料 | Upload papers
see   材料已上传并加密保存 | Papers are uploaded
tick  我同意向 .招聘 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .招聘
tick  我同意将资料提供至境外（.招聘） | I consent to sending the data abroad (.招聘)
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

# The order: the quote with its tax, the rules, the holder.
visit /cart
press 去结算 | Check out
see   人才网.招聘
see   ¥128
choose 信息模板 = 示例人力资源 | Registrant profile = 示例人力资源
press 选用 | Use
press 提交订单 | Place order
status 422
tick  我已阅读并同意域名注册服务协议 | I have read and accept: Domain
tick  我已阅读并同意个人信息保护告知 | I have read and accept: Privacy
tick  我已阅读并同意.招聘 | I have read and accept: Registration rules for .招聘
press 提交订单 | Place order
see   人才网.招聘
keep  order = /orders/([A-Z0-9]{4}-[A-Z0-9]{4})/
press 去收银台付款 | Pay at the cashier
press 支付 Pay
at    /orders/{order}
see   待实名 | Needs identity
see   ¥128

# The reviewer claims, looks with a reason, and approves.
as    reviewer
sign in reviewer@example.cn
visit /staff/reviews
see   示例人力资源有限公司
press 示例人力资源有限公司
press 认领 | Claim
fill  查看理由 | Reason for looking = 核对名称与号码
press 查看 | View
see   示例人力资源有限公司
press 审核通过 | Approve
see   已通过审核 | is approved

# The registry takes the application and thinks about it.
as    lin
mail  lin@example.cn "通过 | approved"
visit /orders/{order}
see   待注册 | Pending create
registry has 人才网.招聘 pendingCreate
visit /names
see   人才网.招聘
registry says approve 人才网.招聘
visit /orders/{order}
see   已注册 | Registered
registry has 人才网.招聘 registered yumen
mail  lin@example.cn "人才网.招聘"

# The name, as its holder sees it.
visit /names/人才网.招聘
see   xn--gmq009bygv.xn--otu796d
see   未解析 | Not delegated
see   示例人力资源有限公司
visit /names/人才网.招聘
at    /names/xn--gmq009bygv.xn--otu796d

# Somebody else neither gets it nor sees it.
as    stranger
visit /search?q=人才网
see   已注册 | Taken
sign in registrant@example.cn
visit /orders/{order}
status 404
visit /names/人才网.招聘
status 404
