package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"postern/reason"
	"postern/store"
)

// watch installs triggers in the database that no caller can bypass. They refuse what must never happen, and record
// every state change, to be compared with the history afterwards.
func watch(db *sql.DB) error {
	statements := []string{
		`CREATE TABLE legal (f TEXT, t TEXT)`,
		`CREATE TABLE audit (id INTEGER PRIMARY KEY, publication INTEGER, f TEXT, t TEXT)`,
		`CREATE TRIGGER w1 BEFORE DELETE ON publications BEGIN SELECT RAISE(ABORT,
			'rule: a publication was deleted'); END`,
		`CREATE TRIGGER w2 BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'rule: an event was deleted'); END`,
		`CREATE TRIGGER w3 BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'rule: an event was changed'); END`,
		`CREATE TRIGGER w4 BEFORE UPDATE ON publications WHEN NEW.version < OLD.version BEGIN
			SELECT RAISE(ABORT, 'rule: a version fell'); END`,
		`CREATE TRIGGER w5 BEFORE UPDATE ON publications WHEN NEW.version = OLD.version
			AND (NEW.state, NEW.due_at, NEW.leased) IS NOT (OLD.state, OLD.due_at, OLD.leased)
			BEGIN SELECT RAISE(ABORT, 'rule: a stale worker would not notice'); END`,
		`CREATE TRIGGER w6 BEFORE UPDATE ON publications WHEN NOT EXISTS (SELECT 1 FROM legal WHERE f = OLD.state
			AND t = NEW.state)
			AND OLD.state <> NEW.state BEGIN SELECT RAISE(ABORT, 'rule: an illegal move'); END`,
		`CREATE TRIGGER w7 BEFORE UPDATE ON publications WHEN (NEW.post_id, NEW.account_id,
			NEW.part) IS NOT (OLD.post_id, OLD.account_id, OLD.part)
			BEGIN SELECT RAISE(ABORT, 'rule: a publication changed hands'); END`,
		`CREATE TRIGGER w8 BEFORE UPDATE ON publications WHEN OLD.state = 'published'
			AND (NEW.published_at <> OLD.published_at OR NEW.caption <> OLD.caption)
			BEGIN SELECT RAISE(ABORT, 'rule: what was published changed'); END`,
		`CREATE TRIGGER w9 BEFORE UPDATE ON publications WHEN NEW.revision < OLD.revision
			OR NEW.revision > OLD.revision + 1
			BEGIN SELECT RAISE(ABORT, 'rule: revision'); END`,
		`CREATE TRIGGER wa AFTER UPDATE ON publications WHEN OLD.state <> NEW.state BEGIN
			INSERT INTO audit (publication, f, t) VALUES (NEW.id, OLD.state, NEW.state); END`,
		`CREATE TRIGGER wb AFTER INSERT ON publications BEGIN INSERT INTO audit (publication, f, t)
			VALUES (NEW.id, '', NEW.state); END`,
	}
	for f, ts := range legal {
		for t := range ts {
			statements = append(statements, fmt.Sprintf(`INSERT INTO legal VALUES ('%s', '%s')`, f, t))
		}
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// rules are queries that must never return a row.
var rules = map[string]string{
	"at most one in flight per account": `SELECT account_id FROM publications WHERE state IN ('staged', 'publishing')
		GROUP BY account_id HAVING count(*) > 1`,
	"one publication per post, " +
		"account, part": `SELECT post_id FROM publications GROUP BY post_id, account_id, part HAVING count(*) > 1`,
	"one medium, one publication": `SELECT media_id FROM publications WHERE media_id <> ''
		GROUP BY media_id HAVING count(*) > 1`,
	"due if and only if open": `SELECT id FROM publications WHERE (due_at IS NOT NULL) <> (state IN ('queued', 'staged',
		'publishing'))`,
	"leased only when open": `SELECT id FROM publications WHERE leased = 1 AND due_at IS NULL`,
	"asked before publishing": `SELECT id FROM publications WHERE state = 'publishing'
		AND asked_at IS NULL`,
	"publications in flight have containers": `SELECT id FROM publications p WHERE state IN ('staged', 'publishing')
		AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.publication_id = p.id AND c.round = p.round)`,
	"waiting publications have no containers of this round": `SELECT id FROM publications p WHERE state IN ('queued', 'held')
		AND EXISTS (SELECT 1 FROM containers c WHERE c.publication_id = p.id AND c.round >= p.round)`,
	"waiting publications have no frozen content": `SELECT id FROM publications p WHERE state IN ('queued', 'held')
		AND (kind <> '' OR caption <> '' OR EXISTS (SELECT 1 FROM items i WHERE i.publication_id = p.id))`,
	"a removed account has no open publications": `SELECT p.id FROM publications p JOIN accounts a ON a.id = p.account_id
		WHERE a.removed_at IS NOT NULL AND p.state IN ('queued', 'held', 'staged')`,
	"a removed account has no secrets": `SELECT a.id FROM accounts a WHERE removed_at IS NOT NULL
		AND coalesce(app_secret, token, token_previous) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM publications p
		WHERE p.account_id = a.id AND p.state = 'publishing')`,
	"publications that may be live have a token": `SELECT p.id FROM publications p JOIN accounts a ON a.id = p.account_id
		WHERE p.state = 'publishing' AND a.token IS NULL`,
	"held, failed and skipped have a reason": `SELECT id FROM publications WHERE state IN ('held', 'failed', 'skipped',
		'unconfirmed') AND reason_code = ''`,
	"foreign keys are valid": `SELECT 1 FROM pragma_foreign_key_check`,
}

// trail compares the history with the recorded state changes: every state change has exactly one event, in order.
const trail = `SELECT 'audit ' || publication || ' ' || f || ' ' || t FROM
	(SELECT publication, f, t, row_number() OVER (PARTITION BY publication ORDER BY id) AS n FROM audit) a
	FULL JOIN (SELECT publication_id, from_state, to_state, row_number() OVER (PARTITION BY publication_id
		ORDER BY id) AS n
		FROM events WHERE publication_id IS NOT NULL AND from_state <> to_state) e
	ON e.publication_id = a.publication AND e.n = a.n
	WHERE (a.f, a.t) IS NOT (e.from_state, e.to_state)`

// errBroken says that the query of a rule returned a row.
var errBroken = errors.New("there must be none")

func errOr(err error) error {
	if err == nil {
		return errBroken
	}
	return err
}

func broken(db *sql.DB) error {
	for name, q := range rules {
		var row string
		if err := db.QueryRow(q).Scan(&row); !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("rule %q: row %q (%w)", name, row, errOr(err))
		}
	}
	var row sql.NullString
	if err := db.QueryRow(trail).Scan(&row); !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("rule \"the history is whole\": row %q (%w)", row.String, errOr(err))
	}
	return nil
}

