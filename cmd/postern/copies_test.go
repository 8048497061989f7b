package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"postern/daemon"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/shape"
	"postern/store"
)

// copies is an installation whose database is copied, put back and copied again.
type copies struct {
	*world
	rng  *rand.Rand
	data string
	n    int // posts on the blog
}

func newCopies(t *testing.T, seed uint64, extra ...string) *copies {
	w := newWorld(t, extra...)
	c := &copies{world: w, rng: rand.New(rand.NewPCG(seed, 10)), data: filepath.Join(w.dir, "data")}
	w.connect()
	return c
}

// at is the same program with another data directory.
func (c *copies) at(data string) *copies {
	other := *c
	w := *c.world
	config, err := os.ReadFile(c.config)
	require.NoError(c.t, err)
	w.config = filepath.Join(c.t.TempDir(), "postern.toml")
	require.NoError(c.t, os.WriteFile(w.config,
		bytes.ReplaceAll(config, []byte(strconv.Quote(c.data)), []byte(strconv.Quote(data))), 0o600))
	other.world, other.data = &w, data
	return &other
}

func (c *copies) write(posts int) {
	for range posts {
		c.n++
		c.blog.add(fmt.Sprintf("p%d", c.n), fmt.Sprintf("Post number %d of the harbour", c.n),
			fmt.Sprintf("p%d.jpg", c.n))
	}
}

// await waits for what the message names, not for long. It pauses five times as long as the condition took to answer:
// most conditions start the program, which would otherwise take its processor time from the daemon they wait for.
func (c *copies) await(what string, done func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); ; {
		asked := time.Now()
		if done() {
			return
		}
		if asked.After(deadline) {
			c.t.Fatalf("waited for %s; the profile shows %v, the database %s", what, c.captions(), c.states())
		}
		time.Sleep(max(20*time.Millisecond, 5*time.Since(asked)))
	}
}

func (c *copies) captions() map[string]int {
	live := map[string]int{}
	for _, p := range c.sim.Posts("") {
		title, _, _ := strings.Cut(p.Caption, "\n")
		live[title]++
	}
	return live
}

func (c *copies) all() (list []shape.Publication) {
	c.t.Helper()
	r := c.run("publications", "--json")
	require.Equal(c.t, 0, r.status, r.stderr)
	for _, p := range c.publications(r) {
		if p.ID > 0 { // posts that never became one have none
			list = append(list, p)
		}
	}
	return list
}

func (c *copies) states() string {
	var all []string
	for _, p := range c.all() {
		title, _, _ := strings.Cut(p.Caption, "\n")
		all = append(all, fmt.Sprintf("%d %q %s %s", p.ID, title, p.State, p.Reason))
	}
	return strings.Join(all, ", ")
}

func (c *copies) count(states ...store.State) (n int) {
	for _, p := range c.all() {
		for _, s := range states {
			if p.State == s {
				n++
			}
		}
	}
	return n
}

// settled waits until nothing is on its way.
func (c *copies) settled() {
	c.t.Helper()
	c.await("everything to come to rest", func() bool {
		return c.count(store.Queued, store.Staged, store.Publishing) == 0
	})
}

// twice demands that no post is on the profile more than once.
func (c *copies) twice() {
	c.t.Helper()
	for title, n := range c.captions() {
		require.Equal(c.t, 1, n, "%q is live %d times", title, n)
	}
}

// daemon starts one; end stops it, cleanly or not.
func (c *copies) daemon() (end func(clean bool)) {
	c.t.Helper()
	cmd := c.command("serve")
	started(c.t, cmd)
	ended := false
	end = func(clean bool) {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(map[bool]syscall.Signal{true: syscall.SIGTERM, false: syscall.SIGKILL}[clean])
		_ = cmd.Wait()
	}
	c.t.Cleanup(func() { end(false) })
	return end
}

// runUntil lets a daemon, or one pass, publish until the condition holds, and ends it.
func (c *copies) runUntil(clean bool, until func() bool, what string) {
	c.t.Helper()
	if clean && c.rng.IntN(2) == 0 {
		r := c.run("sync", "--wait", "90s")
		require.Equal(c.t, 0, r.status, r.stderr)
		require.True(c.t, until(), "after a pass: %s; the profile shows %v, the database %s", what, c.captions(),
			c.states())
		return
	}
	end := c.daemon()
	c.await(what, until)
	end(clean)
}

