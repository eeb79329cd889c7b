package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

// Migrate brings the schema to the newest version. It only goes forward; old
// code must run on the new schema.
//
// A migration is one SQL text for both engines. What only one engine
// understands stands between "-- +engine sqlite" or "-- +engine postgres" and
// "-- +engine all".
func (d *DB) Migrate(ctx context.Context) error {
	list, err := d.migrationList()
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if d.Engine == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.write, nil, goose.WithGoMigrations(list...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("db: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}

func (d *DB) migrationList() ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	seen := map[int64]string{}
	var list []*goose.Migration
	for _, f := range files {
		m := migrationName.FindStringSubmatch(strings.TrimPrefix(f, "migrations/"))
		if m == nil {
			return nil, fmt.Errorf("db: migration %s is not named NNNN_words.sql", f)
		}
		version, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return nil, err
		}
		if other, ok := seen[version]; ok {
			return nil, fmt.Errorf("db: migrations %s and %s share a number", other, f)
		}
		seen[version] = f
		text, err := migrations.ReadFile(f)
		if err != nil {
			return nil, err
		}
		part, err := forEngine(string(text), d.Engine)
		if err != nil {
			return nil, fmt.Errorf("db: migration %s: %w", f, err)
		}
		up := func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, part); err != nil {
				return fmt.Errorf("%s: %w", f, err)
			}
			return nil
		}
		list = append(list, goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, nil))
	}
	return list, nil
}

// forEngine keeps the lines meant for one engine.
func forEngine(text string, e Engine) (string, error) {
	const mark = "-- +engine "
	now := "all"
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), mark); ok {
			switch now = strings.TrimSpace(rest); now {
			case "all", string(SQLite), string(Postgres):
			default:
				return "", errors.New("unknown engine mark " + now)
			}
			continue
		}
		if now == "all" || now == string(e) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n"), nil
}
