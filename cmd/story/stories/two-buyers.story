story Two buyers pay for one name: one has it, the other has the money back

as    first
first parts/verified.story
as    second
first parts/verified.story

# Both order while the name is free.
as    first
visit /search?q=两人
press 加入购物车 | Add to cart @ 两人.网店
visit /checkout
tick  我同意向 .网店 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .网店
tick  我已阅读并同意.网店 | I have read and accept: Registration rules for .网店
first parts/order.story
keep  order_1 = /orders/([A-Z0-9]{4}-[A-Z0-9]{4})/
as    second
visit /search?q=两人
press 加入购物车 | Add to cart @ 两人.网店
visit /checkout
tick  我同意向 .网店 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .网店
tick  我已阅读并同意.网店 | I have read and accept: Registration rules for .网店
first parts/order.story
keep  order_2 = /orders/([A-Z0-9]{4}-[A-Z0-9]{4})/

# Both pay, while the registry takes its time.
registry trouble {"ending":"网店","delay":"1s"}
as    first
press 去收银台付款 | Pay at the cashier
press 支付 Pay
as    second
press 去收银台付款 | Pay at the cashier
press 支付 Pay
see   另一份申请正在注册局处理 | another application is with the registry

# The registry takes the first; the second is told why and has everything back.
see   已全额退款 | Refunded in full
see   已被别人先注册 | Somebody else registered
bank  refunded {order_2} = 99.00
mail  second@example.cn 两人.网店 未能注册 | 两人.网店 was not registered
visit /names/两人.网店
status 404
as    first
visit /orders/{order_1}
see   已注册 | registered, valid until
bank  refunded {order_1} = 0.00
registry has 两人.网店 registered yumen
