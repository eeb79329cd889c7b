story Paid, and nobody ever says who they are: all is refunded when the time is over

as    wu
first parts/sign-up.story
visit /search?q=wu-story
press 加入购物车 | Add to cart @ wu-story.cn
visit /checkout
see   还没有选持有者。可以先下单，付款后再补 | No holder chosen yet. You can order now and choose after payment
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn
first parts/order.story
first parts/pay.story
see   请选择域名持有者 | Choose the holder of the names
see   待实名 | Needs identity
mail  wu@example.cn 等待实名 | is waiting for identity

# Five days are allowed; the last one ends at midnight in Shanghai.
clock +4d
visit /orders/{order}
see   待实名 | Needs identity
bank  refunded {order} = 0.00
clock +2d
see   已全额退款 | Refunded in full
see   期限内没有通过审核的持有者信息，wu-story.cn 未提交注册 | No holder was approved in time, so wu-story.cn was not sent to the registry
bank  refunded {order} = 35.00
registry has no wu-story.cn
mail  wu@example.cn wu-story.cn 因未完成实名被关闭 | wu-story.cn was closed for want of an approved identity
