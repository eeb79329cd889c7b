story Chinese names: read as typed, shown with their variants, and a reserved one that a person decides on

# What was typed is a pasted address with a compatibility character: it is read,
# said, and the spellings that go with the name are shown.
as    lin
visit /search?q=https%3A%2F%2F人才⽹。招聘%2F
see   人才网.招聘
see   请核对：这和你输入的不是同一个写法 | Please check: this is another spelling than you typed
see   随它保留的写法 | Spellings reserved with it
see   人才網.招聘
press 改选这种写法：人才網.招聘 | Choose this spelling: 人才網.招聘
see   规范简体 | proper simplified

# An invisible character is refused and named.
visit /search?q=人%E2%80%8B才
status 422
see   U+200B

# A reserved name has its class and the way to a person.
sign in registrant@example.cn
visit /search?q=德国.招聘
see   国旗、国徽、国歌 | Flags, emblems, anthems
press 申诉或申请例外 | Appeal or apply @ 德国.招聘
tick  保留字，申请例外 | A reserved name: apply for an exception
fill  说明 | In your words = 德国商会的招聘网站
press 提交 | Send
status 422
fill  证明材料 | Evidence = 登记证 0001
press 提交 | Send
keep  case = /reviews/([A-Z0-9]{4}-[A-Z0-9]{4})/
see   处理中 | being looked at
attach 证明图片 | Images that prove it = not-a-picture
press 上传 | Upload
status 422
attach 证明图片 | Images that prove it = licence
press 上传 | Upload
see   已上传 | Uploaded

# Compliance claims it, looks at the paper for a reason, and decides with one.
as    compliance
sign in compliance@example.cn
visit /staff/names
see   德国.招聘
visit /staff/names/reviews/{case}
see   登记证 0001
press 认领 | Claim
press 查看 | View
status 422
fill  查看理由 | Reason for looking = 核对登记证
press 查看 | View
tick  通过 | It passes
fill  理由 | Reason = 商会登记证已核，注册局同意
press 作出结论 | Decide
see   结论已记录 | The decision is recorded

# It is open to its applicant alone.
as    lin
mail  registrant@example.cn "德国.招聘"
visit /reviews/{case}
see   已通过 | passed
press 去注册 | Register it
press 加入购物车 | Add to cart @ 德国.招聘
visit /cart
see   德国.招聘
as    stranger
visit /search?q=德国.招聘
see   国旗、国徽、国歌 | Flags, emblems, anthems