func (c *copies) live(n int) func() bool { return func() bool { return len(c.sim.Posts("")) >= n } }

// files are those of the database; all of the data directory but its media with everything.
func (c *copies) files(everything bool) map[string][]byte {
	c.t.Helper()
	out := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(c.data, ifElse(everything, "*", "postern.db*")))
	require.NoError(c.t, err)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			b, err := os.ReadFile(name)
			require.NoError(c.t, err)
			out[name] = b
		}
	}
	return out
}

// putBack replaces the database by what it was, as another file or in the same one.
func (c *copies) putBack(was map[string][]byte, sameInode bool) {
	c.t.Helper()
	for name := range c.files(false) {
		if _, kept := was[name]; !kept {
			require.NoError(c.t, os.Remove(name)) // a log of later
		}
	}
	for name, b := range was {
		if !sameInode {
			// The number of a file that is removed may be given out again.
			require.NoError(c.t, os.WriteFile(name+".new", b, 0o600))
			require.NoError(c.t, os.Rename(name+".new", name))
			continue
		}
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		require.NoError(c.t, err)
		_, err = f.Write(b)
		require.NoError(c.t, err)
		require.NoError(c.t, f.Close())
	}
}

// TestCopiesPublishNothingTwice puts older databases back and starts copies, one of three ways by each seed of
// POSTERN_COPIES_SEEDS ("1-30" or "7,9"), or of three fresh ones.
func TestCopiesPublishNothingTwice(t *testing.T) {
	t.Parallel()
	seeds, err := simulator.Seeds(os.Getenv("POSTERN_COPIES_SEEDS"))
	require.NoError(t, err)
	ways := []string{"put back", "backup", "side by side"}
	for _, seed := range seeds {
		way := ways[seed%3]
		t.Run(fmt.Sprintf("%s/seed %d", way, seed), func(t *testing.T) {
			t.Parallel()
			switch c := newCopies(t, seed); way {
			case "put back":
				c.tryPutBack()
			case "backup":
				c.tryBackup()
			default:
				c.trySideBySide()
			}
		})
	}
}

// begin publishes some posts; others wait behind a pause when it returns.
func (c *copies) begin(clean bool) (published, waiting int) {
	published, waiting = 1+c.rng.IntN(2), c.rng.IntN(3)
	c.write(published)
	c.runUntil(true, c.live(published), "the first posts")
	if waiting > 0 {
		c.must(c.run("account", "pause", "1"))
		c.write(waiting)
		c.runUntil(clean, func() bool { return c.count(store.Queued) == waiting }, "posts that wait behind a pause")
	}
	return published, waiting
}

// goOn publishes what waits and something new, which the copy of before does not know.
func (c *copies) goOn(published, waiting int, clean bool) (live int) {
	if waiting > 0 {
		c.must(c.run("account", "resume", "1"))
	}
	more := 1 + c.rng.IntN(2)
	c.write(more)
	live = published + waiting + more
	c.runUntil(clean, c.live(live), "what the copy does not know")
	return live
}

func (c *copies) tryPutBack() {
	before, after, same, everything := c.rng.IntN(2) == 0, c.rng.IntN(2) == 0, c.rng.IntN(2) == 0, c.rng.IntN(3) == 0
	c.t.Logf("stopped cleanly %v and %v, the same inode %v, everything %v", before, after, same, everything)
	published, waiting := c.begin(before)
	was := c.files(everything)
	live := c.goOn(published, waiting, after)
	if everything { // by somebody who needs more than a second for it
		time.Sleep(daemon.TouchedAfter)
	}
	c.putBack(was, same)
	if waiting > 0 {
		c.must(c.run("account", "resume", "1"))
	}
	c.write(1)
	c.runUntil(true, c.live(live+1), "the post that is new")
	end := c.daemon()
	c.settled()
	end(true)
	c.twice()
	require.Len(c.t, c.sim.Posts(""), live+1, "what is new went out")
}

