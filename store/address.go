package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Origin is where an address was written down.
type Origin string

// The origins there are.
const (
	FromConfig Origin = "config" // of the configuration; changes with it
	FromPage   Origin = "page"   // of the pages or of a command
)

// Address is where notices are sent. What it says is sealed: only package notices opens it.
type Address struct {
	ID        int64
	Origin    Origin
	Label     string // the service and its host; nothing secret
	Sealed    []byte
	Problem   string    // why the last message did not arrive; "" when it did
	SentAt    time.Time // when the last message arrived; zero for never
	CreatedAt time.Time
	Waiting   int // messages on their way to it
}

const addressColumns = `id, origin, label, sealed, problem, told_at, created_at, (SELECT count(*) FROM deliveries
	WHERE address_id = addresses.id AND state = 'due')`

func scanAddress(row scanner) (Address, error) {
	var a Address
	return a, row.Scan(&a.ID, &a.Origin, &a.Label, &a.Sealed, &a.Problem, instant{&a.SentAt}, instant{&a.CreatedAt},
		&a.Waiting)
}

// Addresses returns where notices are sent, oldest first.
func (s *Store) Addresses(ctx context.Context) ([]Address, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+addressColumns+` FROM addresses ORDER BY id`)
	return collect(rows, err, scanAddress)
}

// Address returns one. ErrNotFound when there is none.
func (s *Store) Address(ctx context.Context, id int64) (Address, error) {
	a, err := scanAddress(s.r.QueryRowContext(ctx, `SELECT `+addressColumns+` FROM addresses WHERE id = $1`, id))
	return a, notFound(err, fmt.Sprintf("address %d", id))
}

// AddAddress keeps an address. seal is called inside the transaction with the row's id, because secrets are bound to
// their row.
func (s *Store) AddAddress(ctx context.Context, a Address, seal func(id int64) ([]byte, error)) (Address, error) {
	err := s.write(ctx, func(tx *transaction) error {
		a.CreatedAt = time.Now()
		err := tx.QueryRowContext(ctx,
			`INSERT INTO addresses (origin, label, created_at) VALUES ($1, $2, $3) RETURNING id`,
			a.Origin, a.Label, millis(a.CreatedAt)).Scan(&a.ID)
		if err != nil {
			return err
		}
		if err := s.sameKey(ctx, tx); err != nil {
			return err
		}
		if a.Sealed, err = seal(a.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE addresses SET sealed = $2 WHERE id = $1`, a.ID, a.Sealed)
		return err
	})
	return a, err
}

// RemoveAddress forgets an address and what was to be sent there. ErrNotFound when there is none.
func (s *Store) RemoveAddress(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM addresses WHERE id = $1`, id)
		return oneRow(res, err, "address", id)
	})
}

// Delivery is one message on its way to one address.
type Delivery struct {
	ID        int64
	AddressID int64
	NoticeID  int64
	Text      string
	DueAt     time.Time
	Tries     int
}

const toDeliver = ` state = 'due' AND due_at <= $1 AND (leased_by IN ('', $2) OR leased_until <= $1)`

// ClaimDeliveries takes the messages that are to be sent now, oldest first, so that nobody else sends them within
// lease. What this Store has claimed before it is given again: who claims must be one at a time.
func (s *Store) ClaimDeliveries(ctx context.Context, lease time.Duration) ([]Delivery, error) {
	now := time.Now()
	var any bool
	err := s.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deliveries WHERE`+toDeliver+`)`, millis(now),
		s.owner).Scan(&any)
	if err != nil || !any {
		return nil, err
	}
	var out []Delivery
	err = s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx, `UPDATE deliveries SET leased_by = $2, leased_until = $3 WHERE`+toDeliver+`
			RETURNING id, address_id, notice_id, text, due_at, tries`, millis(now), s.owner, millis(now.Add(lease)))
		out, err = collect(rows, err, func(row scanner) (Delivery, error) {
			var d Delivery
			return d, row.Scan(&d.ID, &d.AddressID, &d.NoticeID, &d.Text, instant{&d.DueAt}, &d.Tries)
		})
		return err
	})
	slices.SortFunc(out, func(a, b Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

// Delivered records that claimed messages arrived at an address. None records that a test did.
func (s *Store) Delivered(ctx context.Context, addressID int64, ids []int64) error {
	now := millis(time.Now())
	return s.write(ctx, func(tx *transaction) error {
		if _, err := tx.ExecContext(ctx, `UPDATE addresses SET problem = '', told_at = $2 WHERE id = $1`, addressID,
			now); err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx,
				`UPDATE deliveries SET state = 'done', told_at = $2, leased_by = '', leased_until = NULL WHERE id = $1
					AND leased_by = $3`, id, now, s.owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// Undelivered records that claimed messages did not arrive at an address, and when to try again; the zero time
// gives them up.
func (s *Store) Undelivered(ctx context.Context, addressID int64, ids []int64, problem string, again time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		if _, err := tx.ExecContext(ctx, `UPDATE addresses SET problem = $2 WHERE id = $1`, addressID,
			problem); err != nil {
			return err
		}
		for _, id := range ids {
			var err error
			if again.IsZero() {
				_, err = tx.ExecContext(ctx,
					`UPDATE deliveries SET state = 'failed', tries = tries + 1, leased_by = '', leased_until = NULL
						WHERE id = $1 AND leased_by = $2`, id, s.owner)
			} else {
				_, err = tx.ExecContext(ctx,
					`UPDATE deliveries SET tries = tries + 1, due_at = $2, leased_by = '', leased_until = NULL
						WHERE id = $1 AND leased_by = $3`, id, millis(again), s.owner)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
