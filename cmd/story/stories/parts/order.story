story Somebody accepts the texts that go with every ending and places the order

tick  我已阅读并同意域名注册服务协议 | I have read and accept: Domain
tick  我已阅读并同意个人信息保护告知 | I have read and accept: Privacy
press 提交订单 | Place order
see   订单已提交，请付款 | Order placed. Please pay
keep  order = /orders/([A-Z0-9]{4}-[A-Z0-9]{4})/
