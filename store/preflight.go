package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/reason"
)

// Check is one finding about a post before it is published. docs/rules.md lists the ids.
type Check struct {
	ID       string        `json:"id"` // never changes
	Severity CheckSeverity `json:"severity"`
	Text     string        `json:"text"`   // the finding, as a sentence about this post
	Remedy   string        `json:"remedy"` // what a person can do; "" if nothing

	ReasonCode reason.Code `json:"reason_code,omitempty"` // why a picture is left out; "" for other checks
	URL        string      `json:"url,omitempty"`         // URL of the file on the site
	SameAs     string      `json:"same_as,omitempty"`     // URL of the picture that is sent instead

	// PublicationID is the part of the post that contains the picture at SameAs; 0 for this part.
	PublicationID int64 `json:"publication_id,omitempty"`
}

// CheckSeverity says what a check means for the publication.
type CheckSeverity string

// The severities, the worst first.
const (
	Blocks   CheckSeverity = "blocks"   // the publication waits or fails because of it
	Repaired CheckSeverity = "repaired" // Postern fixed it
	Noted    CheckSeverity = "note"     // worth knowing
)

// IsUnfetched reports whether the check says that the site did not serve a file.
func (c Check) IsUnfetched() bool {
	return c.Severity == Blocks && isUnfetched(c.ID) && c.URL != ""
}

func isUnfetched(rule string) bool {
	return strings.HasPrefix(rule, "media.url.") && rule != "media.url.none"
}

// Preflight is the result of preparing a publication's media before its turn. While it is valid, Items names the
// very files that will be sent.
type Preflight struct {
	PublicationID int64
	PublicURL     string // our public URL at that time
	Ready         bool   // a file is prepared for every item
	Items         []Item
	Checks        []Check
	Tries         int // consecutive attempts that did not prepare all files
	CheckedAt     time.Time
	AgainAt       time.Time // when to try again; zero for never
	Valid         bool      // post, settings and other parts are unchanged since; only set when read
	Others        []Shown   // pictures in other parts of the post; only set by BeginPreflight and TakePreflight

	basis string
}

// gateSettings determine when a post is published and whether its owner must approve it. They do not affect a
// preflight.
var gateSettings = []string{"approve", "cool_down", "min_age", "posts_per_day", "quiet_hours", "quota_reserve", "slots",
	"time_zone"}

// preflightBasis is an SQL expression for everything in the database that a preflight of publication p depends on. A
// preflight is valid while its value is unchanged.
var preflightBasis = `(SELECT posts.content_hash || '/' || p.part || '/' || p.parts || '/' || ` + without(`p.edits`,
	`caption`) + ` || '/' || ` + without(`accounts.settings`, gateSettings...) + ` || '/' || ` +
	without(`coalesce(routes.settings, '{}')`, gateSettings...) + `
		|| CASE WHEN p.parts > 1 THEN coalesce((SELECT '/' || string_agg(o.id || coalesce(l.items, ''), '/'
			ORDER BY o.id)
			FROM publications o LEFT JOIN preflights l ON l.publication_id = o.id AND l.ready = 1 WHERE ` + otherParts +
	`), '') ELSE '' END
	FROM posts JOIN accounts ON accounts.id = p.account_id LEFT JOIN routes ON routes.feed_id = posts.feed_id
		AND routes.account_id = p.account_id
	WHERE posts.id = p.post_id)`

// Preflight returns the latest preflight of a publication. It returns ErrNotFound if there is none.
func (s *Store) Preflight(ctx context.Context, id int64) (Preflight, error) {
	return preflightIn(ctx, s.r, id)
}

var preflightQuery = `SELECT f.publication_id, f.basis, f.basis = ` + preflightBasis +
	`, f.public_url, f.ready, f.items, f.checks, f.tries, f.looked_at, f.again_at
	FROM preflights f JOIN publications p ON p.id = f.publication_id WHERE f.publication_id IN `

func preflightIn(ctx context.Context, q querier, id int64) (Preflight, error) {
	f, err := scanPreflight(q.QueryRowContext(ctx, preflightQuery+`($1)`, id))
	return f, notFound(err, fmt.Sprintf("preflight of publication %d", id))
}

func scanPreflight(row scanner) (Preflight, error) {
	var f Preflight
	var items, checks string
	err := row.Scan(&f.PublicationID, &f.basis, &f.Valid, &f.PublicURL, &f.Ready, &items, &checks, &f.Tries,
		instant{&f.CheckedAt}, instant{&f.AgainAt})
	if err != nil {
		return f, err
	}
	if err := errors.Join(json.Unmarshal([]byte(items), &f.Items),
		json.Unmarshal([]byte(checks), &f.Checks)); err != nil {
		return f, fmt.Errorf("preflight of publication %d: %w", f.PublicationID, err)
	}
	return f, nil
}

