package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Origin says where a notification target was configured.
type Origin string

// The possible origins.
const (
	FromConfig Origin = "config" // the configuration file or environment; follows every change there
	FromPage   Origin = "page"   // the web pages or a command
)

// Address is a notification target. Sealed contains its secret URL, which only package notices can open.
type Address struct {
	ID        int64
	Origin    Origin
	Label     string // the service and its host, without secrets
	Sealed    []byte
	Problem   string    // why the last message could not be delivered; "" if it was
	SentAt    time.Time // when the last message was delivered; zero for never
	CreatedAt time.Time
	Waiting   int // number of messages still to be delivered
}

const addressColumns = `id, origin, label, sealed, problem, told_at, created_at, (SELECT count(*) FROM deliveries
	WHERE address_id = addresses.id AND state = 'due')`

func scanAddress(row scanner) (Address, error) {
	var a Address
	return a, row.Scan(&a.ID, &a.Origin, &a.Label, &a.Sealed, &a.Problem, instant{&a.SentAt}, instant{&a.CreatedAt},
		&a.Waiting)
}

// Addresses returns all notification targets, oldest first.
func (s *Store) Addresses(ctx context.Context) ([]Address, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+addressColumns+` FROM addresses ORDER BY id`)
	return collect(rows, err, scanAddress)
}

// Address returns one notification target. It returns ErrNotFound if there is none with this id.
func (s *Store) Address(ctx context.Context, id int64) (Address, error) {
	a, err := scanAddress(s.r.QueryRowContext(ctx, `SELECT `+addressColumns+` FROM addresses WHERE id = $1`, id))
	return a, notFound(err, fmt.Sprintf("address %d", id))
}

// AddAddress stores a notification target. It calls seal inside the transaction with the id of the row, because each
// secret is bound to its row.
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

// RemoveAddress deletes a notification target and its undelivered messages. It returns ErrNotFound if there is no
// such target.
func (s *Store) RemoveAddress(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM addresses WHERE id = $1`, id)
		return oneRow(res, err, "address", id)
	})
}

// Delivery is one message to be sent to one notification target.
type Delivery struct {
	ID        int64
	AddressID int64
	NoticeID  int64
	Text      string
	DueAt     time.Time
	Tries     int
}

const toDeliver = ` state = 'due' AND due_at <= $1 AND (leased_by IN ('', $2) OR leased_until <= $1)`

// ClaimDeliveries returns the messages that are due, oldest first, and leases them so that no other process sends
// them before the lease ends. Messages that this Store has claimed before and not yet settled are returned again, so
// callers must not call it concurrently.
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

// Delivered records that claimed messages were delivered to a target. With no ids it records that a test message was
// delivered.
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

// Undelivered records that claimed messages could not be delivered to a target, and schedules the next attempt at
// again. If again is zero, the messages are marked as failed and not tried again.
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
