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

// Crosspost says for one post and account whether and where the post is on Instagram. It is reported to the site.
type Crosspost struct {
	ID        int64  // of the publication
	GUID      string // of the entry in its feed
	Account   string // name of the account
	State     State
	Reason    reason.Reason
	Permalink string // "" if there is none yet
}

// CrosspostQuery selects what Crossposts returns.
type CrosspostQuery struct {
	GUID   string  // only this entry; "" for all
	States []State // only these states; empty for all that have a permalink
	// AfterGUID and AfterID are those of the last row of the previous page; zero values start with the first page.
	AfterGUID string
	AfterID   int64
	Limit     int // at least 1
}

// Crossposts returns one page of crossposts ordered by GUID and id, so that those of one entry are adjacent.
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
		return nil, fmt.Errorf("listing crossposts: %w", err)
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
	// CROSS JOIN makes SQLite read the posts in the order of their index. If it started with the state, it would
	// sort all published posts for each page.
	return `SELECT publications.id, posts.guid, accounts.label, accounts.username, accounts.user_id,
			publications.state, publications.reason_code, publications.reason_args, publications.permalink
		FROM posts CROSS JOIN publications ON publications.post_id = posts.id CROSS
			JOIN accounts ON accounts.id = publications.account_id
		WHERE ` + strings.Join(c.where, " AND ") + ` ORDER BY posts.guid, publications.id LIMIT ` + limit, c.args
}

// CrosspostsVersion returns a name that changes whenever the result of Crossposts may have changed, and the time of
// the last change; zero for never. live is set for queries without States.
func (s *Store) CrosspostsVersion(ctx context.Context, live bool) (name string, at time.Time, err error) {
	// The history has an event for each state change, each permalink that becomes known, and each change of an
	// account's name.
	var id int64
	err = s.r.QueryRowContext(ctx, `SELECT id, at FROM events WHERE `+
		ifElse(live, `to_state = 'published'`, `publication_id IS NOT NULL`)+
		` OR publication_id IS NULL AND account_id IS NOT NULL
		ORDER BY id DESC LIMIT 1`).Scan(&id, instant{&at})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", at, fmt.Errorf("reading the last change of the crossposts: %w", err)
	}
	rows, err := s.r.QueryContext(ctx, `SELECT id || ' ' || label || ' ' || username FROM accounts ORDER BY id`)
	names, err := collect(rows, err, func(row scanner) (n string, err error) { return n, row.Scan(&n) })
	if err != nil {
		return "", at, fmt.Errorf("reading the names of the accounts: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q", id, at.UnixMilli(), names))
	return hex.EncodeToString(sum[:16]), at, nil
}
