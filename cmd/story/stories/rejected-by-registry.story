story The registry of .招聘 reviews and rejects: the buyer has everything back

registry settings {"ending":"招聘","auto_approve":"0s"}

as    tang
first parts/verified.story
as    tang
visit /search?q=唐人街
press 加入购物车 | Add to cart @ 唐人街.招聘
visit /checkout
tick  我同意向 .招聘 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .招聘
tick  我同意将资料提供至境外（.招聘） | I consent to sending the data abroad (.招聘)
tick  我已阅读并同意.招聘 | I have read and accept: Registration rules for .招聘
first parts/order.story
first parts/pay.story
see   等待审核 | waiting for its review
registry has 唐人街.招聘 pendingCreate

# The registry tells by poll what its reviewer decided, and why.
registry says reject 唐人街.招聘 = 名称与申请人无关 | The name has nothing to do with the applicant
see   已全额退款 | Refunded in full
see   名称与申请人无关 | The name has nothing to do with the applicant
bank  refunded {order} = 128.00
registry has no 唐人街.招聘
mail  tang@example.cn 唐人街.招聘 未获注册局批准 | 唐人街.招聘 was not approved
