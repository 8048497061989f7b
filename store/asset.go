package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Asset is one file prepared for Instagram.
type Asset struct {
	Name          string // SHA-256 of the content, with extension
	Bytes         int64
	Width, Height int
	SourceURL     string
	Source        string // SHA-256 of the bytes at SourceURL; "" if unknown
	Rules         string
	Repairs       []string // what was changed, in sentences for people
	Fingerprint   int64    // perceptual hash of a picture; 0 if the picture has too little detail for one
	LastUsedAt    time.Time
}

// SaveAsset stores what is known about a prepared file, and replaces what was stored under its name before.
func (s *Store) SaveAsset(ctx context.Context, a Asset) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO assets (name, bytes, width, height, source_url, rules, repairs,
			last_used_at, fingerprint, source_hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (name) DO UPDATE SET last_used_at = excluded.last_used_at, source_url = excluded.source_url,
				rules = excluded.rules, repairs = excluded.repairs, fingerprint = coalesce(excluded.fingerprint,
					assets.fingerprint), source_hash = excluded.source_hash`,
			a.Name, a.Bytes, a.Width, a.Height, a.SourceURL, a.Rules, mustJSON(append([]string{}, a.Repairs...)),
			millis(time.Now()), key(a.Fingerprint), a.Source)
		return err
	})
}

// Asset returns what is known about a prepared file. It returns ErrNotFound if there is none with this name.
func (s *Store) Asset(ctx context.Context, name string) (Asset, error) {
	var a Asset
	var repairs string
	err := s.r.QueryRowContext(ctx, `SELECT name, bytes, width, height, source_url, rules, repairs, last_used_at,
		source_hash FROM assets WHERE name = $1`, name).
		Scan(&a.Name, &a.Bytes, &a.Width, &a.Height, &a.SourceURL, &a.Rules, &repairs, instant{&a.LastUsedAt},
			&a.Source)
	if err != nil {
		return a, notFound(err, "asset "+name)
	}
	if err := json.Unmarshal([]byte(repairs), &a.Repairs); err != nil {
		return a, fmt.Errorf("repairs of %s: %w", name, err)
	}
	return a, nil
}

// NeededAssets returns the names of the files that must not be deleted: files of publications that are neither
// published nor skipped, whether they were sent or only prepared by a preflight, and all files that were published
// or used since the given time.
func (s *Store) NeededAssets(ctx context.Context, since time.Time) (map[string]bool, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT i.asset, i.cover_asset FROM items i
		JOIN publications p ON p.id = i.publication_id
			WHERE p.state NOT IN ('published', 'skipped') OR p.published_at >= $1
		UNION ALL SELECT name, '' FROM assets WHERE last_used_at >= $1`, millis(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	needed := map[string]bool{}
	for rows.Next() {
		var asset, cover string
		if err := rows.Scan(&asset, &cover); err != nil {
			return nil, err
		}
		needed[asset], needed[cover] = true, true
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows, err = s.r.QueryContext(ctx, `SELECT f.items FROM preflights f JOIN publications p ON p.id = f.publication_id
		WHERE p.state NOT IN ('published', 'skipped')`)
	ahead, err := collect(rows, err, func(row scanner) (items string, err error) { return items, row.Scan(&items) })
	if err != nil {
		return nil, err
	}
	for _, list := range ahead {
		var items []Item
		if err := json.Unmarshal([]byte(list), &items); err != nil {
			return nil, fmt.Errorf("files prepared ahead: %w", err)
		}
		for _, i := range items {
			needed[i.Asset], needed[i.CoverAsset] = true, true
		}
	}
	delete(needed, "")
	return needed, nil
}
