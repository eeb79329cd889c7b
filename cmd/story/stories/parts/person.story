story Somebody says who they are and hands in the pictures of their identity card

visit /profiles/new
press 新建个人模板 | New profile of a person
fill  姓名 | Full name = 示例人
choose 证件类型 = 居民身份证 | Document type = Resident identity card
fill  证件号码 | Document number = 110000199001010005
fill  电话 | Phone = 13000000000
fill  联系邮箱 | Contact email = {me}@example.cn
choose 省级 = 北京市 | Province = 北京市
press 更新地区列表 | Update the lists
choose 市级 = 市辖区 | City = 市辖区
press 更新地区列表 | Update the lists
choose 区县 = 海淀区 | District or county = 海淀区
fill  详细地址 | Street address = 示例路 1 号
fill  邮政编码 | Postcode = 100000
tick  我同意处理我的证件信息 | I consent to the handling of my document data
press 保存并继续 | Save and continue
keep  profile = /profiles\/([A-Z0-9]{4}-[A-Z0-9]{4})/
attach 证件正面或证照 | Front of the document = id-front
attach 证件背面 | Back of the document = id-back
press 上传材料 | Upload papers
see   材料已上传并加密保存 | Papers are uploaded
