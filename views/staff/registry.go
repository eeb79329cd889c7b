package staff

import (
	"time"

	"yumen/registrar/registries"
)

// Registries is how the registries are. A stopped queue is opened by a post to
// /staff/registries/KEY with reason.
type Registries struct {
	registries.Board
	Now     time.Time
	MayOpen bool   // this person may open a stopped queue
	Wrong   string // the registry whose form was refused
	Reason  string
	Error   string
}

// lightKind is a light's mark.
func lightKind(l registries.Light) string {
	switch l {
	case registries.Green:
		return "ok"
	case registries.Amber:
		return "wait"
	}
	return "bad"
}

// stopped are the registries whose queue rests.
func (v Registries) stopped() []registries.BoardRow {
	var out []registries.BoardRow
	for _, r := range v.Rows {
		if r.Queue != registries.QueueOpen || r.Stopped != "" {
			out = append(out, r)
		}
	}
	return out
}

// words is what a message says, for people.
func messageWords(m registries.Message) string {
	d, err := m.Digest()
	if err != nil {
		return ""
	}
	return d.Words
}
