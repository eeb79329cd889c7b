story A small world in which everything happened that can happen to an order

registry settings {"ending":"招聘","auto_approve":"0s"}
as    ming
first ../../story/stories/parts/verified.story

# One name from the wallet.
as    ming
visit /wallet
fill  Amount = 400.00
press Top up
press 支付 Pay
at    /wallet
see   ¥400
visit /search?q=ming-one.com
press Add to cart @ ming-one.com
visit /checkout
tick  I consent to giving the holder's data to the registry of .com
tick  I consent to sending the data abroad (.com)
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story
press Pay from the wallet
see   registered, valid until

# Two names of one order by the cashier: one is refused.
registry trouble {"ending":"网店","commands":["domain:create"],"result":{"code":2306,"rate":1}}
visit /search?q=ming-two.com
press Add to cart @ ming-two.com
visit /search?q=两样
press Add to cart @ 两样.网店
visit /checkout
tick  I consent to giving the holder's data to the registry of .网店
tick  I have read and accept: Registration rules for .com
tick  I have read and accept: Registration rules for .网店
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   refused by the registry
bank  refunded {order} = 99.00

# Refused, to the wallet by the buyer's choice; then one that the bank has not decided.
visit /search?q=三样
press Add to cart @ 三样.网店
visit /checkout
tick  I have read and accept: Registration rules for .网店
tick  To my wallet
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   Refunded in full
registry settings {"refunds":"pending"}
visit /search?q=四样
press Add to cart @ 四样.网店
visit /checkout
tick  I have read and accept: Registration rules for .网店
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   refused by the registry
see   With the channel
registry settings {"refunds":"done"}
registry well

# A bundle that is approved, and an application that waits.
visit /search?q=人才网
press Add to cart @ 人才网.招聘
visit /checkout
tick  I consent to giving the holder's data to the registry of .招聘
tick  I consent to sending the data abroad (.招聘)
tick  I have read and accept: Registration rules for .招聘
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   waiting for its review
registry says approve 人才网.招聘
see   registered, valid until
bank  refund {order}
visit /search?q=等候
press Add to cart @ 等候.招聘
visit /checkout
tick  I have read and accept: Registration rules for .招聘
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   waiting for its review

# One from the wallet that was refused, one expired, one cancelled, one open.
registry trouble {"ending":"com","commands":["domain:create"],"result":{"code":2306,"rate":1}}
visit /search?q=ming-five.com
press Add to cart @ ming-five.com
visit /checkout
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story
press Pay from the wallet
see   refused by the registry
registry well
visit /search?q=ming-six.com
press Add to cart @ ming-six.com
visit /checkout
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story
press Pay at the cashier
clock +25h
visit /orders/{order}
see   Expired
visit /search?q=ming-seven.com
press Add to cart @ ming-seven.com
visit /checkout
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story
press Cancel order
see   Cancelled
visit /search?q=ming-eight.com
press Add to cart @ ming-eight.com
visit /checkout
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story

# A stranger to all registries waits for an approval.
as    qin
first ../../story/stories/parts/sign-up.story
visit /search?q=qin-one.com
press Add to cart @ qin-one.com
visit /checkout
tick  I have read and accept: Registration rules for .com
first ../../story/stories/parts/order.story
first ../../story/stories/parts/pay.story
see   Needs identity
