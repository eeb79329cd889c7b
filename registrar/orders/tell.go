package orders

import (
	"time"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/notices"
)

// tell owes the buyer a letter about the order. Ref is always among its
// arguments.
func tell(tx *db.Tx, o Order, message string, args map[string]string) error {
	to, err := accounts.Contact(tx, o.Account)
	if err != nil {
		return err
	}
	all := map[string]string{"Ref": o.Ref}
	for k, v := range args {
		all[k] = v
	}
	_, err = notices.Owe(tx, notices.Owed{House: o.House, Account: o.Account, To: to.Email, Lang: to.Lang, Message: message,
		Args: all, Ref: o.Ref})
	return err
}

// note adds a line about an item to the timeline; Name is always among its
// arguments.
func note(tx *db.Tx, i Item, kind, next string, due time.Time, args map[string]string) error {
	all := map[string]string{"Name": i.NameU}
	for k, v := range args {
		all[k] = v
	}
	return happened(tx, i.House, i.Order, Event{N: i.N, Kind: kind, Next: next, Due: due, Args: all})
}

// noteOnce is note, unless the newest line says the same already: waiting is
// told once, however often it is looked at.
func noteOnce(tx *db.Tx, i Item, kind, next string, due time.Time, args map[string]string) error {
	last, err := lastEvent(tx, i.Order, i.N)
	if err != nil || last == kind {
		return err
	}
	return note(tx, i, kind, next, due, args)
}

// noteStill is noteOnce, unless the item moved on since it was read: while a
// registry was told of its holder, the buyer may have taken it back.
func noteStill(tx *db.Tx, i Item, kind, next string) error {
	now, err := lock(tx, i.Key())
	if err != nil || now.State != i.State || now.over() {
		return err
	}
	return noteOnce(tx, i, kind, next, time.Time{}, nil)
}

// record writes what the system did with an item into the audit.
func record(tx *db.Tx, who actor.Actor, i Item, act string, details map[string]string) error {
	all := map[string]string{"name": i.NameA}
	for k, v := range details {
		all[k] = v
	}
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "order", Ref: i.Key(), House: i.House, Account: i.Account, Details: all})
}

// alarm opens a task for staff about an item.
func alarm(tx *db.Tx, i Item, kind string, right actor.Right, summary string, args map[string]string) error {
	all := map[string]string{"Order": i.Order, "Name": i.NameU}
	for k, v := range args {
		all[k] = v
	}
	_, err := desk.Open(tx, desk.Task{House: i.House, Kind: kind, Ref: i.Key(), Right: right, Summary: summary, Args: all,
		Due: tx.Now.Add(24 * time.Hour)})
	return err
}

// system is the program acting for an item.
func system(i Item, why string) actor.Actor { return actor.System(i.House, "orders", why) }

// stamp writes an instant for people, as the clock in Beijing shows it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(calendar.Shanghai).Format("2006-01-02 15:04")
}
