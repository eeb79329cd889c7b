story A reviewer approves the profile

first review.story
press 审核通过 | Approve
see   已通过审核，已通知申请人 | is approved; the holder was told
