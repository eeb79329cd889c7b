story A name under .com, paid from the wallet: the registry answers at once

as    gao
first parts/verified.story

# Money is put into the wallet through the cashier.
as    gao
visit /wallet
fill  充值金额 | Amount = 0
press 去充值 | Top up
status 422
# A keyboard in Chinese writes full width; a payment that is refused is told.
fill  充值金额 | Amount = ９９．５０
press 去充值 | Top up
press 拒绝 Refuse
at    /wallet
see   充值 ¥99.50 没有成功 | The top-up of ¥99.50 did not go through
see   没有扣款 | Nothing was charged
fill  充值金额 | Amount = 99.50
press 去充值 | Top up
press 支付 Pay
at    /wallet
see   ¥99.50

visit /search?q=gao-story.com
press 加入购物车 | Add to cart @ gao-story.com
visit /checkout
see   已通过实名认证，付款后即提交注册局 | is verified; the order goes to the registry once it is paid
tick  我同意向 .com 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .com
tick  我同意将资料提供至境外（.com） | I consent to sending the data abroad (.com)
tick  我已阅读并同意.com 域名注册规则 | I have read and accept: Registration rules for .com
first parts/order.story
press 用钱包付款 | Pay from the wallet

see   已注册 | registered, valid until
registry has gao-story.com registered yumen
visit /wallet
see   ¥24.50
visit /names
see   gao-story.com
mail  gao@example.cn gao-story.com 注册成功 | gao-story.com is registered
