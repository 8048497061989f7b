package store

import (
	"context"
	"database/sql"
	"fmt"
)

// transaction is one write transaction. Code that makes a publication due, or changes which one is due or what a
// preflight must prepare, calls changesDue.
type transaction struct {
	*sql.Tx
	due bool
}

// changesDue makes write call the functions registered with OnDue after the commit.
func (tx *transaction) changesDue() { tx.due = true }

// wake runs a statement that makes rows due. It calls changesDue only if a row was changed.
func (tx *transaction) wake(ctx context.Context, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	tx.due = tx.due || n > 0
	return err
}

// OnDue registers f to be called after each commit that makes a publication or a follow-up due, or changes which one
// is due or what a preflight must prepare. f must return at once, and several goroutines may call it concurrently. f
// is not called for a publisher's own steps, because a publisher looks for more work after each step; nor for writes
// of other processes, nor for publications that become due by the clock. A caller must therefore also poll Due from
// time to time.
func (s *Store) OnDue(f func()) {
	s.onDueLock.Lock()
	defer s.onDueLock.Unlock()
	s.onDue = append(s.onDue, f)
}

func (s *Store) notifyDue() {
	s.onDueLock.Lock()
	registered := s.onDue[:len(s.onDue):len(s.onDue)]
	s.onDueLock.Unlock()
	for _, f := range registered {
		f()
	}
}

// write runs f in one immediate transaction, and after the commit calls the functions registered with OnDue if f
// called changesDue. f must only use tx, because there is only one connection.
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
		s.notifyDue()
	}
	return nil
}
