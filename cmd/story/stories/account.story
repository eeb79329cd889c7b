story People come in, go out, lose a password and are asked again before what matters

as    lin
visit /account
see   请先登录，登录后会回到这一页 | Please sign in first
visit /sign-up
fill  电子邮件 | Email = lin@example.cn
fill  密码 | Password = password1
press 发送验证码 | Send code
status 422
see   这个密码太常见 | among the first to be guessed
see   请阅读并勾选这一份 | Read this text and tick it
fill  密码 | Password = green table upstairs
tick  我同意《域名注册服务协议》 | I agree to the Domain
tick  我同意《个人信息保护告知》 | I agree to the Privacy
press 发送验证码 | Send code
mail  lin@example.cn 注册验证码 | Your sign-up code
fill  验证码 | Code = {code}
press 确认 | Confirm
see   账户已开通 | Your account is open

# Signing up again with the same address looks the same; only the mailbox learns more.
as    somebody-else
visit /sign-up
fill  电子邮件 | Email = lin@example.cn
fill  密码 | Password = blue lamp on the roof
tick  我同意《域名注册服务协议》 | I agree to the Domain
tick  我同意《个人信息保护告知》 | I agree to the Privacy
press 发送验证码 | Send code
see   验证码已发往 lin@example.cn | The code was sent to lin@example.cn
mail  lin@example.cn 这个邮箱已经有账户 | This address has an account already

# The address is nobody in the agent's house.
house agent.localhost
visit /sign-in
fill  电子邮件 | Email = lin@example.cn
fill  密码 | Password = green table upstairs
press 登录 | Sign in @ 必填 登录 | required Sign in
status 422
see   邮箱或密码不对 | Mail address or password is wrong

# A change of address is asked about again once an hour has passed.
as    lin
visit /account
see   这台设备 | This device
clock +1h
fill  新邮箱 | New address = lin.new@example.cn
press 向新邮箱发送验证码 | Send a code to the new address
see   再验证一次 | Check once more
fill  密码 | Password = green table upstairs
press 验证并继续 | Check and go on
press 提交刚才填的内容 | Send what I typed
mail  lin.new@example.cn 更换邮箱的验证码 | Your code to change the mail address
fill  验证码 | Code = {code}
press 确认 | Confirm
see   邮箱已更换 | The mail address was changed
mail  lin@example.cn 账户邮箱已更换 | The address of your account was changed

# The password is lost; a code from the mailbox sets another, and other devices are out.
as    lin-on-the-phone
visit /reset
fill  电子邮件 | Email = lin.new@example.cn
press 发送验证码 | Send code
mail  lin.new@example.cn 重设密码的验证码 | Your code to reset the password
fill  验证码 | Code = {code}
press 确认 | Confirm
fill  新密码 | New password = red chair downstairs
press 保存新密码 | Save new password
see   新密码已保存 | The new password is saved
sign in lin.new@example.cn red chair downstairs
visit /account
see   lin.new@example.cn
as    lin
visit /account
see   请先登录，登录后会回到这一页 | Please sign in first
