package registrations

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"yumen/db"
)

type exported struct {
	Name           string   `json:"name"`
	ULabel         string   `json:"u_label"`
	Ending         string   `json:"ending"`
	IndexGroup     string   `json:"index_group"`
	IndexLabel     string   `json:"index_label"`
	TableVersion   string   `json:"table_version"`
	Members        []string `json:"members"`
	House          int64    `json:"house"`
	Account        int64    `json:"account"`
	Registry       string   `json:"registry"`
	ROID           string   `json:"roid"`
	OrderItem      string   `json:"order_item"`
	Profile        string   `json:"profile"`
	ProfileVersion int64    `json:"profile_version"`
	Registrant     string   `json:"registrant"`
	State          State    `json:"state"`
	Statuses       []string `json:"statuses"`
	RGP            []string `json:"rgp"`
	Nameservers    []string `json:"nameservers"`
	SubmittedAt    string   `json:"submitted_at"`
	CrDate         string   `json:"cr_date"`
	UpDate         string   `json:"up_date"`
	ExDate         string   `json:"ex_date"`
	RecordedAt     string   `json:"recorded_at"`
	GoneAt         string   `json:"gone_at"`
	GoneWhy        string   `json:"gone_why"`
}

// Export writes every name as a JSON line, oldest first, a page at a time.
func Export(ctx context.Context, d *db.DB, w io.Writer) error {
	enc := json.NewEncoder(w)
	for after := int64(0); ; {
		var page []exported
		err := d.Read(ctx, func(tx *db.Tx) error {
			page = page[:0]
			rows, err := export(tx, after, 500)
			if err != nil {
				return err
			}
			for _, r := range rows {
				after = r.ID
				ms, err := members(tx, r.ID)
				if err != nil {
					return err
				}
				x := exported{Name: r.NameA, ULabel: r.NameU, Ending: r.Ending, IndexGroup: r.Group, IndexLabel: r.Index,
					TableVersion: r.TableVersion, Members: []string{}, House: r.House, Account: r.Account, Registry: r.Registry,
					ROID: r.ROID, OrderItem: r.OrderItem, Profile: r.Profile, ProfileVersion: r.ProfileVersion,
					Registrant: r.Registrant, State: r.State, Statuses: list0(r.Statuses()), RGP: list0(r.RGP()),
					Nameservers: list0(r.Nameservers()), SubmittedAt: stamp(r.SubmittedAt), CrDate: stamp(r.CrDate),
					UpDate: stamp(r.UpDate), ExDate: stamp(r.ExDate), RecordedAt: stamp(r.RecordedAt), GoneAt: stamp(r.GoneAt),
					GoneWhy: r.GoneWhy}
				for _, m := range ms {
					x.Members = append(x.Members, m.NameA)
				}
				page = append(page, x)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, x := range page {
			if err := enc.Encode(x); err != nil {
				return err
			}
		}
		if len(page) < 500 {
			return nil
		}
	}
}

// list0 writes an empty list as [], which readers expect.
func list0(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
