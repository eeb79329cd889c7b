package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
)

// runner is what a transaction's statements run on: *sql.Tx for PostgreSQL, a
// lane for SQLite.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// lane is one connection to an SQLite file with the statements it has compiled.
// Compiling costs more than most of our statements cost to run, and a
// connection that is kept needs no goroutine to watch over a transaction.
//
// One goroutine uses a lane at a time. A statement in progress is not
// interrupted when the context ends (SQLite would undo the whole transaction,
// and with it the neighbours of a group commit): the next one is refused
// instead.
type lane struct {
	pool     *sql.DB
	conn     *sql.Conn
	compiled map[form]*sql.Stmt
	limits   map[string]limit
	broken   bool  // the connection is of no use any more
	lost     error // the engine may have undone the transaction: nothing more may run in it
}

// form is a text with the number its LIMIT stands for.
type form struct {
	text string
	most int64 // -1: the text has no such LIMIT
}

// limit is where a text says LIMIT $n, and which n.
type limit struct{ from, to, arg int }

// findLimit finds the last LIMIT of a text that is an argument. SQLite compiles
// a statement anew each time such an argument is bound (it plans by its value);
// as a literal, of which a text has but a few, it does not.
func findLimit(text string) limit {
	const word = "LIMIT $"
	at := strings.LastIndex(text, word)
	if at < 0 {
		return limit{}
	}
	from := at + len(word) - 1
	to := from + 1
	for to < len(text) && '0' <= text[to] && text[to] <= '9' {
		to++
	}
	n, err := strconv.Atoi(text[from+1 : to])
	if err != nil {
		return limit{}
	}
	return limit{from, to, n}
}

// formOf is what a lane compiles for a text with these arguments.
func (l *lane) formOf(text string, args []any) form {
	at, ok := l.limits[text]
	if !ok {
		if len(l.limits) >= maxCompiled {
			clear(l.limits)
		}
		at = findLimit(text)
		l.limits[text] = at
	}
	if at.arg < 1 || at.arg > len(args) {
		return form{text, -1}
	}
	switch n := args[at.arg-1].(type) {
	case int:
		return form{text, int64(n)}
	case int64:
		return form{text, n}
	}
	return form{text, -1}
}

func (l *lane) sql(f form) string {
	if f.most < 0 {
		return f.text
	}
	at := l.limits[f.text]
	return f.text[:at.from] + strconv.FormatInt(f.most, 10) + f.text[at.to:]
}

// maxCompiled bounds what a lane keeps; texts are constants but for a few lists
// of varying length.
const maxCompiled = 256

func (l *lane) open(ctx context.Context) error {
	if l.conn != nil && !l.broken {
		return nil
	}
	l.close()
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return err
	}
	l.conn, l.compiled, l.limits, l.broken = conn, map[form]*sql.Stmt{}, map[string]limit{}, false
	return nil
}

// close gives the connection up; a broken one is not used by anybody again.
func (l *lane) close() {
	if l.conn == nil {
		return
	}
	l.forget()
	if l.broken {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // how database/sql is told to drop it
	}
	_ = l.conn.Close()
	l.conn = nil
}

func (l *lane) forget() {
	for f, s := range l.compiled {
		_ = s.Close()
		delete(l.compiled, f)
	}
}

func (l *lane) statement(ctx context.Context, query string, args []any) (*sql.Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f := l.formOf(query, args)
	if s, ok := l.compiled[f]; ok {
		return s, nil
	}
	if len(l.compiled) >= maxCompiled {
		l.forget()
	}
	s, err := l.conn.PrepareContext(context.Background(), l.sql(f))
	if err != nil {
		return nil, l.saw(err)
	}
	l.compiled[f] = s
	return s, nil
}

// ExecContext runs a statement unless ctx has ended.
func (l *lane) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if l.lost != nil {
		return nil, l.lost
	}
	s, err := l.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(context.Background(), args...)
	return res, l.saw(err)
}

// QueryContext begins a statement unless ctx has ended.
func (l *lane) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if l.lost != nil {
		return nil, l.lost
	}
	s, err := l.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	return rows, l.saw(err)
}

// begin opens a transaction with one of the words for it.
func (l *lane) begin(word string) error {
	l.lost = nil
	return l.do(word)
}

// do runs one of the words that begin and end transactions and parts of them.
func (l *lane) do(word string) error {
	s, err := l.statement(context.Background(), word, nil)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background())
	return l.saw(err)
}

// saw notes what an error means for the lane. After some of them the engine
// may have undone the transaction by itself, and a further statement would
// commit at once.
func (l *lane) saw(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		l.broken = true
	}
	if undoes(err) && l.lost == nil {
		l.lost = err
	}
	return err
}

// lanes are the readers of an SQLite file.
type lanes struct{ idle chan *lane }

func newLanes(pool *sql.DB, n int) *lanes {
	ls := &lanes{idle: make(chan *lane, n)}
	for range n {
		ls.idle <- &lane{pool: pool}
	}
	return ls
}

// with runs f in a transaction that only reads, on whichever lane is free.
func (ls *lanes) with(ctx context.Context, f func(on runner) error) error {
	var l *lane
	select {
	case l = <-ls.idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { ls.idle <- l }()
	if err := l.open(ctx); err != nil {
		return err
	}
	if err := l.begin("BEGIN"); err != nil {
		return err
	}
	defer func() {
		if err := l.do("ROLLBACK"); err != nil {
			l.broken = true // a lane that stands in an old snapshot would show the past for ever
		}
	}()
	return f(l)
}

// close gives up the lanes that nobody uses.
func (ls *lanes) close() {
	for range cap(ls.idle) {
		select {
		case l := <-ls.idle:
			l.close()
			ls.idle <- l
		default:
		}
	}
}