// step is one randomly drawn call. The meaning of the numbers depends on the call.
type step struct {
	Call    string
	A, B, C int
	Yes     bool
	Posts   []store.Post
	Path    []store.State
}

var (
	feedURLs     = []string{"https://blog.example/feed", "https://blog.example/photos"}
	accountNames = []string{"alice", "bob", "carol"}
	calls        = []string{
		"save", "save", "save", "save", "work", "work", "work", "work", "work", "work", "do", "do", "do", "do", "edit",
		"add feed", "remove feed", "add account", "add account", "remove account", "remove account", "route", "void",
		"wake", "stale", "stale",
	}
	startRules = []string{"all", "now", "last:2", "2020-01-01"}
)

var drawPost = rapid.Custom(func(t *rapid.T) store.Post {
	guid := fmt.Sprint("https://blog.example/", rapid.IntRange(1, 7).Draw(t, "guid"))
	p := store.Post{GUID: guid, URL: guid, Decision: store.Publish,
		Text: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "text")}
	switch rapid.IntRange(0, 3).Draw(t, "dated") {
	case 1:
		p.PublishedAt = time.Date(2019, 5, len(guid), 1, 0, 0, 0, time.UTC)
	case 2, 3:
		p.PublishedAt = time.Now().Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "minutes")) * time.Minute)
	}
	if rapid.IntRange(0, 5).Draw(t, "bare") == 0 {
		p.Decision, p.Reason = store.Skip, reason.New(reason.NoMedia, "")
	} else {
		p.Media = []store.Media{{Type: store.Image, URL: guid + ".jpg"}}
	}
	return p
})

