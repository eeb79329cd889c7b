story The registry refuses: all the money goes back to where it came from

as    sun
first parts/verified.story

registry trouble {"ending":"com","commands":["domain:create"],"result":{"code":2306,"rate":1}}
as    sun
visit /search?q=sun-story.com
press 加入购物车 | Add to cart @ sun-story.com
visit /checkout
tick  我同意向 .com 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .com
tick  我同意将资料提供至境外（.com） | I consent to sending the data abroad (.com)
tick  我已阅读并同意.com 域名注册规则 | I have read and accept: Registration rules for .com
first parts/order.story
first parts/pay.story

see   已全额退款 | Refunded in full
see   注册局拒绝 | refused by the registry
see   ¥75
bank  refunded {order} = 75.00
registry has no sun-story.com
visit /names
not   sun-story.com
mail  sun@example.cn sun-story.com 未能注册 | sun-story.com was not registered; full refund
mail  sun@example.cn 退款已完成 | refund done
