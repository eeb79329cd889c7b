package catalogue

import (
	"context"
	"testing"

	"yumen/db/dbtest"
	"yumen/registrar/permits"
)

// BenchmarkShelf is what the list of endings and the public notice add to a
// page that shows both, beside reading them afresh.
func BenchmarkShelf(b *testing.B) {
	d, _ := dbtest.SQLite(b)
	seed(b, d)
	var s Shelf
	var board permits.Board
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.OnSale(context.Background(), d, 2); err != nil {
				b.Fatal(err)
			}
			if _, err := board.Notice(context.Background(), d, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("afresh", func(b *testing.B) {
		for b.Loop() {
			if _, err := new(Shelf).OnSale(context.Background(), d, 2); err != nil {
				b.Fatal(err)
			}
			if _, err := new(permits.Board).Notice(context.Background(), d, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
}
