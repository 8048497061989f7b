package store

import (
	"context"
	"database/sql"
	"fmt"
)

// transaction is one write to the database. Whatever makes a publication due, or changes which one is or what of it is
// to be prepared, marks it with changesDue.
type transaction struct {
	*sql.Tx
	due bool
}

// changesDue lets everybody who was given to OnDue be called once the transaction is committed.
func (tx *transaction) changesDue() { tx.due = true }

// wake is ExecContext for a statement that makes something due; one that finds no row does not mark the transaction.
func (tx *transaction) wake(ctx context.Context, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	tx.due = tx.due || n > 0
	return err
}

// OnDue calls f after each commit that makes a publication or a follow-up due, or changes which one is or what of it is
// to be prepared. f must return at once and may be called by several goroutines. Steps of a publisher, which looks for
// more work when it has ended one, call nobody. Writes of another process and what becomes due by the clock do not
// either: whoever waits for work asks Due every now and then all the same.
func (s *Store) OnDue(f func()) {
	s.hears.Lock()
	defer s.hears.Unlock()
	s.onDue = append(s.onDue, f)
}

func (s *Store) tellDue() {
	s.hears.Lock()
	hear := s.onDue[:len(s.onDue):len(s.onDue)]
	s.hears.Unlock()
	for _, f := range hear {
		f()
	}
}

// write runs f in one immediate transaction, and calls those of OnDue after the commit if f marked it. f must use tx
// only: there is one connection.
func (s *Store) write(ctx context.Context, f func(tx *transaction) error) error {
	begun, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	defer begun.Rollback()
	tx := &transaction{Tx: begun}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	if tx.due {
		s.tellDue()
	}
	return nil
}
