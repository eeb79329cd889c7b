// Package persons says who can hold a name and by which papers, and checks the
// numbers, names and addresses that stand on them. It does no input or output.
//
// Check judges one value: fine, refused, or accepted with a warning. A check of
// form never proves that a person exists; that is the work of package identity.
//
// Nothing here may be logged: mask a number with Mask, a name with MaskName.
package persons

import "slices"

// Holder is what kind of person holds a name.
type Holder string

const (
	Person       Holder = "person"       // 个人
	Organisation Holder = "organisation" // 组织: companies, institutions, associations
)

// Kind is what a value claims to be: the number of a kind of document, or a
// field of a profile.
type Kind string

// Documents of persons.
const (
	CNID             Kind = "CN_ID"            // 居民身份证
	CNTempOrHukou    Kind = "CN_TEMP_OR_HUKOU" // 户籍证明 / 户口簿
	HKMOPermit       Kind = "HKMO_PERMIT"      // 港澳居民来往内地通行证
	TWPermit         Kind = "TW_PERMIT"        // 台湾居民来往大陆通行证
	HKMOTWResidence  Kind = "HKMOTW_RESIDENCE" // 港澳台居民居住证
	ForeignResidence Kind = "FOREIGN_PR"       // 外国人永久居留身份证
	Passport         Kind = "PASSPORT"         // 护照
)

// Documents of organisations.
const (
	BizLicense     Kind = "BIZ_LICENSE"     // 工商营业执照
	USCCCert       Kind = "USCC_CERT"       // 统一社会信用代码证书
	OrgCodeCert    Kind = "ORG_CODE"        // 组织机构代码证
	PublicInst     Kind = "PUBLIC_INST"     // 事业单位法人证书
	SocialOrg      Kind = "SOCIAL_ORG"      // 社会团体法人登记证书
	NGOUnit        Kind = "NGO_UNIT"        // 民办非企业单位登记证书
	ServiceOrg     Kind = "SERVICE_ORG"     // 社会服务机构登记证书
	Foundation     Kind = "FOUNDATION"      // 基金会法人登记证书
	LawFirm        Kind = "LAW_FIRM"        // 律师事务所执业许可证
	Notary         Kind = "NOTARY"          // 公证机构执业证
	Forensic       Kind = "FORENSIC"        // 司法鉴定许可证
	School         Kind = "SCHOOL"          // 民办学校办学许可证
	Hospital       Kind = "HOSPITAL"        // 医疗机构执业许可证
	ReligiousSite  Kind = "RELIGIOUS_SITE"  // 宗教活动场所登记证
	ForeignRep     Kind = "FOREIGN_REP"     // 外国企业常驻代表机构登记证
	ForeignTourism Kind = "FOREIGN_TOURISM" // 外国政府旅游部门常驻代表机构批准登记证
	ForeignCulture Kind = "FOREIGN_CULTURE" // 外国在华文化中心登记证
	MilCode        Kind = "MIL_CODE"        // 部队代号
	MilService     Kind = "MIL_SERVICE"     // 军队单位对外有偿服务许可证
	EmbassySchool  Kind = "EMBASSY_SCHOOL"  // 北京市外国驻华使馆人员子女学校办学许可证
	OverseasOrg    Kind = "OVERSEAS_ORG"    // 境外机构证件
)

// Other is any other document, of either kind of holder.
const Other Kind = "OTHER" // 其他

// Fields of a profile that are no documents.
const (
	USCC       Kind = "uscc"        // 统一社会信用代码
	OrgCode    Kind = "org_code"    // 组织机构代码
	Mobile     Kind = "mobile"      // 手机号码
	Postcode   Kind = "postcode"    // 邮政编码
	PersonName Kind = "person_name" // 姓名
	OrgName    Kind = "org_name"    // 组织名称
)

// Document is what is known of one kind of document.
type Document struct {
	Kind    Kind
	Holders []Holder // whose document it can be
	Label   string   // message id of its name
	// Human says that no rule for its number settles anything: a reviewer
	// compares it with the image.
	Human bool
	// Translation says that the document is usually in another language and
	// needs a Chinese or English translation beside it.
	Translation bool
	// Back says that it is a card whose other side has to be shown too: there
	// stand who issued it and until when it is valid.
	Back bool
}

// Fits says whether the document can be that of a holder of this kind.
func (d Document) Fits(h Holder) bool { return slices.Contains(d.Holders, h) }

