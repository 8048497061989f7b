package publisher

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// TestRandomFaults checks with random faults, restarts and commands that no post is live twice and that Postern's
// statements about each post are true. Delayed effects stay within settle, for which settle exists.
func TestRandomFaults(t *testing.T) {
	t.Parallel()
	seeds, err := strconv.Atoi(cmp.Or(os.Getenv("POSTERN_TEST_SEEDS"), "8")) // 500 seeds take a few minutes
	require.NoError(t, err)
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { randomFaults(setup(t), rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func randomFaults(s *theStage, r *rand.Rand) {
	t := s.t
	if r.IntN(8) == 0 {
		s.withFFmpeg() // with ffmpeg an animation becomes a reel
	}
	quiet := r.IntN(2) == 0
	if quiet {
		s.set("quiet_hours", "01:00-03:00") // the time of a bubble starts at midnight
	}
	s.set("first_comment", "More below.")
	s.start()
	words := []string{"Fog.", "Fog.", "Mist.", "", "Rain over the harbour."}
	for step := range 60 {
		switch r.IntN(10) {
		case 0, 1:
			if len(s.posts) < 12 {
				media := []string{fmt.Sprintf("p%d.%s", step, []string{"jpg", "jpg", "png", "gif"}[r.IntN(4)])}
				for range r.IntN(3) {
					media = append(media, fmt.Sprintf("p%d-%d.jpg", step, len(media)))
				}
				s.entry(words[r.IntN(len(words))], media...)
			}
		case 2, 3, 4:
			s.sim.Fault(anyFault(r))
		case 5:
			s.restart()
		case 6:
			s.anyCommand(r)
		case 7:
			s.sim.ClearFaults()
			s.sim.SetUsage(nil)
		case 8:
			s.sim.SetUsage(http.Header{"X-App-Usage": {fmt.Sprintf(`{"call_volume":%d}`, 70+r.IntN(40))}})
		case 9:
			s.anySetting(r)
		}
		time.Sleep(time.Duration(r.IntN(600)) * time.Second)
	}
	// The faults end, and a day and a half passes.
	s.sim.ClearFaults()
	s.sim.SetUsage(nil)
	s.pause(false)
	time.Sleep(36 * time.Hour)
	synctest.Wait()

	live, comments := map[string]int{}, map[string]int{}
	for _, p := range s.live() {
		comments[p.ID] = len(p.Comments)
		name, _, _ := strings.Cut(s.sourceOf(p.Slides[0].URL), "-")
		live[name]++
	}
	for _, l := range s.list() {
		name, _, _ := strings.Cut(strings.TrimPrefix(l.Post.Media[0].URL, "https://blog.example.org/"), "-")
		n := live[name]
		if quiet && !l.Expedited {
			s.notAskedBetween(l.ID, 1, 3)
		}
		if l.MediaID != "" {
			told := strings.Contains(s.history(l.ID), "the first comment was not written")
			require.Equal(t, ifElse(told, 0, 1), comments[l.MediaID], "%s\n%s", name, s.history(l.ID))
		}
		switch l.State {
		case store.Published:
			require.Equal(t, 1, n, "%s\n%s", name, s.history(l.ID))
		case store.Unconfirmed:
			require.LessOrEqual(t, n, 1, "%s\n%s", name, s.history(l.ID))
		case store.Failed, store.Held, store.Skipped:
			require.Equal(t, 0, n, "%s is %s\n%s", name, l.State, s.history(l.ID))
		default:
			require.Equal(t, "an end", string(l.State), "%s: %s\n%s", name, l.Reason.String(), s.history(l.ID))
		}
	}
}

// anyFault returns a random fault for the next calls.
func anyFault(r *rand.Rand) simulator.Fault {
	ops := []instagram.Op{"create", "status", "publish", "publish", "publish", "media", "permalink", "comment",
		"comments", "quota"}
	f := simulator.Fault{Op: ops[r.IntN(len(ops))], Times: 1 + r.IntN(3), Skip: r.IntN(2)}
	kinds := []simulator.Kind{simulator.Drop, simulator.Lost, simulator.Refuse, simulator.LiveError,
		simulator.NoConnect, simulator.Slow, simulator.Hold, simulator.Late, simulator.Break, simulator.Expire}
	f.Kind = kinds[r.IntN(len(kinds))]
	replies := []simulator.Reply{simulator.Internal, simulator.Gateway, simulator.Blocked, simulator.NotReady,
		simulator.QuotaSpent, simulator.Unreadable, simulator.TooManyCalls, simulator.NotFetched}
	switch f.Kind {
	case simulator.Refuse:
		f.Reply = replies[r.IntN(len(replies))]
	case simulator.LiveError: // not with the two answers that prove that nothing went live
		f.Reply = []simulator.Reply{simulator.Internal, simulator.Gateway, simulator.Blocked}[r.IntN(3)]
	case simulator.Late:
		f.Op, f.After = "publish", time.Duration(r.IntN(170))*time.Second
	case simulator.Slow, simulator.Hold:
		f.After = time.Duration(r.IntN(100)) * time.Second
	}
	return f
}

// anySetting changes a random setting of the account.
func (s *theStage) anySetting(r *rand.Rand) {
	switch r.IntN(3) {
	case 0:
		s.pause(true)
	case 1:
		s.pause(false)
	case 2:
		s.set("cool_down", fmt.Sprintf("%dm", 1+r.IntN(20)))
	}
}

func (s *theStage) pause(on bool) {
	_, err := s.store.UpdateAccount(s.t.Context(), s.account.ID, store.Visitor, "", func(a *store.Account) error {
		a.Paused = on
		return nil
	})
	require.NoError(s.t, err)
}

// notAskedBetween requires that publishing was not requested between these hours of the day, in UTC.
func (s *theStage) notAskedBetween(id int64, from, to int) {
	events, err := s.store.EventsOf(s.t.Context(), id)
	require.NoError(s.t, err)
	for _, e := range events {
		if e.From == store.Staged && e.To == store.Publishing {
			hour := e.At.UTC().Hour()
			require.False(s.t, from <= hour && hour < to, "%s\n%s", e.At.UTC(), s.history(id))
		}
	}
}

// anyCommand sends a random command for a random publication. It may be refused.
func (s *theStage) anyCommand(r *rand.Rand) {
	l := s.list()
	if len(l) == 0 {
		return
	}
	p := l[r.IntN(len(l))]
	commands := []store.Command{store.CommandPublish, store.CommandHold, store.CommandSkip, store.CommandRetry}
	_, _ = s.store.Do(s.t.Context(), p.ID, store.Order{Command: commands[r.IntN(len(commands))], By: store.Visitor})
	if p.State == store.Unconfirmed {
		_, _ = s.pub.CheckAgain(s.t.Context(), p.ID, store.Visitor)
	}
}

// sourceOf returns the picture on the site from which one of our files was made.
func (s *theStage) sourceOf(address string) string {
	name := address[strings.LastIndex(address, "/")+1:]
	a, err := s.store.Asset(s.t.Context(), name)
	require.NoError(s.t, err)
	return strings.TrimPrefix(a.SourceURL, "https://blog.example.org/")
}