// BeginPreflight leases the preflight of a publication and records when to try again if the program crashes during
// it. The caller fills in the returned Preflight and passes it to SavePreflight. A preflight that is still valid is
// returned with its files. BeginPreflight returns ErrConflict if another process has the lease.
func (s *Store) BeginPreflight(ctx context.Context, id int64, publicURL string, again time.Time) (Preflight, error) {
	return s.beginPreflight(ctx, id, publicURL, again, false)
}

// TakePreflight is like BeginPreflight, for a caller that holds the lease of the publication itself. It takes over
// the preflight from a process that only prepares it ahead of time.
func (s *Store) TakePreflight(ctx context.Context, id int64, publicURL string, again time.Time) (Preflight, error) {
	return s.beginPreflight(ctx, id, publicURL, again, true)
}

func (s *Store) beginPreflight(ctx context.Context, id int64, publicURL string, again time.Time, take bool) (Preflight,
	error) {
	var f Preflight
	err := s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO preflights (publication_id, basis, public_url, tries, looked_at,
			again_at, leased_by, leased_until)
			SELECT p.id, `+preflightBasis+`, $2, 1, $3, $4, $5, $4 FROM publications p WHERE p.id = $1
			ON CONFLICT (publication_id) DO UPDATE SET looked_at = excluded.looked_at, again_at = excluded.again_at,
				public_url = excluded.public_url,
				basis = excluded.basis, tries = CASE WHEN preflights.basis = excluded.basis
					AND preflights.ready = 0 THEN preflights.tries + 1 ELSE 1 END,
				items = CASE WHEN preflights.basis = excluded.basis THEN preflights.items ELSE '[]' END,
					checks = CASE WHEN preflights.basis = excluded.basis THEN preflights.checks ELSE '[]' END,
				ready = CASE WHEN preflights.basis = excluded.basis
					AND preflights.public_url = excluded.public_url THEN preflights.ready ELSE 0 END,
				leased_by = excluded.leased_by, leased_until = excluded.leased_until
			WHERE $6 = 1 OR preflights.leased_by IN ('', excluded.leased_by)
				OR preflights.leased_until <= excluded.looked_at`,
			id, publicURL, millis(time.Now()), millis(again), s.owner, take)
		if err := expected(res, err); err != nil {
			return err
		}
		if f, err = preflightIn(ctx, tx, id); err == nil {
			f.Others, err = shownByOthers(ctx, tx, id)
		}
		return err
	})
	return f, err
}

// SavePreflight stores the result of a preflight, unless another process has taken it over. The preflight is only
// valid if the post and its settings have not changed since it began.
func (s *Store) SavePreflight(ctx context.Context, f Preflight) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `UPDATE preflights SET ready = $2, items = $3, checks = $4, tries = $5,
			looked_at = $6, again_at = $7, leased_by = '', leased_until = NULL WHERE publication_id = $1 AND basis = $8
				AND leased_by = $9`,
			f.PublicationID, f.Ready, mustJSON(append([]Item{}, f.Items...)), mustJSON(append([]Check{}, f.Checks...)),
			f.Tries, millis(time.Now()), millis(f.AgainAt), f.basis, s.owner)
		return err
	})
}

// FileFetched repeats the preflights of queued and held publications that lack the file at this URL, because the
// site has just served it. Publications that wait for this reason become due.
func (s *Store) FileFetched(ctx context.Context, address string) error {
	now := millis(time.Now())
	rows, err := s.r.QueryContext(ctx, `SELECT p.id, p.reason_code, p.reason_args, f.checks FROM preflights f
		JOIN publications p ON p.id = f.publication_id
		WHERE f.ready = 0 AND f.leased_by = '' AND p.state IN ('queued', 'held') AND p.leased = 0
			AND (f.again_at IS NULL OR f.again_at > $1 OR p.due_at > $1)`, now)
	lacking, err := collect(rows, err, func(row scanner) (p Publication, err error) {
		var checks string
		if err := row.Scan(&p.ID, &p.Reason.Code, &p.Reason.Args, &checks); err != nil {
			return p, err
		}
		var all []Check
		if err := json.Unmarshal([]byte(checks), &all); err != nil {
			return p, fmt.Errorf("preflight of publication %d: %w", p.ID, err)
		}
		if !slices.ContainsFunc(all, func(c Check) bool { return c.IsUnfetched() && c.URL == address }) {
			p.ID = 0
		}
		return p, nil
	})
	lacking = slices.DeleteFunc(lacking, func(p Publication) bool { return p.ID == 0 })
	if err != nil || len(lacking) == 0 {
		return err
	}
	return s.write(ctx, func(tx *transaction) error {
		for _, p := range lacking {
			err := tx.wake(ctx, `UPDATE preflights SET again_at = $2 WHERE publication_id = $1 AND ready = 0
				AND leased_by = ''`, p.ID, now)
			if err == nil && isUnfetched(p.Reason.Rule()) {
				err = tx.wake(ctx, `UPDATE publications SET due_at = $2, version = version + 1
					WHERE id = $1 AND state = 'queued' AND leased = 0 AND due_at > $2
						AND reason_code = $3`, p.ID, now, p.Reason.Code)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// DropPreflights deletes the preflights that name a file that is missing, for example after a backup was restored.
func (s *Store) DropPreflights(ctx context.Context, missing func(asset string) bool) error {
	return s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx, `SELECT publication_id, items FROM preflights WHERE items <> '[]'`)
		preflights, err := collect(rows, err, func(row scanner) (f Preflight, err error) {
			var items string
			if err := row.Scan(&f.PublicationID, &items); err != nil {
				return f, err
			}
			return f, json.Unmarshal([]byte(items), &f.Items)
		})
		if err != nil {
			return fmt.Errorf("reading the preflights: %w", err)
		}
		for _, f := range preflights {
			if !slices.ContainsFunc(f.Items, func(i Item) bool {
				return i.Asset != "" && missing(i.Asset) || i.CoverAsset != "" && missing(i.CoverAsset)
			}) {
				continue
			}
			if err := tx.wake(ctx, `DELETE FROM preflights WHERE publication_id = $1`, f.PublicationID); err != nil {
				return err
			}
		}
		return nil
	})
}

// SameCaption returns the latest publication of the account that was sent with this caption, of another post than
// the given one. It returns ErrNotFound if there is none.
func (s *Store) SameCaption(ctx context.Context, accountID int64, caption string, postID int64) (id int64, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT id FROM publications WHERE account_id = $1
		AND substr(caption, 1, 64) = substr($2, 1, 64) AND caption = $2 AND post_id <> $3 AND kind <> ''
		ORDER BY id DESC LIMIT 1`, accountID, caption, postID).Scan(&id)
	if err != nil {
		return 0, notFound(err, "publication with this caption")
	}
	return id, nil
}

