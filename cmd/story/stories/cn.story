story A person's name under .cn: the registry verifies its holder first

as    chen
first parts/sign-up.story
first parts/person.story
tick  我同意向 .cn 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .cn
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

visit /search?q=chen-story
press 加入购物车 | Add to cart @ chen-story.cn
visit /cart
visit /checkout
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn
first parts/order.story
first parts/pay.story
see   待实名 | Needs identity

as    reviewer
first parts/approve.story
mail  chen@example.cn 实名审核已通过 | Identity approved

# Now the registry is told of the holder, with CNNIC's own extension; it
# accepts the contact and then the name.
as    chen
visit /orders/{order}
see   注册局已接受持有者 | the registry has accepted the holder
see   已注册 | registered, valid until
registry has chen-story.cn registered yumen
visit /names/chen-story.cn
see   已通过 | Verified
see   未解析 | Does not resolve
see   inactive
not   110000199001010005
mail  chen@example.cn chen-story.cn 注册成功 | chen-story.cn is registered
