story Without a permit nothing is sold

# A buyer has a name in the cart.
as    kong
first parts/sign-up.story
visit /search?q=kong-story
press 加入购物车 | Add to cart @ kong-story.cn
visit /checkout
tick  我已阅读并同意.cn 域名注册规则 | I have read and accept: Registration rules for .cn

# Compliance records that the permit is withdrawn, with the reason.
as    compliance
sign in compliance@example.cn
visit /staff/permits
see   京D3-20990001
press 撤下许可 | Withdraw permit
see   撤下后立即停止销售 | Sales stop at once
press 撤下许可 | Withdraw permit
status 422
fill  理由 | Reason = 主管部门撤回许可
press 撤下许可 | Withdraw permit
see   没有有效的许可 | No permit in force

# The page that was open orders nothing any more.
as    kong
press 提交订单 | Place order
at    /orders
see   目前没有有效的域名注册服务许可，不能受理 .cn 的这项业务 | There is no valid permit for domain registration services at present, so this service for .cn cannot be sold
visit /orders
see   还没有订单 | No orders yet

# No page shows a permit or a price, and nothing can be put into a cart.
as    visitor
visit /
not   京D3-20990001
not   ¥
see   400-000-0000
see   12321
visit /prices
not   ¥
visit /search?q=kong-other
see   暂不受理注册 | Registration is closed for now
not   加入购物车 | Add to cart
