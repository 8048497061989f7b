package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"postern/words"
)

// ErrSmuggled says that the file has triggers or views that are not Postern's. They would act whenever the database is
// used.
var ErrSmuggled = errors.New("store: foreign triggers or views")

// schemaObject is one row of sqlite_master.
type schemaObject struct{ kind, name, table, sql string }

// Purge compares the schema of a database file with that of Postern at the same version. It returns ErrSmuggled when
// there is a trigger or view that Postern did not make. With drop it drops the tables that Postern does not know, such
// as those that a replication tool leaves, and returns their names. It runs before anything else of the file is used,
// because triggers act on what a migration does. A file that is no database of Postern's, or of a newer one, is left
// for [Open] to refuse.
func Purge(ctx context.Context, path string, drop bool) (dropped []string, err error) {
	db, err := openPool(path, "_txlock=immediate&_dqs=0&_pragma=busy_timeout(5000)&_pragma=trusted_schema(0)", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err := (&Store{w: db}).schemaVersion(ctx)
	if err != nil || version == 0 {
		return nil, nil //nolint:nilerr // Open says what is wrong with it
	}
	ours, err := schemaAt(ctx, version)
	if err != nil || ours == nil {
		return nil, err
	}
	theirs, err := schemaOf(ctx, db)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, o := range ours {
		known[o.key()] = true
	}
	var smuggled, unknown []string
	for _, o := range theirs {
		switch {
		case o.kind == "trigger" || o.kind == "view":
			// One on a table that Postern does not know goes with the table, unless that stays.
			if !known[o.key()] && (o.kind == "view" || !drop || known["table "+strings.ToLower(o.table)]) {
				smuggled = append(smuggled, o.name)
			}
		case o.kind == "table" && !known[o.key()]:
			unknown = append(unknown, o.name)
		}
	}
	if len(smuggled) > 0 {
		return nil, tell(ErrSmuggled, words.DatabaseSmuggled(smuggled))
	}
	if !drop {
		return nil, nil
	}
	return unknown, dropTables(ctx, db, theirs, unknown)
}

// key names an object; that of a trigger or view holds its text, because a known name may do something else.
func (o schemaObject) key() string {
	key := o.kind + " " + strings.ToLower(o.name)
	if o.kind == "trigger" || o.kind == "view" {
		key += " " + strings.Join(strings.Fields(o.sql), " ")
	}
	return key
}

// schemaOf lists the tables, views and triggers; SQLite's own are not among them.
func schemaOf(ctx context.Context, db *sql.DB) ([]schemaObject, error) {
	rows, err := db.QueryContext(ctx, `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master
		WHERE type IN ('table', 'view', 'trigger') AND lower(substr(name, 1, 7)) <> 'sqlite_' ORDER BY name`)
	list, err := collect(rows, err, func(row scanner) (o schemaObject, err error) {
		return o, row.Scan(&o.kind, &o.name, &o.table, &o.sql)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return list, nil
}

// schemaAt returns what Postern's own migrations up to a version make; nil when there is no such version.
func schemaAt(ctx context.Context, version int64) (list []schemaObject, err error) {
	dir, err := os.MkdirTemp("", "postern-schema-")
	if err != nil {
		return nil, fmt.Errorf("comparing the schema: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := openPool(filepath.Join(dir, "schema.db"), "_txlock=immediate&_dqs=0&_pragma=synchronous(OFF)", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(goMigrations()...))
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	if sources := p.ListSources(); version > sources[len(sources)-1].Version {
		return nil, nil
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return nil, fmt.Errorf("comparing the schema: %w", err)
	}
	return schemaOf(ctx, db)
}

// dropTables drops tables that refer to nothing of Postern's and that nothing of Postern's refers to.
func dropTables(ctx context.Context, db *sql.DB, all []schemaObject, names []string) error {
	if len(names) == 0 {
		return nil
	}
	virtual := func(name string) bool {
		return slices.ContainsFunc(all, func(o schemaObject) bool {
			return o.kind == "table" && o.name == name &&
				strings.HasPrefix(strings.ToUpper(strings.TrimSpace(o.sql)), "CREATE VIRTUAL")
		})
	}
	// Virtual tables first: the tables that they keep their contents in go with them.
	order := slices.Clone(names)
	slices.SortStableFunc(order, func(a, b string) int {
		switch x, y := virtual(a), virtual(b); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	for _, name := range order {
		if _, err := db.ExecContext(ctx, `DROP TABLE IF EXISTS "`+strings.ReplaceAll(name, `"`, `""`)+`"`); err != nil {
			return fmt.Errorf("dropping the table %s, which is not Postern's: %w", name, err)
		}
	}
	// What was in them is gone from the file, too.
	if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
		return fmt.Errorf("dropping tables that are not Postern's: %w", err)
	}
	return nil
}
