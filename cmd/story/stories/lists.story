story A visitor looks for words and for a list of names, and what is free goes into the cart

as    visitor
rival register taken-in-a-list.com

# Words make one label; other names like it are free too.
visit /search?q=beijing coffee
see   beijingcoffee.com
see   把词连在一起查：beijingcoffee | Words put together: beijingcoffee
see   beijing-coffee
see   三年合计 | for three years

# Several names at once, and one whose price is the registry's own.
visit /search?q=gold.com，silver-of-nobody.com
see   溢价域名 | Premium
see   8,888
see   silver-of-nobody.com

# A list: each entry with its answer, the wrong ones with their reason.
press 有很多名字？批量查询 | Many names? Check a list
fill  域名 | Names = one-of-a-list.cn; taken-in-a-list.com; 赌博.com; no name; one-of-a-list.cn
press 开始查询 | Check them
see   共 5 项，全部有了结果 | 5 entries, all settled
see   已注册 | Taken
see   不得注册 | Not allowed
see   中间有空格 | no spaces
see   与第 1 行重复 | Same as line 1
press 加入购物车 | to the cart
see   one-of-a-list.cn
not   taken-in-a-list.com
press 到期后怎么办 | What happens after expiry
see   赎回期 | Redemption

# All endings and their terms.
visit /endings
see   .招聘
see   注册年限 | Terms
