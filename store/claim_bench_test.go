//go:build linux

package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// claimBefore is the former query, in which one statement found the account and the publication together.
const claimBefore = `SELECT p.id FROM publications p JOIN posts ON posts.id = p.post_id
	WHERE p.due_at <= $1
	AND NOT EXISTS (SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.leased = 1 AND q.due_at > $1)
	AND (p.state <> 'queued' OR NOT EXISTS (
		SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.state IN ('staged', 'publishing')))
	ORDER BY min(p.due_at) OVER (PARTITION BY +p.account_id), p.account_id,
		coalesce(posts.published_at, posts.first_seen_at), posts.rank DESC, p.id LIMIT 1`

// BenchmarkClaim measures Claim with 6,000 due publications of 20 accounts, alternating with the former query. It
// compares processor time, so that other processes using the disk do not distort the result.
func BenchmarkClaim(b *testing.B) {
	const accounts, posts = 20, 300
	ctx := b.Context()
	s, err := store.Open(ctx, filepath.Join(b.TempDir(), "postern.db"), store.Options{Migrate: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	for n := range accounts {
		_, err := s.AddAccount(ctx, store.Account{API: "sandbox", UserID: fmt.Sprint(n), Username: fmt.Sprint("a", n)},
			func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
		require.NoError(b, err)
	}
	f, err := s.AddFeed(ctx, store.Feed{URL: "https://a.example/feed", StartRule: "all"})
	require.NoError(b, err)
	var all []store.Post
	for n := range posts {
		all = append(all, post(fmt.Sprintf("p%d", n), -time.Duration(n+1)*hour))
	}
	saved, err := s.SavePosts(ctx, f, all, true)
	require.NoError(b, err)
	require.Equal(b, accounts*posts, saved.Queued)
	db, err := sql.Open("sqlite",
		"file:"+s.Path()+
			"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	find, err := db.PrepareContext(ctx, claimBefore)
	require.NoError(b, err)
	defer find.Close()
	lease, err := db.PrepareContext(ctx,
		`UPDATE publications SET due_at = $2, leased = 1, version = version + 1, claims = claims + 1 WHERE id = $1`)
	require.NoError(b, err)
	defer lease.Close()
	release := func(id int64) {
		_, err := db.ExecContext(ctx,
			`UPDATE publications SET due_at = created_at, leased = 0, leased_by = '', started_at = NULL,
				version = version + 1 WHERE id = $1`, id)
		require.NoError(b, err)
	}
	var now, before time.Duration
	b.ResetTimer()
	for range b.N {
		began := spent()
		p, err := s.Claim(ctx, time.Hour)
		now += spent() - began
		require.NoError(b, err)
		release(p.ID)

		began = spent()
		var id int64
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(b, err)
		at := time.Now()
		require.NoError(b, tx.StmtContext(ctx, find).QueryRowContext(ctx, at.UnixMilli()).Scan(&id))
		_, err = tx.StmtContext(ctx, lease).ExecContext(ctx, id, at.Add(time.Hour).UnixMilli())
		require.NoError(b, err)
		require.NoError(b, tx.Commit())
		_, err = s.Publication(ctx, id)
		require.NoError(b, err)
		before += spent() - began
		require.Equal(b, p.ID, id, "both claim the same publication")
		release(id)
	}
	b.ReportMetric(float64(now.Microseconds())/float64(b.N), "cpu-µs/claim")
	b.ReportMetric(float64(before)/float64(now), "x-before")
}

// spent returns the user and system time that this process has used.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
