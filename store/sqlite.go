package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"postern/words"
)

// Code that only works with SQLite is in this file, in statements.go, in schema.go, in search.go and in the
// migrations.

// driverCode returns SQLite's extended result code of an error; 0 if the error does not come from SQLite.
// https://www.sqlite.org/rescode.html
func driverCode(err error) int {
	var se *sqlite.Error
	if errors.As(err, &se) {
		return se.Code()
	}
	return 0
}

// isDriverError reports whether the error comes from SQLite.
func isDriverError(err error) bool { return driverCode(err) != 0 }

// isTaken reports whether a write violated a unique index.
func isTaken(err error) bool { return driverCode(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE }

// isCorrupt reports whether the file is damaged.
func isCorrupt(err error) bool { return driverCode(err)&0xff == sqlite3.SQLITE_CORRUPT }

// isForeign reports whether the file is not an SQLite database.
func isForeign(err error) bool { return driverCode(err)&0xff == sqlite3.SQLITE_NOTADB }

// isDiskFault reports whether the disk is full or has failed.
func isDiskFault(err error) bool {
	primary := driverCode(err) & 0xff
	return primary == sqlite3.SQLITE_FULL || primary == sqlite3.SQLITE_IOERR
}

// journalMode returns the journal mode of the database; Postern requires "wal".
func journalMode(ctx context.Context, db *sql.DB) (mode string, err error) {
	return mode, db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
}

// integrity reads the whole file and returns "ok" or the first problem.
func integrity(ctx context.Context, db *sql.DB) (result string, err error) {
	return result, db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&result)
}

// quickCheck reads the whole file except the indexes and returns "ok" or up to three problems.
func quickCheck(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `PRAGMA quick_check(3)`)
	return collect(rows, err, func(row scanner) (line string, err error) { return line, row.Scan(&line) })
}

// hasTable reports whether the database has the table.
func hasTable(ctx context.Context, db *sql.DB, name string) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = $1`, name).Scan(&n)
	return n > 0, err
}

// unindexed returns a column in a spelling for which SQLite's planner does not use an index.
func unindexed(column string) string { return "+" + column }

// matches returns the condition that a row of a full-text table matches a query from Store.match.
func matches(table, arg string) string { return table + " MATCH " + arg }

// without returns an expression for a JSON object without some of its keys.
func without(column string, keys ...string) string {
	return "json_remove(" + column + ", '$." + strings.Join(keys, "', '$.") + "')"
}

// rewrite rewrites the whole database file, so that deleted data does not stay in it. emptyLog must follow.
func rewrite(ctx context.Context, db *sql.DB) error {
	return onDisk(ctx, db, func() error {
		if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
			return fmt.Errorf("rewriting the database: %w", err)
		}
		return nil
	})
}

// inMemory is a connection option that keeps temporary data in memory instead of in files. An insert of several rows
// saves the pages that it changes, which took a thirtieth of the time of a first import with files.
const inMemory = "_pragma=temp_store(MEMORY)"

// onDisk runs f with temporary data in files, because it may become as large as the database. db must have one
// connection that was opened with inMemory.
func onDisk(ctx context.Context, db *sql.DB, f func() error) error {
	if _, err := db.ExecContext(ctx, `PRAGMA temp_store = FILE`); err != nil {
		return fmt.Errorf("setting temp_store: %w", err)
	}
	err := f()
	if _, again := db.ExecContext(ctx, `PRAGMA temp_store = MEMORY`); err == nil && again != nil && ctx.Err() == nil {
		err = fmt.Errorf("setting temp_store: %w", again)
	}
	return err
}

// emptyLog moves the content of the write-ahead log into the database file and empties the log. It returns an error
// if a reader prevents that.
func emptyLog(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("emptying the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errors.New(words.DatabaseLogInUse)
	}
	return nil
}

// copyInto copies the whole database into an empty file.
func copyInto(ctx context.Context, db *sql.DB, path string) error {
	_, err := db.ExecContext(ctx, `VACUUM INTO $1`, path)
	return err
}
