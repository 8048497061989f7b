package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Shown is a picture that another part of the same post contains on the same account.
type Shown struct {
	PublicationID int64
	SourceURL     string
	Asset         string // name of the prepared file
	Source        string // SHA-256 of the bytes from which the file was made; "" if unknown
	Width, Height int    // of the file; 0 if unknown
}

// otherParts matches the publications o that show pictures of the same post before p does: other parts that were or
// may have been published, and earlier parts that are waiting.
const otherParts = `o.post_id = p.post_id AND o.account_id = p.account_id AND o.id <> p.id
	AND (o.state IN ('staged', 'publishing', 'published', 'unconfirmed') OR o.asked_at IS NOT NULL OR o.part < p.part
	AND o.state IN ('queued', 'held'))`

// shownByOthers returns the pictures in the other parts of a publication's post: the files that were sent, or else
// those that a preflight prepared.
func shownByOthers(ctx context.Context, q querier, id int64) (all []Shown, err error) {
	type other struct {
		id    int64
		items string
	}
	rows, err := q.QueryContext(ctx, `SELECT o.id, coalesce(l.items, '[]') FROM publications p JOIN publications o ON `+
		otherParts+`
		LEFT JOIN preflights l ON l.publication_id = o.id AND l.ready = 1 WHERE p.id = $1 AND p.parts > 1 ORDER BY o.id`, id)
	others, err := collect(rows, err, func(row scanner) (o other, err error) { return o, row.Scan(&o.id, &o.items) })
	if err != nil {
		return nil, fmt.Errorf("other parts of publication %d: %w", id, err)
	}
	for _, o := range others {
		sent := Publication{ID: o.id}
		if err := loadParts(ctx, q, &sent); err != nil {
			return nil, err
		}
		if len(sent.Items) == 0 {
			if err := json.Unmarshal([]byte(o.items), &sent.Items); err != nil {
				return nil, fmt.Errorf("preflight of publication %d: %w", o.id, err)
			}
		}
		for _, item := range sent.Items {
			if !strings.HasSuffix(item.Asset, ".jpg") {
				continue
			}
			s := Shown{PublicationID: o.id, SourceURL: item.SourceURL, Asset: item.Asset}
			err := q.QueryRowContext(ctx, `SELECT source_hash, width, height FROM assets WHERE name = $1`,
				item.Asset).Scan(&s.Source, &s.Width, &s.Height)
			if err = notFound(err, "asset"); err != nil && !errors.Is(err, ErrNotFound) {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}
