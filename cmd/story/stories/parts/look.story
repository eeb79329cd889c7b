story A reviewer looks at both sides of the card and approves

fill  查看理由 | Reason for looking = 核对姓名与号码
press 查看 | View
press 证件背面 | Back
fill  查看理由 | Reason for looking = 核对签发机关与有效期
press 查看 | View
press 审核通过 | Approve
see   已通过审核，已通知申请人 | is approved; the holder was told
