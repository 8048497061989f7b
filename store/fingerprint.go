package store

import (
	"context"
	"database/sql"
	"errors"
	"math/bits"
)

// fingerprintDistance is the number of the 64 bits that may differ between the fingerprints of pictures that look
// the same.
const fingerprintDistance = 5

// fingerprintsOf returns the perceptual hashes of prepared items in their order; nil if one of them is unknown.
func (s *Store) fingerprintsOf(ctx context.Context, items []Item) ([]int64, error) {
	var prints []int64
	for _, i := range items {
		var print sql.NullInt64
		err := s.r.QueryRowContext(ctx, `SELECT fingerprint FROM assets WHERE name = $1`, i.Asset).Scan(&print)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !print.Valid {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		prints = append(prints, print.Int64)
	}
	return prints, nil
}

// fingerprintsOfPost returns the perceptual hashes of the files that the account sent for a post.
func (s *Store) fingerprintsOfPost(ctx context.Context, post, account int64) ([]int64, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT items.asset FROM items JOIN publications p ON p.id = items.publication_id
		WHERE p.post_id = $1 AND p.account_id = $2 ORDER BY p.part, items.position`, post, account)
	items, err := collect(rows, err, func(row scanner) (i Item, err error) { return i, row.Scan(&i.Asset) })
	if err != nil {
		return nil, err
	}
	return s.fingerprintsOf(ctx, items)
}

// alike reports whether two lists of pictures look the same, compared pairwise.
func alike(a, b []int64) bool {
	if len(a) == 0 || len(a) != len(b) {
		return false
	}
	for i := range a {
		if bits.OnesCount64(uint64(a[i]^b[i])) > fingerprintDistance {
			return false
		}
	}
	return true
}
