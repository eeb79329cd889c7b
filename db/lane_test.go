package db

import (
	"fmt"
	"testing"
)

func TestALimitIsCompiledAsALiteral(t *testing.T) {
	l := &lane{limits: map[string]limit{}}
	for _, c := range []struct {
		text string
		args []any
		want string
	}{
		{`SELECT a FROM b LIMIT $1`, []any{5}, `SELECT a FROM b LIMIT 5`},
		{`SELECT a FROM b WHERE c = $1 LIMIT $2`, []any{"x", int64(51)}, `SELECT a FROM b WHERE c = $1 LIMIT 51`},
		{`UPDATE a SET b = $1 WHERE c IN (SELECT c FROM a LIMIT $12) RETURNING c`, append(make([]any, 11), 7), `UPDATE a SET b = $1 WHERE c IN (SELECT c FROM a LIMIT 7) RETURNING c`},
		{`SELECT a FROM b WHERE a > $1 LIMIT $1`, []any{0}, `SELECT a FROM b WHERE a > $1 LIMIT 0`},
		{`SELECT a FROM b LIMIT 1`, nil, `SELECT a FROM b LIMIT 1`},
		{`SELECT a FROM b LIMIT $1`, []any{"5"}, `SELECT a FROM b LIMIT $1`},
		{`SELECT a FROM b LIMIT $1`, []any{-1}, `SELECT a FROM b LIMIT $1`},
		{`SELECT a FROM b LIMIT $2`, []any{1}, `SELECT a FROM b LIMIT $2`},
		{`SELECT a FROM b LIMIT $`, []any{1}, `SELECT a FROM b LIMIT $`},
		{`SELECT a FROM b LIMIT $0`, []any{1}, `SELECT a FROM b LIMIT $0`},
	} {
		if got := l.sql(l.formOf(c.text, c.args)); got != c.want {
			t.Errorf("%s %v: %s", c.text, c.args, got)
		}
	}
}

func TestEachLimitOfATextGivesItsOwnNumberOfRows(t *testing.T) {
	d := shelf(t)
	if err := d.Write(back, func(tx *Tx) error {
		for i := range int64(10) {
			if err := put(tx, i+1); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for most := range 6 {
			for _, from := range []int64{0, 3, 8} {
				var got []int64
				if err := d.Read(back, func(tx *Tx) (err error) {
					got, err = All[int64](tx, `SELECT id FROM shelf WHERE id > $1 ORDER BY id LIMIT $2`, from, most)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				var want []int64
				for i := from + 1; i <= 10 && len(want) < most; i++ {
					want = append(want, i)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("from %d at most %d: %v", from, most, got)
				}
			}
		}
	}
}
