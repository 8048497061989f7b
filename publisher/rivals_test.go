package publisher

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram/simulator"
	"postern/store"
)

// The faults of this test. All delays below settle, even in combination, must not make a post appear twice.
const (
	rivals    = 3
	posts     = 4                // posts on the site
	faultTime = 12 * time.Hour   // then the faults end
	lateness  = 60 * time.Second // maximum delay between a call and its effect at Instagram
)

// faultPlan decides which faults the calls of one process meet. While it is stopped, none of the process's connections
// makes progress, as if the process or its machine were suspended.
type faultPlan struct {
	mu    sync.Mutex
	dice  *rand.Rand
	clear time.Time
}

func (w *faultPlan) roll(percent int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Before(w.clear) && w.dice.IntN(100) < percent
}

// stop suspends the process, mostly for less than a lease and sometimes for much longer.
func (w *faultPlan) stop() {
	w.mu.Lock()
	longest := []time.Duration{time.Minute, 13 * time.Minute, 13 * time.Minute, 40 * time.Minute}
	d := time.Duration(w.dice.Int64N(int64(longest[w.dice.IntN(len(longest))])))
	w.mu.Unlock()
	time.Sleep(d)
}

var errConnection = errors.New("the connection broke")

// faultyConn is a connection with those faults.
type faultyConn struct {
	net.Conn
	w    *faultPlan
	mu   sync.Mutex
	lost bool
}

// SetWriteDeadline is called between the intent and the request.
func (g *faultyConn) SetWriteDeadline(t time.Time) error {
	if !t.IsZero() && g.w.roll(50) {
		g.w.stop()
	}
	return g.Conn.SetWriteDeadline(t)
}

func (g *faultyConn) Write(b []byte) (int, error) {
	if g.w.roll(4) {
		return 0, errors.Join(errConnection, g.Conn.Close())
	}
	n, err := g.Conn.Write(b)
	if g.w.roll(8) { // the answer is lost, or is not read for a while
		g.mu.Lock()
		g.lost = true
		g.mu.Unlock()
	}
	return n, err
}

func (g *faultyConn) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	g.mu.Lock()
	lost := g.lost
	g.lost = false
	g.mu.Unlock()
	if lost && err == nil {
		return 0, errors.Join(errConnection, g.Conn.Close())
	}
	if err == nil && g.w.roll(6) {
		g.w.stop()
	}
	return n, err
}

// runRivals lets several processes work on one database, each with its own store, connection to Instagram and faults.
// Some of them sometimes take over the leases of others. Each post must be live once in the end.
func runRivals(t *testing.T, seed uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		began := time.Now()
		dice := rand.New(rand.NewPCG(seed, 0))
		for range 3 * posts {
			f := simulator.Fault{Op: "publish", Caption: fmt.Sprintf("Post %d ", dice.IntN(posts))}
			switch dice.IntN(6) {
			case 0:
				f.Kind = simulator.Lost
			case 1, 2:
				f.Kind = simulator.Drop
			case 3, 4:
				f.Kind, f.After = simulator.Late, time.Duration(dice.Int64N(int64(lateness)))
			case 5:
				f.Kind, f.Reply = simulator.Refuse, simulator.NotReady
			}
			s.sim.Fault(f)
		}
		s.sim.SetStale(time.Duration(dice.Int64N(int64(lateness))))
		for i := range posts {
			s.entry(fmt.Sprintf("Post %d of seed %d is about boats.", i, seed), fmt.Sprintf("p%d.jpg", i))
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var stores []*store.Store
		for i := range rivals {
			w := &faultPlan{dice: rand.New(rand.NewPCG(seed, uint64(i+1))), clear: began.Add(faultTime)}
			line := s.wire(func(c net.Conn) net.Conn { return &faultyConn{Conn: c, w: w} })
			own := s.other()
			stores = append(stores, own)
			acc := accounts.New(accounts.Options{Store: own, Key: s.key, Version: "v24.0",
				BaseURL: "http://graph.example.org", HTTP: &http.Client{Transport: line}, Timeout: time.Minute})
			p := New(Options{Store: own, Accounts: acc, Media: s.library, Public: s.outside(), Settle: s.settle,
				Logger: discard, Shared: true})
			wg.Go(func() {
				if err := p.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		for end := began.Add(72 * time.Hour); time.Now().Before(end); {
			time.Sleep(time.Duration(dice.Int64N(int64(5 * time.Minute))))
			if time.Since(began) < faultTime && dice.IntN(3) == 0 {
				require.NoError(t, stores[dice.IntN(rivals)].VoidLeases(t.Context()))
			}
			if all(s.list(), store.Published) {
				break
			}
			s.answerQuestions()
		}
		time.Sleep(2 * time.Hour) // suspended processes resume, and delayed effects appear
		cancel()
		wg.Wait()
		times := map[string]int{}
		for _, post := range s.live() {
			times[post.Caption]++
		}
		for _, p := range s.list() {
			if n := times[p.Caption]; n != 1 || p.State != store.Published {
				t.Errorf("publication %d is %s and %d times live\n%s", p.ID, p.State, n, s.history(p.ID))
			}
		}
	})
}

// answerQuestions plays the owner, who checks the profile when Postern asks whether a post is live.
func (s *theStage) answerQuestions() {
	s.t.Helper()
	for _, p := range s.list() {
		if p.State != store.Unconfirmed && p.State != store.Failed {
			continue
		}
		order := store.Order{Command: store.CommandRetry, By: store.Visitor, NotLive: true}
		for _, post := range s.live() {
			if post.Caption == p.Caption {
				order = store.Order{Command: store.CommandConfirm, By: store.Visitor}
			}
		}
		_, err := s.store.Do(s.t.Context(), p.ID, order)
		require.NoError(s.t, err)
	}
}

func all(list []store.Listed, state store.State) bool {
	for _, p := range list {
		if p.State != state {
			return false
		}
	}
	return true
}

// TestPublishersTorture runs the seeds in POSTERN_SEEDS ("1-200" or "7,9"), or three random ones.
func TestPublishersTorture(t *testing.T) {
	seeds, err := simulator.Seeds(os.Getenv("POSTERN_SEEDS"))
	require.NoError(t, err)
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("seed %d: make torture-publishers SEEDS=%d", seed, seed)
			runRivals(t, seed)
		})
	}
}
