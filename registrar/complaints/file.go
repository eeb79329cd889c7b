package complaints

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Bounds of what is written, in characters.
const (
	MinText = 10
	MaxText = 4000
)

// Form is what a complainant fills in. Mail or telephone is needed, so that an
// answer finds them.
type Form struct {
	Kind  Kind
	Name  string
	Mail  string
	Phone string
	About string // the name it is about, as they write it
	URL   string // where it can be seen; may be empty
	Text  string
	// Consent is to the use of these particulars for handling the complaint
	// (PIPL Art. 13); ticked by the person alone.
	Consent bool
}

// Receipt is what the complainant takes away. The code is shown once.
type Receipt struct {
	Number   string
	Code     string
	Filed    time.Time
	ReplyBy  time.Time
	AnswerBy time.Time
}

const sealCode = "complaints.code"

// File takes a complaint in, from anybody: the number is given at once, the
// clocks begin, and the desk has a task.
func File(ctx context.Context, d *db.DB, who actor.Actor, f Form) (Receipt, error) {
	if err := f.check(); err != nil {
		return Receipt{}, err
	}
	var out Receipt
	err := d.Write(ctx, func(tx *db.Tx) error {
		reply, err := calendar.Policy(tx, "complaints.first_reply", "")
		if err != nil {
			return err
		}
		key := "complaints.answer"
		if f.Kind.Urgent() {
			key = "complaints.answer_urgent"
		}
		answer, err := calendar.Policy(tx, key, "")
		if err != nil {
			return err
		}
		due := answer.Deadline(tx.Now)
		c := Complaint{
			ID: tx.NewID(), House: who.House, Receipt: db.NewRef(), Kind: f.Kind, State: Received, Lang: who.Lang,
			Account: who.Account, Person: who.Person, Name: f.Name, Mail: f.Mail, Phone: f.Phone, About: f.About, URL: f.URL, Text: f.Text,
			Filed: tx.Now, ReplyBy: earlier(reply.After(tx.Now), due.At), AnswerBy: due.At, AnswerRule: due.Rule.String(),
		}
		if c.Lang == "" {
			c.Lang = "zh"
		}
		code := db.NewCode()
		c.CodeHash = hashCode(tx, c.Receipt, code)
		if err := insert(tx, c); err != nil {
			return err
		}
		if err := insertEvent(tx, c.House, c.ID, Event{State: Received}); err != nil {
			return err
		}
		if _, err := openTask(tx, c, c.ReplyBy); err != nil {
			return err
		}
		if c.Mail != "" { // without the code, which the page shows alone
			if _, err := notices.Owe(tx, notices.Owed{House: c.House, Account: c.Account, Person: c.Person, To: c.Mail, Lang: c.Lang,
				Message: "complaints.received", Args: map[string]string{"Receipt": c.Receipt}, Ref: c.Receipt}); err != nil {
				return err
			}
		}
		out = Receipt{Number: c.Receipt, Code: code, Filed: c.Filed, ReplyBy: c.ReplyBy, AnswerBy: c.AnswerBy}
		return audit.Record(tx, who, audit.Entry{Act: "complaints.filed", Object: "complaint", Ref: c.Receipt, Details: map[string]string{"kind": string(c.Kind)}})
	})
	return out, err
}

func openTask(tx *db.Tx, c Complaint, due time.Time) (int64, error) {
	return desk.Open(tx, desk.Task{House: c.House, Kind: TaskKind, Ref: c.Receipt, Right: c.Kind.Right(), Due: due,
		Summary: "complaints.task." + string(c.Kind), Args: map[string]string{"Receipt": c.Receipt}})
}

// TaskKind is the kind of a complaint's task on the desk; its Ref is the
// receipt number.
const TaskKind = desk.ComplaintAnswer

func (f *Form) check() error {
	var form problem.Form
	tidy := func(s string) string { return strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(s, ""))) }
	f.Name, f.Mail, f.Phone, f.About, f.URL, f.Text = tidy(f.Name), tidy(f.Mail), tidy(f.Phone), tidy(f.About), tidy(f.URL), tidy(f.Text)
	long := func(field, s string, most int) {
		if n := utf8.RuneCountInString(s); n > most {
			form.Add(field, "complaints.too_long", "Max", most, "Have", n)
		}
	}
	if !f.Kind.Known() {
		form.Add("kind", "complaints.kind_missing")
	}
	if f.Kind.NeedsName() && f.Kind.Known() && f.About == "" {
		form.Add("about", "complaints.about_missing")
	}
	long("about", f.About, 253)
	long("url", f.URL, 2000)
	switch n := utf8.RuneCountInString(f.Text); {
	case n < MinText:
		form.Add("text", "complaints.text_short", "Min", MinText)
	default:
		long("text", f.Text, MaxText)
	}
	if f.Name == "" {
		form.Add("name", "complaints.name_missing")
	}
	long("name", f.Name, 60)
	if f.Mail == "" && f.Phone == "" {
		form.Add("mail", "complaints.reach_missing")
	}
	if f.Mail != "" {
		if a, err := mail.ParseAddress(f.Mail); err != nil || a.Address != f.Mail || len(f.Mail) > 254 || !strings.Contains(f.Mail, ".") {
			form.Add("mail", "complaints.mail_invalid")
		}
	}
	if f.Phone != "" && !telephone(f.Phone) {
		form.Add("phone", "complaints.phone_invalid")
	}
	if !f.Consent {
		form.Add("consent", "complaints.consent_missing")
	}
	return form.Err()
}

// telephone accepts what people write: figures, spaces, +, -, brackets; six to
// twenty figures.
func telephone(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n++
		case strings.ContainsRune(" +-()（）转#", r):
		default:
			return false
		}
	}
	return n >= 6 && n <= 20
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func hashCode(tx *db.Tx, receipt, code string) string {
	return seal.From(tx).Hash(sealCode, receipt+" "+db.FoldRef(code))
}

// See shows a complaint to whoever has both receipt number and code. One wrong
// or both is the same answer.
func See(ctx context.Context, d *db.DB, who actor.Actor, receipt, code string) (Complaint, error) {
	var out Complaint
	err := d.Read(ctx, func(tx *db.Tx) error {
		receipt := db.FoldRef(receipt)
		c, err := selectByReceipt(tx, who.House, receipt)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		fits := subtle.ConstantTimeCompare([]byte(hashCode(tx, receipt, code)), []byte(c.CodeHash)) == 1
		if err != nil || !fits {
			return problem.New(problem.NotFound, "complaints.not_found")
		}
		out, err = withEvents(tx, c, false)
		return err
	})
	return out, err
}