var drawStep = rapid.Custom(func(t *rapid.T) step {
	s := step{
		Call: rapid.SampledFrom(calls).Draw(t, "call"),
		A:    rapid.IntRange(0, 11).Draw(t, "a"), B: rapid.IntRange(0, 11).Draw(t, "b"),
		C:   rapid.IntRange(0, 11).Draw(t, "c"),
		Yes: rapid.Bool().Draw(t, "yes"),
	}
	switch s.Call {
	case "save":
		s.Posts = rapid.SliceOfN(drawPost, 0, 7).Draw(t, "posts")
	case "work", "stale":
		// mostly the usual way to the end, sometimes anything
		s.Path = rapid.OneOf(
			rapid.Just([]store.State{store.Staged, store.Publishing, store.Published}),
			rapid.Just([]store.State{store.Staged, store.Publishing, store.Unconfirmed}),
			rapid.SampledFrom([][]store.State{
				{store.Staged, store.Publishing}, {store.Staged, store.Failed}, {store.Staged, store.Queued},
				{store.Staged, store.Publishing, store.Staged, store.Publishing, store.Queued}, {store.Failed},
				{store.Staged}, {store.Queued},
			}),
			rapid.SliceOfN(rapid.SampledFrom(store.States), 1, 5),
			rapid.SliceOfN(rapid.SampledFrom(
				[]store.State{store.Staged, store.Publishing, store.Queued, store.Unconfirmed}), 2, 6),
		).Draw(t, "path")
	}
	return s
})

// expected reports whether err is one that concurrent callers must expect.
func expected(err error) bool {
	return err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrIllegal) ||
		errors.Is(err, store.ErrNotFound)
}

func (s step) run(ctx context.Context, st *store.Store) error {
	switch s.Call {
	case "save":
		f, err := st.Feed(ctx, int64(s.A%len(feedURLs))+1)
		if err != nil {
			return err
		}
		f.LastPolledAt, f.NextPollAt, f.Problem = time.Now(), time.Now(), reason.Reason{}
		_, err = st.SavePosts(ctx, f, s.Posts, true)
		return err
	case "add feed":
		_, err := st.AddFeed(ctx, store.Feed{URL: feedURLs[s.A%len(feedURLs)],
			StartRule: startRules[s.B%len(startRules)]})
		return err
	case "remove feed":
		return st.RemoveFeed(ctx, int64(s.A%len(feedURLs))+1, store.CLI)
	case "add account":
		_, err := st.AddAccount(ctx,
			store.Account{API: store.Sandbox, UserID: accountNames[s.A%len(accountNames)]}, seal)
		return err
	case "remove account":
		return st.RemoveAccount(ctx, int64(s.A%len(accountNames))+1, store.CLI)
	case "route":
		return st.SetRoute(ctx, store.Route{FeedID: int64(s.A%len(feedURLs)) + 1,
			AccountID: int64(s.B%len(accountNames)) + 1, Enabled: s.Yes}, store.CLI, "")

	case "void":
		return st.VoidLeases(ctx)
	case "wake":
		return st.WakeAccount(ctx, int64(s.A%len(accountNames))+1)
	case "do":
		all := []store.Command{store.CommandPublish, store.CommandHold, store.CommandSkip, store.CommandRetry,
			store.CommandConfirm}
		_, err := st.Do(ctx, int64(s.A)+1, store.Order{Command: all[s.B%len(all)], By: store.Visitor, NotLive: s.Yes})
		return err
	case "edit":
		words := fmt.Sprint(s.B)
		p, err := st.Publication(ctx, int64(s.A)+1)
		if err != nil {
			return err
		}
		return st.Edit(ctx, p.ID, p.Revision, store.Edits{Caption: &words}, store.Visitor)
	case "work":
		lease := time.Minute
		if s.Yes { // the lease ends while the work is running
			lease = 0
		}
		p, err := st.Claim(ctx, lease)
		if err != nil {
			return err
		}
		if !p.State.Open() || !p.Leased || p.Claims < 1 {
			return fmt.Errorf("rule: claimed what is not to be worked on: %+v", p)
		}
		return s.walk(ctx, st, p)
	case "stale":
		p, err := st.Publication(ctx, int64(s.A)+1)
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(s.B) * time.Millisecond)
		return s.walk(ctx, st, p)
	}
	return errors.New("unknown call " + s.Call)
}

