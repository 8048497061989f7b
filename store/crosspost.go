package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/reason"
)

// Crosspost is where a post went, or did not, for its site to tell.
type Crosspost struct {
	ID        int64  // of the publication
	GUID      string // of the entry in its feed
	Account   string // its name
	State     State
	Reason    reason.Reason
	Permalink string // "" while it has none
}

// CrosspostQuery narrows Crossposts.
type CrosspostQuery struct {
	GUID   string  // of one entry; "" is all
	States []State // empty: those that are live at a known address
	// The last one of the page before: GUID and ID. Zero begins.
	AfterGUID string
	AfterID   int64
	Limit     int // at least 1
}

// Crossposts returns one page in the order of guid and id, so that what belongs to one entry stands together.
func (s *Store) Crossposts(ctx context.Context, q CrosspostQuery) ([]Crosspost, error) {
	text, args := q.sql()
	rows, err := s.r.QueryContext(ctx, text, args...)
	list, err := collect(rows, err, func(row scanner) (Crosspost, error) {
		var x Crosspost
		var a Account
		err := row.Scan(&x.ID, &x.GUID, &a.Label, &a.Username, &a.UserID, &x.State, &x.Reason.Code, &x.Reason.Args,
			&x.Permalink)
		x.Account = a.Name()
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("listing where posts went: %w", err)
	}
	return list, nil
}

func (q CrosspostQuery) sql() (text string, args []any) {
	c := conditions{}
	after := c.arg(q.AfterGUID)
	c.add("posts.guid >= " + after)
	c.add("(posts.guid > " + after + " OR publications.id > " + c.arg(q.AfterID) + ")")
	if q.GUID != "" {
		c.add("posts.guid = " + c.arg(q.GUID))
	}
	if len(q.States) > 0 {
		c.add(unindexed("publications.state") + " IN (" + c.list(q.States) + ")")
	} else {
		c.add("publications.permalink <> ''")
	}
	limit := c.arg(q.Limit)
	// CROSS JOIN makes SQLite go by the posts, in their order: by the state it would sort all that are published
	// for each page.
	return `SELECT publications.id, posts.guid, accounts.label, accounts.username, accounts.user_id,
			publications.state, publications.reason_code, publications.reason_args, publications.permalink
		FROM posts CROSS JOIN publications ON publications.post_id = posts.id CROSS
			JOIN accounts ON accounts.id = publications.account_id
		WHERE ` + strings.Join(c.where, " AND ") + ` ORDER BY posts.guid, publications.id LIMIT ` + limit, c.args
}

// CrosspostsVersion names what Crossposts would return, and says when it changed last (zero: never): as long as
// the name is the same, so is that. live is for those without states in their query.
func (s *Store) CrosspostsVersion(ctx context.Context, live bool) (name string, at time.Time, err error) {
	// The history has a line for each change of a state, and whenever an address becomes known; and of what
	// accounts are called.
	var id int64
	err = s.r.QueryRowContext(ctx, `SELECT id, at FROM events WHERE `+
		ifElse(live, `to_state = 'published'`, `publication_id IS NOT NULL`)+
		` OR publication_id IS NULL AND account_id IS NOT NULL
		ORDER BY id DESC LIMIT 1`).Scan(&id, instant{&at})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", at, fmt.Errorf("asking when posts went out: %w", err)
	}
	rows, err := s.r.QueryContext(ctx, `SELECT id || ' ' || label || ' ' || username FROM accounts ORDER BY id`)
	names, err := collect(rows, err, func(row scanner) (n string, err error) { return n, row.Scan(&n) })
	if err != nil {
		return "", at, fmt.Errorf("asking who posts: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q", id, at.UnixMilli(), names))
	return hex.EncodeToString(sum[:16]), at, nil
}