func (c *copies) tryBackup() {
	after, same := c.rng.IntN(2) == 0, c.rng.IntN(2) == 0
	c.t.Logf("stopped cleanly %v, the same inode %v", after, same)
	published, waiting := c.begin(true)
	file := filepath.Join(c.t.TempDir(), "copy.db")
	c.must(c.run("backup", file))
	live := c.goOn(published, waiting, after)
	b, err := os.ReadFile(file)
	require.NoError(c.t, err)
	c.putBack(map[string][]byte{filepath.Join(c.data, "postern.db"): b}, same)
	if waiting > 0 {
		c.must(c.run("account", "resume", "1"))
	}
	c.write(1)
	end := c.daemon()
	c.await("what the backup does not know to be held", func() bool { return c.count(store.Held) == live-published+1 })
	c.settled()
	require.Len(c.t, c.sim.Posts(""), live)
	for _, p := range c.all() {
		if p.State == store.Held {
			c.must(c.run("publish", fmt.Sprint(p.ID)))
		}
	}
	c.await("the one that is not live", c.live(live+1))
	c.settled()
	end(true)
	c.twice()
	require.Len(c.t, c.sim.Posts(""), live+1)
}

func (c *copies) trySideBySide() {
	published, waiting := c.begin(true)
	other := c.at(filepath.Join(c.t.TempDir(), "copied"))
	copyDirectory(c.t, c.data, other.data)
	if waiting > 0 {
		c.must(c.run("account", "resume", "1"))
		c.must(other.run("account", "resume", "1"))
	}
	first, second := c, other
	if c.rng.IntN(2) == 0 {
		first, second = other, c
	}
	c.t.Logf("the copy first: %v", first == other)
	endFirst := first.daemon()
	endSecond := second.daemon()
	c.write(2)
	live := published + waiting + 2
	first.await("one of the two to publish", c.live(live))
	first.settled()
	c.twice()
	if c.rng.IntN(2) == 0 { // the other one takes over
		endFirst(c.rng.IntN(2) == 0)
		c.write(1)
		second.await("the other one to publish", c.live(live+1))
		second.settled()
		c.twice()
		require.Len(c.t, c.sim.Posts(""), live+1)
	}
	endFirst(true)
	endSecond(true)
	c.write(1)
	end := first.daemon()
	defer end(true)
	n := len(c.sim.Posts(""))
	first.await("the first one to go on", c.live(n+1))
	c.twice()
}

// Nothing is held for a database that was moved, and nothing for one that nobody worked with for a while.
func TestMovesHoldNothing(t *testing.T) {
	t.Parallel()
	move := func(c *copies, keepInodes bool) *copies {
		there := filepath.Join(c.t.TempDir(), "mnt", "postern")
		if keepInodes {
			require.NoError(c.t, os.MkdirAll(filepath.Dir(there), 0o700))
			require.NoError(c.t, os.Rename(c.data, there))
		} else {
			copyDirectory(c.t, c.data, there)
			require.NoError(c.t, os.RemoveAll(c.data))
		}
		return c.at(there)
	}
	change := func(c *copies, statements ...string) *copies {
		c.change(statements...)
		return c
	}
	for name, change := range map[string]func(*copies) *copies{
		"an upgrade": func(c *copies) *copies {
			require.NoError(c.t, os.Remove(filepath.Join(c.data, daemon.PlaceName)))
			return change(c, append(threeDays, `DELETE FROM settings WHERE key = 'place'`)...)
		},
		"a new mount":              func(c *copies) *copies { return move(c, true) },
		"another server":           func(c *copies) *copies { return move(c, false) },
		"the file is written anew": func(c *copies) *copies { return change(c, `VACUUM`) },
		"stopped for three days":   func(c *copies) *copies { return change(c, threeDays...) },
		"its owner is set at each new start": func(c *copies) *copies {
			require.NoError(c.t, os.Chmod(filepath.Join(c.data, daemon.PlaceName), 0o600))
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCopies(t, 1)
			c.must(c.run("account", "pause", "1"))
			c.write(3)
			c.runUntil(true, func() bool { return c.count(store.Queued) == 3 }, "posts that wait")
			c = change(c)
			c.must(c.run("account", "resume", "1"))
			end := c.daemon()
			defer end(true)
			c.write(1)
			c.await("all of them", c.live(4))
			require.Zero(t, c.count(store.Held))
			var order []string
			for _, p := range c.sim.Posts("") {
				title, _, _ := strings.Cut(p.Caption, "\n")
				order = append([]string{title}, order...)
			}
			require.Equal(t, []string{"Post number 1 of the harbour", "Post number 2 of the harbour",
				"Post number 3 of the harbour", "Post number 4 of the harbour"}, order)
			c.twice()
		})
	}
}

