package permits

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
)

// Imprint is what a house says about itself in public: who it is, its numbers
// and how to complain. Base layout and the printed notice show all of it
// (Order 43 arts. 22, 35; E-Commerce Law art. 15).
type Imprint struct {
	Company          Text   `json:"company"`
	Address          Text   `json:"address"`
	Postcode         string `json:"postcode"`
	Hours            Text   `json:"hours"`
	Hotline          string `json:"hotline"`
	Mail             string `json:"mail"`
	ComplaintPhone   string `json:"complaint_phone"`
	ComplaintMail    string `json:"complaint_mail"`
	ComplaintAddress Text   `json:"complaint_address"`
	ICP              string `json:"icp"`             // 京ICP备12345678号-1
	PublicSecurity   string `json:"public_security"` // 京公网安备11010102000001号
	Telecom          string `json:"telecom"`         // 增值电信业务经营许可证, where there is one
	BusinessLicence  string `json:"business_licence"`
}

// PublicNotice is everything a page has to show, with the permit as it stands.
type PublicNotice struct {
	Imprint
	Permit   Permit
	HasOwn   bool         // a permit was recorded and not withdrawn
	Today    calendar.Day // the day Valid was judged on
	Valid    bool
	Agencies []Listing // endings sold as another registrar's agent, while that link stands on Today
	Listings []Listing // all endings with their registries and authorisations
	Version  int64
}

// Where everybody can check a permit, a filing or report what is bad. These
// are the authorities' own addresses.
const (
	PermitLookup         = "https://domain.miit.gov.cn/"
	ICPLookup            = "https://beian.miit.gov.cn/"
	PublicSecurityLookup = "https://beian.mps.gov.cn/"
)

// OutsideChannel is a complaint channel that is not ours.
type OutsideChannel struct {
	Phone, URL string
	MessageID  string // what it is for
}

// OutsideChannels are those every page shows beside the house's own.
func OutsideChannels() []OutsideChannel {
	return []OutsideChannel{
		{"12321", "https://www.12321.cn/", "permits.channel_12321"},
		{"12377", "https://www.12377.cn/", "permits.channel_12377"},
	}
}

const province = `[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川蜀黔贵滇云陕甘陇青蒙桂藏宁新]`

var (
	icpNumber      = regexp.MustCompile(`^` + province + `ICP(备\d{8,10}号(-\d{1,4})?|证\d{6,8}号)$`)
	policeNumber   = regexp.MustCompile(`^` + province + `公网安备\s?\d{14}号$`)
	telecomNumber  = regexp.MustCompile(`^` + province + `?[AB][12](\.[AB]\d)?-\d{8}(-\d+)?$`)
	plausibleMail  = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	plausiblePhone = regexp.MustCompile(`^[0-9+][0-9 -]{2,}$`)
)

// SaveImprint records a new version of the house's imprint. The complaint
// channels cannot be left out: a page without them may not be published.
func SaveImprint(tx *db.Tx, who actor.Actor, i Imprint, why string) (version int64, err error) {
	if err := mayEdit(who, why); err != nil {
		return 0, err
	}
	var f problem.Form
	for _, c := range []struct{ field, value string }{
		{"company_zh", i.Company.Zh}, {"company_en", i.Company.En},
		{"address_zh", i.Address.Zh}, {"address_en", i.Address.En},
		{"complaint_phone", i.ComplaintPhone}, {"complaint_mail", i.ComplaintMail},
		{"complaint_address_zh", i.ComplaintAddress.Zh}, {"complaint_address_en", i.ComplaintAddress.En},
		{"icp", i.ICP}, {"public_security", i.PublicSecurity},
	} {
		need(&f, c.field, c.value)
	}
	for _, c := range []struct {
		field, value string
		form         *regexp.Regexp
	}{
		{"icp", i.ICP, icpNumber}, {"public_security", i.PublicSecurity, policeNumber}, {"telecom", i.Telecom, telecomNumber},
		{"complaint_mail", i.ComplaintMail, plausibleMail}, {"mail", i.Mail, plausibleMail},
		{"complaint_phone", i.ComplaintPhone, plausiblePhone}, {"hotline", i.Hotline, plausiblePhone},
	} {
		if v := strings.TrimSpace(c.value); v != "" && !c.form.MatchString(v) {
			f.Add(c.field, "permits.field_form")
		}
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if version, err = insertImprint(tx, who, i, why); err != nil {
		return 0, err
	}
	return version, record(tx, who, "permits.imprint_saved", "imprint", "", why)
}

// Notice is what a house has to show today.
func Notice(tx *db.Tx, house int64) (PublicNotice, error) {
	var n PublicNotice
	var err error
	if n.Version, err = versionOf(tx, house); err != nil {
		return n, err
	}
	if n.Imprint, err = currentImprint(tx, house); err != nil {
		return n, err
	}
	var found bool
	if n.Permit, found, err = currentPermit(tx, house); err != nil {
		return n, err
	}
	n.HasOwn = found && !n.Permit.Withdrawn
	if n.Listings, err = listings(tx, house); err != nil {
		return n, err
	}
	return n.on(calendar.DayOf(tx.Now)), nil
}

func (n PublicNotice) on(today calendar.Day) PublicNotice {
	n.Today, n.Valid, n.Agencies = today, n.Permit.Valid(today), nil
	for _, l := range n.Listings {
		if l.Mode == AsAgent && l.RegistrarPermitTo >= today && l.Agreement != "" && l.AgreementFrom <= today && today <= l.AgreementTo {
			n.Agencies = append(n.Agencies, l)
		}
	}
	return n
}

// Board keeps the notices of all houses at hand for the pages, which show them
// on every answer. An edit by this process is seen at once, one by another
// process within Fresh. The zero Board is ready.
type Board struct {
	mu   sync.RWMutex
	kept map[int64]keptNotice
}

type keptNotice struct {
	notice  PublicNotice
	edits   int64     // Edits when it was read or found still right
	checked time.Time // when it was
}

// Fresh is how long what is kept counts as right without asking the database
// whether another process has changed it.
const Fresh = time.Second

// Notice is the house's notice as of now.
func (b *Board) Notice(ctx context.Context, d *db.DB, house int64) (n PublicNotice, err error) {
	now, edits := d.Now(), Edits(d) // before reading: an edit meanwhile makes what was read old
	b.mu.RLock()
	had, ok := b.kept[house]
	b.mu.RUnlock()
	if ok && had.edits == edits && now.Before(had.checked.Add(Fresh)) && !now.Before(had.checked) {
		return had.notice.on(calendar.DayOf(now)), nil
	}
	err = d.Read(ctx, func(tx *db.Tx) error {
		v, err := versionOf(tx, house)
		if err != nil {
			return err
		}
		if ok && had.notice.Version == v {
			n = had.notice.on(calendar.DayOf(tx.Now))
			return nil
		}
		n, err = Notice(tx, house)
		return err
	})
	if err != nil {
		return n, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[int64]keptNotice{}
	}
	b.kept[house] = keptNotice{n, edits, now}
	return n, nil
}

type editsKey struct{}

func editsOf(d *db.DB) *atomic.Int64 {
	return db.Memory(d, editsKey{}, func() *atomic.Int64 { return new(atomic.Int64) })
}

// Edits counts the edits of permits this process has committed.
func Edits(d *db.DB) int64 { return editsOf(d).Load() }