// documents in the order in which a form offers them.
var documents = []Document{
	{Kind: CNID, Holders: []Holder{Person}, Label: "persons.doc.CN_ID", Back: true},
	{Kind: HKMOPermit, Holders: []Holder{Person}, Label: "persons.doc.HKMO_PERMIT"},
	{Kind: TWPermit, Holders: []Holder{Person}, Label: "persons.doc.TW_PERMIT"},
	{Kind: HKMOTWResidence, Holders: []Holder{Person}, Label: "persons.doc.HKMOTW_RESIDENCE", Back: true},
	{Kind: ForeignResidence, Holders: []Holder{Person}, Label: "persons.doc.FOREIGN_PR"},
	{Kind: Passport, Holders: []Holder{Person}, Label: "persons.doc.PASSPORT"},
	{Kind: CNTempOrHukou, Holders: []Holder{Person}, Label: "persons.doc.CN_TEMP_OR_HUKOU", Human: true},
	{Kind: BizLicense, Holders: []Holder{Organisation}, Label: "persons.doc.BIZ_LICENSE"},
	{Kind: USCCCert, Holders: []Holder{Organisation}, Label: "persons.doc.USCC_CERT"},
	{Kind: OrgCodeCert, Holders: []Holder{Organisation}, Label: "persons.doc.ORG_CODE"},
	{Kind: PublicInst, Holders: []Holder{Organisation}, Label: "persons.doc.PUBLIC_INST"},
	{Kind: SocialOrg, Holders: []Holder{Organisation}, Label: "persons.doc.SOCIAL_ORG"},
	{Kind: NGOUnit, Holders: []Holder{Organisation}, Label: "persons.doc.NGO_UNIT"},
	{Kind: ServiceOrg, Holders: []Holder{Organisation}, Label: "persons.doc.SERVICE_ORG"},
	{Kind: Foundation, Holders: []Holder{Organisation}, Label: "persons.doc.FOUNDATION"},
	{Kind: LawFirm, Holders: []Holder{Organisation}, Label: "persons.doc.LAW_FIRM"},
	{Kind: Notary, Holders: []Holder{Organisation}, Label: "persons.doc.NOTARY"},
	{Kind: Forensic, Holders: []Holder{Organisation}, Label: "persons.doc.FORENSIC"},
	{Kind: School, Holders: []Holder{Organisation}, Label: "persons.doc.SCHOOL", Human: true},
	{Kind: Hospital, Holders: []Holder{Organisation}, Label: "persons.doc.HOSPITAL", Human: true},
	{Kind: ReligiousSite, Holders: []Holder{Organisation}, Label: "persons.doc.RELIGIOUS_SITE"},
	{Kind: ForeignRep, Holders: []Holder{Organisation}, Label: "persons.doc.FOREIGN_REP"},
	{Kind: ForeignTourism, Holders: []Holder{Organisation}, Label: "persons.doc.FOREIGN_TOURISM"},
	{Kind: ForeignCulture, Holders: []Holder{Organisation}, Label: "persons.doc.FOREIGN_CULTURE"},
	{Kind: MilCode, Holders: []Holder{Organisation}, Label: "persons.doc.MIL_CODE", Human: true},
	{Kind: MilService, Holders: []Holder{Organisation}, Label: "persons.doc.MIL_SERVICE", Human: true},
	{Kind: EmbassySchool, Holders: []Holder{Organisation}, Label: "persons.doc.EMBASSY_SCHOOL", Human: true},
	{Kind: OverseasOrg, Holders: []Holder{Organisation}, Label: "persons.doc.OVERSEAS_ORG", Human: true, Translation: true},
	{Kind: Other, Holders: []Holder{Person, Organisation}, Label: "persons.doc.OTHER", Human: true},
}

// Documents are the documents of a kind of holder, in the order of a form.
func Documents(h Holder) []Document {
	var fit []Document
	for _, d := range documents {
		if d.Fits(h) {
			fit = append(fit, d)
		}
	}
	return fit
}

// DocumentOf finds a kind of document; ok is false for kinds that are none.
func DocumentOf(k Kind) (d Document, ok bool) {
	for _, d := range documents {
		if d.Kind == k {
			return d, true
		}
	}
	return Document{}, false
}

// Kinds are all kinds that Check knows, documents first.
func Kinds() []Kind {
	var all []Kind
	for _, d := range documents {
		all = append(all, d.Kind)
	}
	return append(all, USCC, OrgCode, Mobile, Postcode, PersonName, OrgName)
}
