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

// Check is one thing that was found out about a post before it goes out. docs/rules.md lists the ids.
type Check struct {
	ID       string        `json:"id"` // stable
	Severity CheckSeverity `json:"severity"`
	Text     string        `json:"text"`   // what is so, or what was done, a sentence about this post
	Remedy   string        `json:"remedy"` // what a person can do; "" when there is nothing to do

	ReasonCode reason.Code `json:"reason_code,omitempty"` // of a picture that is left out; "" for other checks
	URL        string      `json:"url,omitempty"`         // address on the site of the file that it is about
	SameAs     string      `json:"same_as,omitempty"`     // the address of the one that is sent instead

	// of the other part of the post that sends it; 0: it is this one
	PublicationID int64 `json:"publication_id,omitempty"`
}

// CheckSeverity is what a check means for the publication.
type CheckSeverity string

// The severities, the worst first.
const (
	Blocks   CheckSeverity = "blocks"   // it waits, or fails, with this reason
	Repaired CheckSeverity = "repaired" // Postern mended it by itself
	Noted    CheckSeverity = "note"     // worth knowing
)

// IsUnfetched reports whether the check is of a file that its site did not hand out.
func (c Check) IsUnfetched() bool {
	return c.Severity == Blocks && isUnfetched(c.ID) && c.URL != ""
}

func isUnfetched(rule string) bool {
	return strings.HasPrefix(rule, "media.url.") && rule != "media.url.none"
}

// Preflight is what preparing a publication's media showed. As long as it holds, Items name the very files that will be
// sent.
type Preflight struct {
	PublicationID int64
	PublicURL     string // our own address at that time
	Ready         bool   // every item has its file
	Items         []Item
	Checks        []Check
	Tries         int // in a row, without all files
	CheckedAt     time.Time
	AgainAt       time.Time // zero: not by itself
	Valid         bool      // post and settings, and what other parts of the post show, are what they were; read only
	Others        []Shown   // what other parts of the post show; from BeginPreflight and TakePreflight only

	basis string
}

// gateSettings say when a post goes out, and whether its owner is asked: they change nothing that a look shows.
var gateSettings = []string{"approve", "cool_down", "min_age", "posts_per_day", "quiet_hours", "quota_reserve", "slots",
	"time_zone"}

// preflightBasis is what a look depends on, as far as the database knows it. p is the publication.
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

// Preflight returns the latest look at a publication. ErrNotFound when there was none.
func (s *Store) Preflight(ctx context.Context, id int64) (Preflight, error) {
	return preflightIn(ctx, s.r, id)
}

var preflightQuery = `SELECT f.publication_id, f.basis, f.basis = ` + preflightBasis +
	`, f.public_url, f.ready, f.items, f.checks, f.tries, f.looked_at, f.again_at
	FROM preflights f JOIN publications p ON p.id = f.publication_id WHERE f.publication_id IN `

func preflightIn(ctx context.Context, q querier, id int64) (Preflight, error) {
	f, err := scanPreflight(q.QueryRowContext(ctx, preflightQuery+`($1)`, id))
	return f, notFound(err, fmt.Sprintf("look at publication %d", id))
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
		return f, fmt.Errorf("look at publication %d: %w", f.PublicationID, err)
	}
	return f, nil
}

// BeginPreflight writes down that a publication is being looked at, with when it is to be looked at again should the
// program not survive it. The returned look is to be filled in and given to SavePreflight; a look that holds is
// returned as it is, with its files. ErrConflict: somebody else is looking.
func (s *Store) BeginPreflight(ctx context.Context, id int64, publicURL string, again time.Time) (Preflight, error) {
	return s.beginPreflight(ctx, id, publicURL, again, false)
}

// TakePreflight is BeginPreflight for whoever has the publication's own step in hand. A look of somebody else, who is
// only preparing ahead of it, counts no more.
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

// SavePreflight keeps what a look showed, unless somebody else has taken it. It holds only if post and settings are
// still what they were when it began.
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

// FileFetched makes Postern look at once again at the media of queued and held publications for which the site did not
// hand out the file at this address: it was fetched a moment ago. What waits to be tried again is due.
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
			return p, fmt.Errorf("look at publication %d: %w", p.ID, err)
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

// DropPreflights forgets the looks of which a file is missing, as after a restored backup.
func (s *Store) DropPreflights(ctx context.Context, missing func(asset string) bool) error {
	return s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx, `SELECT publication_id, items FROM preflights WHERE items <> '[]'`)
		looks, err := collect(rows, err, func(row scanner) (f Preflight, err error) {
			var items string
			if err := row.Scan(&f.PublicationID, &items); err != nil {
				return f, err
			}
			return f, json.Unmarshal([]byte(items), &f.Items)
		})
		if err != nil {
			return fmt.Errorf("reading the looks at publications: %w", err)
		}
		for _, f := range looks {
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

// SameCaption is the latest publication of an account that was sent with these words, of another post than the given
// one. ErrNotFound: there is none.
func (s *Store) SameCaption(ctx context.Context, accountID int64, caption string, postID int64) (id int64, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT id FROM publications WHERE account_id = $1
		AND substr(caption, 1, 64) = substr($2, 1, 64) AND caption = $2 AND post_id <> $3 AND kind <> ''
		ORDER BY id DESC LIMIT 1`, accountID, caption, postID).Scan(&id)
	if err != nil {
		return 0, notFound(err, "publication with these words")
	}
	return id, nil
}

// perAccount is how many publications of an account, queued and held apart, have a preflight before their turn: those
// that go next, and those that were found last.
const perAccount = 30

// WithoutPreflight returns a waiting publication whose media have no preflight yet, or are worth another. ErrNotFound:
// there is none. A look at another address of ours than the given one is too old; sandboxURL is that of sandbox
// accounts.
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
		return 0, notFound(err, "publication to look at")
	}
	return id, nil
}
