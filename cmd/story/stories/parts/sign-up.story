story Somebody opens an account with a mailed code

visit /sign-up
fill  电子邮件 | Email = {me}@example.cn
fill  密码 | Password = correct horse battery
tick  我同意《域名注册服务协议》 | I agree to the Domain
tick  我同意《个人信息保护告知》 | I agree to the Privacy
press 发送验证码 | Send code
mail  {me}@example.cn 注册验证码 | Your sign-up code
fill  验证码 | Code = {code}
press 确认 | Confirm
