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

// ErrSmuggled says that the file contains triggers or views that Postern did not create. They would run whenever the
// database is used.
var ErrSmuggled = errors.New("store: foreign triggers or views")

// schemaObject is one row of sqlite_master.
type schemaObject struct{ kind, name, table, sql string }

// Purge compares the schema of a database file with the schema that Postern creates at the same version. It returns
// ErrSmuggled if there is a trigger or view that Postern did not create. If drop is set, it drops the tables that
// Postern does not know, such as those of a replication tool, and returns their names.
//
// Purge must run before the file is used in any other way, because a migration can fire triggers. It does nothing
// for a file that is not a Postern database or has a newer version; [Open] refuses such a file.
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
			// A trigger on an unknown table is dropped with that table, so it only counts if the table stays.
			if !known[o.key()] && (o.kind == "view" || !drop || known["table "+strings.ToLower(o.table)]) {
				smuggled = append(smuggled, o.name)
			}
		case o.kind == "table" && !known[o.key()]:
			unknown = append(unknown, o.name)
		}
	}
	if len(smuggled) > 0 {
		return nil, withText(ErrSmuggled, words.DatabaseSmuggled(smuggled))
	}
	if !drop {
		return nil, nil
	}
	return unknown, dropTables(ctx, db, theirs, unknown)
}

// key returns a key that identifies an object. For a trigger or view it includes the SQL, because one with a known
// name may do something else.
func (o schemaObject) key() string {
	key := o.kind + " " + strings.ToLower(o.name)
	if o.kind == "trigger" || o.kind == "view" {
		key += " " + strings.Join(strings.Fields(o.sql), " ")
	}
	return key
}

// schemaOf returns the tables, views and triggers, except those of SQLite itself.
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

// schemaAt returns the schema that Postern's migrations create up to a version; nil if there is no such version.
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

// dropTables drops tables that have no connection to Postern's own tables.
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
	// Drop virtual tables first, because that also drops the tables that store their contents.
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
	// Remove the contents of the dropped tables from the file.
	if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
		return fmt.Errorf("dropping tables that are not Postern's: %w", err)
	}
	return nil
}
