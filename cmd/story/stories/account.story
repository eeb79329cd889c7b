story An account: opened, lost, secured and closed to others

# A mailed code opens the account; a wrong one does not.
as    jin
visit /sign-up
fill  电子邮件 | Email = jin@example.cn
fill  密码 | Password = short
press 发送验证码 | Send code
status 422
see   密码至少 8 个字符 | At least 8 characters
fill  密码 | Password = correct horse battery
tick  我同意《域名注册服务协议》 | I agree to the Domain
tick  我同意《个人信息保护告知》 | I agree to the Privacy
press 发送验证码 | Send code
mail  jin@example.cn 注册验证码 | Your sign-up code
fill  验证码 | Code = 000000
press 确认 | Confirm
status 422
see   验证码不对，还可以再试 | Not the right code
fill  验证码 | Code = {code}
press 确认 | Confirm
see   账户已开通，已登录 | Your account is open and you are signed in
press 退出登录 | Sign out
see   已退出登录 | You are signed out
visit /account
at    /sign-in

# A forgotten password is set anew with a mailed code.
visit /sign-in
fill  电子邮件 | Email = jin@example.cn
fill  密码 | Password = not the password
press 登录 | Sign in
status 422
see   邮箱或密码不对 | Mail address or password is wrong
press 忘记密码 | Forgot password
fill  电子邮件 | Email = jin@example.cn
press 发送验证码 | Send code
mail  jin@example.cn 重设密码的验证码 | Your code to reset the password
fill  验证码 | Code = {code}
press 确认 | Confirm
fill  新密码 | New password = another horse battery
press 保存新密码 | Save new password
mail  jin@example.cn 密码已更改 | Your password was changed
sign in jin@example.cn another horse battery

# What matters asks again who it is, two hours later; what was asked for then
# goes on.
clock +2h
visit /account
press 开启二次验证 | Turn the second factor on
see   再验证一次 | Check once more
fill  密码 | Password = another horse battery
press 验证并继续 | Check and go on
see   开启动态码 | Turn on app codes
keep  secret = /((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})/
fill  6 位动态码 | 6-digit app code = 123
press 开启 | Turn on
status 422
totp  {secret}
fill  6 位动态码 | 6-digit app code = {totp}
press 开启 | Turn on
see   只显示这一次 | Shown this once
keep  recovery = /([0-9A-Za-z]{4,5}-[0-9A-Za-z]{4,5}(?:-[0-9A-Za-z]{4,5})*)/
press 已保存，继续 | Saved, go on
see   二次验证已开启 | The second factor is on
see   还有 10 个恢复码没有用过 | 10 unused recovery codes
mail  jin@example.cn 二次验证已开启 | The second factor is on

# Without the phone a recovery code signs in, once.
as    jin-elsewhere
visit /sign-in
fill  电子邮件 | Email = jin@example.cn
fill  密码 | Password = another horse battery
press 登录 | Sign in
fill  6 位动态码 | 6-digit app code = 000000
press 登录 | Sign in
status 422
press 手机不在身边，用恢复码 | No phone at hand: use a recovery code
fill  恢复码 | Recovery code = {recovery}
press 登录 | Sign in
visit /account
see   还有 9 个恢复码没有用过 | 9 unused recovery codes
as    a-thief
visit /sign-in
fill  电子邮件 | Email = jin@example.cn
fill  密码 | Password = another horse battery
press 登录 | Sign in
press 手机不在身边，用恢复码 | No phone at hand: use a recovery code
fill  恢复码 | Recovery code = {recovery}
press 登录 | Sign in
status 422
visit /account
at    /sign-in

# The list of devices shows both; one is signed out from the other.
as    jin
visit /account
press 退出这台设备 | Sign this device out
see   这台设备已退出 | That device was signed out
as    jin-elsewhere
visit /account
at    /sign-in
as    jin
press 退出登录 | Sign out
visit /names
at    /sign-in
