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

// What only SQLite understands stands in this file, in statements.go, in schema.go and in the migrations.

// driverCode returns SQLite's extended result code of an error; 0 when it is no error of SQLite's.
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

// isTaken reports whether a write was refused because a unique index has the value already.
func isTaken(err error) bool { return driverCode(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE }

// isCorrupt reports whether the file is damaged.
func isCorrupt(err error) bool { return driverCode(err)&0xff == sqlite3.SQLITE_CORRUPT }

// isForeign reports whether the file is no database of SQLite's.
func isForeign(err error) bool { return driverCode(err)&0xff == sqlite3.SQLITE_NOTADB }

// isDiskFault reports whether the disk is full or fails.
func isDiskFault(err error) bool {
	primary := driverCode(err) & 0xff
	return primary == sqlite3.SQLITE_FULL || primary == sqlite3.SQLITE_IOERR
}

// journalMode returns how the file is written; "wal" is wanted.
func journalMode(ctx context.Context, db *sql.DB) (mode string, err error) {
	return mode, db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
}

// integrity reads the whole file and returns "ok", or the first thing that is wrong with it.
func integrity(ctx context.Context, db *sql.DB) (said string, err error) {
	return said, db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said)
}

// quickCheck reads the whole file without its indexes and returns "ok", or up to three things that are wrong with it.
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

// unindexed is a column, spelt so that the planner takes no index of it.
func unindexed(column string) string { return "+" + column }

// matches is a condition: the row of a full-text table contains the words, as Store.match spells them.
func matches(table, arg string) string { return table + " MATCH " + arg }

// without is the text of a JSON object without some of its keys.
func without(column string, keys ...string) string {
	return "json_remove(" + column + ", '$." + strings.Join(keys, "', '$.") + "')"
}

// rewrite writes the whole database anew, so that nothing stays of what was in it before; emptyLog comes next.
func rewrite(ctx context.Context, db *sql.DB) error {
	return onDisk(ctx, db, func() error {
		if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
			return fmt.Errorf("rewriting the database: %w", err)
		}
		return nil
	})
}

// inMemory is an option of a connection: it keeps in memory what SQLite would write into temporary files. An
// insert of several rows sets the pages aside that it changes, which took a thirtieth of a first import.
const inMemory = "_pragma=temp_store(MEMORY)"

// onDisk runs f, for which temporary files may become as large as the database, on a pool of one connection that
// is opened with inMemory.
func onDisk(ctx context.Context, db *sql.DB, f func() error) error {
	if _, err := db.ExecContext(ctx, `PRAGMA temp_store = FILE`); err != nil {
		return fmt.Errorf("choosing where temporary files go: %w", err)
	}
	err := f()
	if _, again := db.ExecContext(ctx, `PRAGMA temp_store = MEMORY`); err == nil && again != nil && ctx.Err() == nil {
		err = fmt.Errorf("choosing where temporary files go: %w", again)
	}
	return err
}

// emptyLog brings what is in the write-ahead log into the file and empties it. It returns an error where somebody
// who reads keeps it from that.
func emptyLog(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("emptying the database's log: %w", err)
	}
	if busy != 0 {
		return errors.New(words.DatabaseLogInUse)
	}
	return nil
}

// copyInto writes the whole database into an empty file.
func copyInto(ctx context.Context, db *sql.DB, path string) error {
	_, err := db.ExecContext(ctx, `VACUUM INTO $1`, path)
	return err
}
