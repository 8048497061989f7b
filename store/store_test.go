package store_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"postern/doors"
	"postern/reason"
	"postern/store"
)

func TestMain(m *testing.M) {
	// The property test opens many databases, and SQLite is ten times slower under the race detector. So the default
	// is fewer runs than rapid's 100; -rapid.checks still overrides it.
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// fixture is an open store with helpers that fail the test on errors.
type fixture struct {
	*store.Store
	t *testing.T
}

func setup(t *testing.T) fixture {
	t.Helper()
	s := doors.Store(t, t.TempDir())
	return fixture{s, t}
}

// other opens the database again, like another process.
func (h fixture) other() fixture {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), h.Path(), store.Options{})
	require.NoError(h.t, err)
	h.t.Cleanup(func() { require.NoError(h.t, s.Close()) })
	return fixture{s, h.t}
}

// raw opens the database file without the store.
func (h fixture) raw() *sql.DB {
	h.t.Helper()
	db, err := sql.Open("sqlite",
		"file:"+h.Path()+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	require.NoError(h.t, err)
	h.t.Cleanup(func() { require.NoError(h.t, db.Close()) })
	return db
}

func (h fixture) ctx() context.Context { return h.t.Context() }

func (h fixture) feed(url, start string) store.Feed {
	h.t.Helper()
	f, err := h.AddFeed(h.ctx(), store.Feed{URL: url, StartRule: start})
	require.NoError(h.t, err)
	return f
}

func seal(int64) (store.Secrets, error) {
	return store.Secrets{AppSecret: []byte("sealed app secret"), Token: []byte("sealed token")}, nil
}

func (h fixture) account(name string) store.Account {
	h.t.Helper()
	a, err := h.AddAccount(h.ctx(), store.Account{API: store.Instagram, UserID: "1784" + name, Username: name}, seal)
	require.NoError(h.t, err)
	return a
}

// save simulates a poll that brought these posts.
func (h fixture) save(f store.Feed, posts ...store.Post) store.Saved {
	h.t.Helper()
	f, err := h.Feed(h.ctx(), f.ID)
	require.NoError(h.t, err)
	f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(5*time.Minute)
	saved, err := h.SavePosts(h.ctx(), f, slices.Clone(posts), true)
	require.NoError(h.t, err)
	return saved
}

// post returns an entry with a picture, dated at the given time from now; 0 for no date.
func post(guid string, when time.Duration) store.Post {
	p := store.Post{
		GUID: guid, URL: "https://blog.example/" + guid, Title: "Title of " + guid, Text: "Text of " + guid,
		Decision: store.Publish,
		Media:    []store.Media{{Type: store.Image, URL: "https://blog.example/" + guid + ".jpg", Alt: "a picture"}},
	}
	if when != 0 {
		p.PublishedAt = time.Now().Add(when).UTC().Truncate(time.Second) // as the feed reader returns it
	}
	return p
}

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

// all returns the publications as "guid account: state (reason)".
func (h fixture) all() []string {
	h.t.Helper()
	list, err := h.Publications(h.ctx(), store.Filter{})
	require.NoError(h.t, err)
	out := []string{}
	for _, l := range list {
		line := fmt.Sprintf("%s %s: %s", l.Post.GUID, l.Account.Name(), l.State)
		if l.Reason.String() != "" {
			line += " (" + l.Reason.String() + ")"
		}
		out = append(out, line)
	}
	return out
}

// routes returns the routes from all feeds to all accounts, without removed ones.
func (h fixture) routes() ([]store.Route, error) {
	h.t.Helper()
	feeds, err := h.Feeds(h.ctx())
	require.NoError(h.t, err)
	var ids []int64
	for _, f := range feeds {
		ids = append(ids, f.ID)
	}
	return h.RoutesOf(h.ctx(), ids...)
}

func (h fixture) pub(guid string, accountID int64) store.Publication {
	h.t.Helper()
	list, err := h.Publications(h.ctx(), store.Filter{AccountID: accountID})
	require.NoError(h.t, err)
	for _, l := range list {
		if l.Post.GUID == guid {
			return l.Publication
		}
	}
	require.Fail(h.t, "no publication of "+guid)
	return store.Publication{}
}

func (h fixture) advance(p store.Publication, c store.Change) store.Publication {
	h.t.Helper()
	p, err := h.Advance(h.ctx(), p, c)
	require.NoError(h.t, err)
	return p
}

func (h fixture) do(id int64, c store.Command) store.Publication {
	h.t.Helper()
	p, err := h.Do(h.ctx(), id, store.Order{Command: c, By: store.Visitor})
	require.NoError(h.t, err)
	return p
}

func finished() []store.Container {
	return []store.Container{{Position: 0, ID: "container", CreatedAt: time.Now(), Status: "FINISHED"}}
}

func frozen() *store.Frozen {
	return &store.Frozen{Kind: store.KindImage, Caption: "as sent",
		Items: []store.Item{{Type: store.Image, SourceURL: "https://blog.example/1.jpg", Alt: "alt"}}}
}

// to returns a change with everything that a move between two states requires.
func to(from, state store.State) store.Change {
	c := store.Change{To: state, Reason: reason.Text("because"), DueAt: time.Now()}
	switch {
	case state == store.Staged && from == store.Queued:
		c.Freeze, c.Containers = frozen(), finished()
	case state == store.Queued && from == store.Publishing:
		c.NewRound = true
	case state == store.Queued && from == store.Unconfirmed:
		c.NotLive, c.Restart = true, true
	}
	return c
}

// bring moves a queued publication to a state by legal state changes.
func (h fixture) bring(p store.Publication, state store.State) store.Publication {
	h.t.Helper()
	way := map[store.State][]store.State{
		store.Queued: {}, store.Held: {store.Held}, store.Skipped: {store.Skipped}, store.Failed: {store.Failed},
		store.Staged:      {store.Staged},
		store.Publishing:  {store.Staged, store.Publishing},
		store.Published:   {store.Staged, store.Publishing, store.Published},
		store.Unconfirmed: {store.Staged, store.Publishing, store.Unconfirmed},
	}
	for _, next := range way[state] {
		p = h.advance(p, to(p.State, next))
	}
	require.Equal(h.t, state, p.State)
	return p
}

func TestOpen(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "with space & #?%41.db")
	_, err := store.Open(ctx, path, store.Options{})
	require.ErrorIs(t, err, store.ErrOlder, "missing")
	require.NoFileExists(t, path, "without Migrate no file is created")

	s, err := store.Open(ctx, path, store.Options{Migrate: true})
	require.NoError(t, err)
	require.NoError(t, s.Ping(ctx))
	require.FileExists(t, path, "created under exactly this name")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, s.SetSetting(ctx, "k", "v"))
	require.NoError(t, s.Close())

	for _, migrate := range []bool{false, true} {
		s, err = store.Open(ctx, path, store.Options{Migrate: migrate})
		require.NoError(t, err)
		v, err := s.Setting(ctx, "k")
		require.NoError(t, err)
		require.Equal(t, "v", v)
		require.NoError(t, s.Close())
	}
	backups, err := filepath.Glob(path + ".before-*")
	require.NoError(t, err)
	require.Empty(t, backups, "there was nothing to migrate")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "the write-ahead log was moved into the file")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	newer := filepath.Join(dir, "newer.db")
	s, err := store.Open(t.Context(), newer, store.Options{Migrate: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", newer)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	for _, migrate := range []bool{false, true} {
		o := store.Options{Migrate: migrate}
		_, err = store.Open(t.Context(), newer, o)
		require.ErrorIs(t, err, store.ErrNewer)

		text := write("text.db", "This is a letter and not a database, long enough to have the place of a header.")
		_, err = store.Open(t.Context(), text, o)
		require.ErrorContains(t, err, "is not a database of postern")
		require.ErrorContains(t, err, text)
		kept, err := os.ReadFile(text)
		require.NoError(t, err)
		require.Contains(t, string(kept), "This is a letter")

		_, err = store.Open(t.Context(), dir, o)
		require.ErrorContains(t, err, "opening the database")
		_, err = store.Open(t.Context(), filepath.Join(text, "under-a-file.db"), o)
		require.Error(t, err)
	}
	_, err = store.Open(t.Context(), filepath.Join(dir, "nowhere", "x.db"), store.Options{Migrate: true})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = store.Open(t.Context(), write("empty.db", ""), store.Options{})
	require.ErrorIs(t, err, store.ErrOlder, "as after a crash right after the file was created")
	s, err = store.Open(t.Context(), filepath.Join(dir, "empty.db"), store.Options{Migrate: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestOpenInAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := filepath.Join(t.TempDir(), "ro")
	require.NoError(t, os.Mkdir(dir, 0o500))
	_, err := store.Open(t.Context(), filepath.Join(dir, "postern.db"), store.Options{Migrate: true})
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestDiskFailed(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "full.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE t (x TEXT); PRAGMA max_page_count = 2")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO t VALUES ($1)", strings.Repeat("x", 1<<20))
	require.Error(t, err)
	require.True(t, store.DiskFailed(fmt.Errorf("saving: %w", err)), "%v", err)
	require.True(t, store.DiskFailed(fmt.Errorf("making a folder: %w", syscall.ENOSPC)))
	require.False(t, store.DiskFailed(store.ErrNotFound))
	require.False(t, store.DiskFailed(nil))
}
