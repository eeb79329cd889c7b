story A reviewer asks for more, the holder mends it; another is rejected

as    qian
first parts/sign-up.story
first parts/person.story
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

as    reviewer
first parts/review.story
# Looking at a paper takes a reason, and so does sending one back.
press 查看 | View
status 422
fill  查看理由 | Reason for looking = 核对姓名与号码
press 查看 | View
status 200
press 要求补正 | Ask for corrections
status 422
tick  图片不清楚或者反光 | The picture is unclear or has reflections
fill  给申请人的说明 | Advice to the holder = 右下角看不清，请重拍。
press 要求补正 | Ask for corrections
see   已退回补正，已通知申请人 | was sent back for corrections; the holder was told

# The holder reads what to do, in their own language, and does it.
as    qian
mail  qian@example.cn 实名审核需要补正 | Identity needs correction
visit /profiles/{profile}
see   需要你补正 | Please complete it
see   图片不清楚或者反光 | The picture is unclear or has reflections
see   避开灯光，平放后重新拍摄 | Avoid lamps, lay the document flat
see   右下角看不清，请重拍。
see   核对姓名与号码
attach 证件正面或证照 | Front of the document = id-back
press 上传材料 | Upload papers
status 422
see   正面和背面是同一张图片 | Front and back are one and the same picture
attach 证件正面或证照 | Front of the document = id-front
press 上传材料 | Upload papers
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking

# What was looked at before does not count for what was handed in since; nor
# does one side of the card for the other.
as    reviewer
first parts/review.story
press 审核通过 | Approve
status 422
see   还没有查看证件正面 | You have not looked at the front of the document
see   还没有查看证件背面 | You have not looked at the back of the document
first parts/look.story
as    qian
visit /profiles/{profile}
see   已通过实名认证 | Verified

# Somebody else hands in what cannot be accepted.
as    zhou
first parts/sign-up.story
first parts/person.story
press 提交审核 | Submit for review
as    reviewer
first parts/review.story
tick  图片经过处理或者带有水印 | The picture was edited or carries a watermark
fill  给申请人的说明 | Advice to the holder = 照片被编辑过，不能接受。
press 拒绝 | Reject
see   已拒绝，已通知申请人 | is rejected; the holder was told
as    zhou
mail  zhou@example.cn 实名审核未通过 | Identity not approved
visit /profiles/{profile}
see   未通过实名认证 | Not accepted
see   图片经过处理或者带有水印 | The picture was edited or carries a watermark
see   照片被编辑过，不能接受。
