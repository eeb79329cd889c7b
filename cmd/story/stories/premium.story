story A premium name is bought, and its price moves on the way

as    jin
first parts/verified.story

# The registry's 3,888 a year and 15 % by the published rule.
as    jin
visit /prices
see   按注册局报价加收 15% | the registry's quote plus 15 %
visit /search?q=旗舰.网店
see   溢价域名 | Premium
press 加入购物车 | Add to cart @ 旗舰.网店
visit /cart
see   ¥4,471.20
see   续费同样按溢价计 | Renewals are premium too
visit /checkout
tick  我同意向 .网店 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .网店
tick  我已阅读并同意域名注册服务协议 | I have read and accept: Domain
tick  我已阅读并同意个人信息保护告知 | I have read and accept: Privacy
tick  我已阅读并同意.网店 域名注册规则 | I have read and accept: Registration rules for .网店

# While the buyer thinks, the registry asks less, and then it is old news.
registry asks {"name":"旗舰.网店","create":300000,"renew":300000}
clock +11m
press 提交订单 | Place order
see   没有下单，也没有扣款 | Nothing was ordered and nothing charged
see   原价 ¥4,471.20，现价 ¥3,450 | it was ¥4,471.20 and is ¥3,450 now
press 提交订单 | Place order
see   订单已提交，请付款 | Order placed. Please pay
keep  order = /orders/([A-Z0-9]{4}-[A-Z0-9]{4})/
first parts/pay.story
see   已注册 | registered, valid until
registry has 旗舰.网店 registered yumen

# Another rises after the payment: everything comes back, with both prices.
visit /search?q=黄金.网店
press 加入购物车 | Add to cart @ 黄金.网店
visit /checkout
tick  我已阅读并同意.网店 域名注册规则 | I have read and accept: Registration rules for .网店
first parts/order.story
registry asks {"name":"黄金.网店","create":680000,"renew":680000}
first parts/pay.story
see   已全额退款 | Refunded in full
see   你确认的是 ¥6,771.20，现价 ¥7,820 | you confirmed ¥6,771.20 and it would be ¥7,820 now
bank  refunded {order} = 6771.20
registry has no 黄金.网店
mail  jin@example.cn 黄金.网店 的注册局报价上涨 | 黄金.网店 was not registered