func (s step) walk(ctx context.Context, st *store.Store, p store.Publication) error {
	for i, state := range s.Path {
		if !p.State.Open() && p.State != store.Held {
			return nil // only a person's command can continue from here
		}
		c := to(p.State, state)
		c.Keep = s.Yes && i+1 < len(s.Path) && p.State.Open()
		c.Try = i%2 == 0
		if state == store.Published && s.C > 3 {
			c.MediaID = fmt.Sprint("m", s.C) // few different values, so that they collide
		}
		next, err := st.Advance(ctx, p, c)
		if err != nil {
			return err
		}
		moves := int64(1)
		if next.State != state { // skipped at once because its account was removed
			moves = 2
		}
		if next.Version != p.Version+moves {
			return fmt.Errorf("rule: version %d after %d, another write was overwritten", next.Version, p.Version)
		}
		p = next
		time.Sleep(time.Duration(s.B%3) * time.Millisecond) // give others a chance to write in between
	}
	return nil
}

// No sequence of concurrent calls breaks a rule.
func TestNoSequenceOfCallsBreaksARule(t *testing.T) {
	t.Parallel()
	template := filepath.Join(t.TempDir(), "template.db")
	s, err := store.Open(t.Context(), template, store.Options{Migrate: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", template)
	require.NoError(t, err)
	require.NoError(t, watch(db))
	require.NoError(t, db.Close())
	empty, err := os.ReadFile(template)
	require.NoError(t, err)
	dir, n := t.TempDir(), 0
	reached := map[string]int{}

	rapid.Check(t, func(t *rapid.T) {
		workers := rapid.SliceOfN(rapid.SliceOfN(drawStep, 1, 20), 1, 4).Draw(t, "workers")
		n++
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		if err := os.WriteFile(path, empty, 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := store.Open(context.Background(), path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		look, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
		if err != nil {
			t.Fatal(err)
		}
		defer look.Close()
		for _, name := range accountNames[:2] {
			if _, err := st.AddAccount(context.Background(), store.Account{API: store.Sandbox, UserID: name},
				seal); err != nil {
				t.Fatal(err)
			}
		}
		for _, url := range feedURLs {
			if _, err := st.AddFeed(context.Background(), store.Feed{URL: url, StartRule: "all"}); err != nil {
				t.Fatal(err)
			}
		}

		failed := make([]error, len(workers))
		var wg sync.WaitGroup
		for i, steps := range workers {
			wg.Go(func() {
				for n, s := range steps {
					if err := s.run(context.Background(), st); !expected(err) {
						failed[i] = fmt.Errorf("%+v: %w", s, err)
						return
					}
					if n%7 != i {
						continue // the triggers check every write anyway
					}
					if err := broken(look); err != nil {
						failed[i] = fmt.Errorf("after %+v: %w", s, err)
						return
					}
				}
			})
		}
		wg.Wait()
		if err := errors.Join(append(failed, broken(look))...); err != nil {
			t.Fatal(err)
		}
		rows, err := look.Query(`SELECT t, count(*) FROM audit GROUP BY t`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var state string
			var c int
			if err := rows.Scan(&state, &c); err != nil {
				t.Fatal(err)
			}
			reached[state] += c
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	})
	if !testing.Short() { // a short run may not draw it
		require.NotZero(t, reached[string(store.Publishing)], "the drawn calls reach publishing: %v", reached)
	}
	t.Log(reached)
}
