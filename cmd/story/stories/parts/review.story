story A reviewer takes the one profile that waits, compares and opens it for a decision

sign in reviewer@example.cn
visit /staff/reviews
press 认领 | Claim
visit /staff/reviews/{profile}
see   实名核验一致 | Real-name verification: match