// perAccount is the number of publications of an account that get a preflight ahead of their turn: of the queued
// ones the next, and of the held ones the newest.
const perAccount = 30

// WithoutPreflight returns the id of a waiting publication whose preflight is missing, outdated or due again. A
// preflight made for another public URL than the given one is outdated; sandboxURL is the public URL for sandbox
// accounts. WithoutPreflight returns ErrNotFound if there is none.
func (s *Store) WithoutPreflight(ctx context.Context, publicURL, sandboxURL string) (int64, error) {
	var id int64
	err := s.r.QueryRowContext(ctx, `SELECT p.id FROM (
			SELECT publications.*, CASE accounts.api WHEN 'sandbox' THEN $4 ELSE $3 END AS public_url,
				row_number() OVER (PARTITION BY publications.account_id, publications.state
				ORDER BY CASE publications.state WHEN 'queued' THEN 1 ELSE -1 END * coalesce(posts.published_at,
					posts.first_seen_at), publications.id) AS place
			FROM publications JOIN posts ON posts.id = publications.post_id
				JOIN accounts ON accounts.id = publications.account_id
			WHERE publications.state IN ('queued', 'held') AND publications.leased = 0 AND posts.decision = 'publish'
				AND posts.gone_at IS NULL
		) p LEFT JOIN preflights f ON f.publication_id = p.id
		WHERE p.place <= $1 AND (f.publication_id IS NULL OR f.again_at <= $2
			OR f.basis <> `+preflightBasis+` OR f.public_url <> p.public_url)
			AND (f.publication_id IS NULL OR f.leased_by IN ('', $5) OR f.leased_until <= $2)
		ORDER BY p.state DESC, p.place LIMIT 1`, perAccount, millis(time.Now()), publicURL, sandboxURL,
		s.owner).Scan(&id)
	if err != nil {
		return 0, notFound(err, "publication without a preflight")
	}
	return id, nil
}
