story A person's name under .cn: the registry verifies its holder first

as    chen
first parts/sign-up.story
first parts/person.story
tick  我同意向 .cn 的注册局提供持有者资料 | I consent to giving the holder's data to the registry of .cn
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

visit /search?q=chen-story.cn
press 加入购物车 | Add to cart @ chen-story.cn
visit /cart
press 去结算 | Check out
see X