// threeDays lets everything the database knows of time be three days older.
var threeDays = []string{
	`UPDATE events SET at = at - 3*86400000`,
	`UPDATE settings SET value = json_set(value, '$.at', strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 days'))
		WHERE key = 'place'`,
	`UPDATE feeds SET last_polled_at = last_polled_at - 3*86400000, next_poll_at = next_poll_at - 3*86400000`,
}

// Three hundred posts that go out one a day move with their database, and none of them asks for anything.
func TestADripMovesWhole(t *testing.T) {
	t.Parallel()
	c := newCopies(t, 2)
	c.must(c.run("account", "set", "1", "cool_down=24h"))
	for i := range 300 {
		c.blog.add(fmt.Sprintf("d%d", i), fmt.Sprintf("Day %d", i), fmt.Sprintf("d%d.jpg", i))
	}
	c.must(c.run("feed", "remove", "1"))
	c.must(c.run("feed", "add", c.blog.url+"/feed", "--start", "all"))
	c.runUntil(true, c.live(1), "the first of the drip")
	there := filepath.Join(t.TempDir(), "elsewhere")
	copyDirectory(t, c.data, there)
	require.NoError(t, os.RemoveAll(c.data))
	c = c.at(there)
	end := c.daemon()
	defer end(true)
	var oldest int64
	for _, p := range c.all() {
		if p.State == store.Queued && (oldest == 0 || p.ID < oldest) {
			oldest = p.ID
		}
	}
	c.must(c.run("publish", fmt.Sprint(oldest)))
	c.await("another one of the drip", c.live(2))
	require.Zero(t, c.count(store.Held))
	require.GreaterOrEqual(t, c.count(store.Queued), 298)
	c.twice()
}

// A picture costs four calls in a daemon that runs, and one more after a start that has something to compare.
func TestCallsOfAPicture(t *testing.T) {
	t.Parallel()
	c := newCopies(t, 3)
	calls := func() (n int) {
		for _, op := range []instagram.Op{"create", "status", "publish", "permalink", "media"} {
			n += c.sim.CallCount(op)
		}
		return n
	}
	end := c.daemon()
	for n := range 2 {
		before := calls()
		c.write(1)
		c.await("a post", c.live(n+1))
		c.await("its address", func() bool { return calls() >= before+4 })
		require.Equal(t, 4, calls()-before)
	}
	end(true)
	for n := range 2 {
		before := calls()
		c.write(1)
		c.must(c.run("sync", "--wait", "90s"))
		require.True(t, c.live(n+3)())
		require.LessOrEqual(t, calls()-before, 5)
	}
}

// copyDirectory copies with the modes, as people do.
func copyDirectory(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		there := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(there, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(there, b, 0o600)
	}))
}

// change changes the database directly.
func (c *copies) change(statements ...string) {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "postern.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(c.t, err)
	defer db.Close()
	for _, s := range statements {
		_, err = db.ExecContext(c.t.Context(), s)
		require.NoError(c.t, err, s)
	}
}

// A clock was three days ahead and is set right while the daemon runs: what it wrote then keeps nothing waiting.
func TestAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	c := newCopies(t, 4)
	c.must(c.run("account", "set", "1", "cool_down=1s"))
	end := c.daemon()
	defer end(true)
	c.write(1)
	c.await("a post", c.live(1))
	c.await("its address", func() bool { return c.count(store.Published) == 1 })
	c.change(
		`UPDATE feeds SET last_polled_at = last_polled_at + 3*86400000, read_at = read_at + 3*86400000,
			next_poll_at = next_poll_at + 3*86400000`,
		`UPDATE publications SET published_at = published_at + 3*86400000, asked_at = asked_at + 3*86400000
			WHERE state = 'published'`,
		`UPDATE accounts SET trouble = 'wait', problem_code = 'instagram_no_calls',
			wait_until = (SELECT max(last_polled_at) FROM feeds), quota_at = quota_at + 3*86400000`,
		`UPDATE routes SET start_at = start_at + 3*86400000`,
	)
	c.write(1)
	c.await("the next post", c.live(2))
	require.Zero(t, c.count(store.Held))
	s, err := store.OpenReadOnly(t.Context(), filepath.Join(c.data, "postern.db"))
	require.NoError(t, err)
	defer s.Close()
	f, err := s.LastClockFault(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 72, f.Ahead.Hours(), 0.1)
	c.await("its notice", func() bool {
		open, err := s.OpenNotices(t.Context())
		require.NoError(t, err)
		return slices.ContainsFunc(open, func(n store.Notice) bool { return n.Cause == "clock" })
	})
}
