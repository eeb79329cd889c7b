package staff

import (
	"time"

	"yumen/registrar/desk"
)

// Overview is what waits for one person, as far as their rights go.
type Overview struct {
	Tiles  []Tile
	Mine   []desk.Item // what they hold
	Next   []desk.Item // what is most urgent and nobody's
	Now    time.Time
	Person int64
}

// Tile is one figure that leads to its page. Kind as in parts.
type Tile struct{ Kind, Name, Value, Note, Href string }
