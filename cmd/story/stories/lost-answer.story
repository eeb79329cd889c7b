story The registry's answer is lost: the name is registered once, and paid once

as    shi
first parts/verified.story
as    shi
visit /search?q=shi-story
press 加入购物车 | Add to cart @ shi-story.com
visit /checkout
tick  我同意向 .com 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .com
tick  我同意将资料提供至境外（.com） | I consent to sending the data abroad (.com)
tick  我已阅读并同意.com 域名注册规则 | I have read and accept: Registration rules for .com
first parts/order.story

# The registry registers the name, and the connection breaks before it says so.
registry trouble {"ending":"com","commands":["domain:create"],"lose_answers":1}
first parts/pay.story
see   没有收到注册局的答复 | the registry's answer did not arrive
see   已注册 | registered, valid until
registry well
registry has shi-story.com registered yumen
bank  refunded {order} = 0.00
visit /names
see   shi-story.com
mail  shi@example.cn shi-story.com 注册成功 | shi-story.com is registered
no mail shi@example.cn 退款 | refund
