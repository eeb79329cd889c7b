story Paid and not yet sent: the buyer thinks better of it and has everything back

as    shen
first parts/sign-up.story
visit /search?q=shen-story
press 加入购物车 | Add to cart @ shen-story.cn
visit /checkout
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn
first parts/order.story
first parts/pay.story
see   待实名 | Needs identity
see   款项全额原路退回 | goes back to where it came from
press 取消 shen-story.cn，退 ¥35 | Cancel shen-story.cn, refund ¥35
see   已取消，正在全额退款 | Cancelled; the full refund is on its way
see   买家在提交注册局之前取消 | cancelled by the buyer before it went to the registry
see   已全额退款 | Refunded in full
bank  refunded {order} = 35.00
registry has no shen-story.cn
mail  shen@example.cn shen-story.cn 已取消 | shen-story.cn is cancelled
