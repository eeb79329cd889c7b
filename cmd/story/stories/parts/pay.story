story The buyer pays at the cashier

press 去收银台付款 | Pay at the cashier
press 支付 Pay
at    /orders/{order}
