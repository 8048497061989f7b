package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
)

// One publish answer in twenty is lost, the same ones with the same seed, and never the post.
func TestUnkindnessIsRepeatable(t *testing.T) {
	t.Parallel()
	run := func(seed int64) (lost string, posts int) {
		synctest.Test(t, func(t *testing.T) {
			s, c := setup(t, simulator.Options{Seed: seed})
			for i := range 90 {
				k := create(t, c, fmt.Sprint(i))
				time.Sleep(10 * time.Second)
				if _, err := c.Publish(t.Context(), k); err != nil {
					require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
					lost += fmt.Sprint(i, " ")
				}
			}
			posts = len(s.Posts(""))
		})
		return lost, posts
	}
	first, posts := run(3)
	require.Equal(t, 90, posts)
	require.NotEmpty(t, first)
	require.Less(t, strings.Count(first, " "), 15)
	again, _ := run(3)
	require.Equal(t, first, again)
	other, _ := run(4)
	require.NotEqual(t, first, other)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault simulator.Fault
		check func(error) bool
		now   int // posts when the call has ended
		later int // posts an hour later
	}{
		"never connected":  {simulator.Fault{Kind: simulator.NoConnect}, isAction(instagram.Retry), 0, 0},
		"dropped":          {simulator.Fault{Kind: simulator.Drop}, isAction(instagram.Ambiguous), 0, 0},
		"answer lost":      {simulator.Fault{Kind: simulator.Lost}, isAction(instagram.Ambiguous), 1, 1},
		"live and 500":     {simulator.Fault{Kind: simulator.LiveError}, isCode(2, 0), 1, 1},
		"not live and 500": {simulator.Fault{Kind: simulator.Refuse}, isCode(2, 0), 0, 0},
		"a gateway's page": {simulator.Fault{Kind: simulator.LiveError, Reply: simulator.Gateway}, isCode(0, 0), 1, 1},
		"live and blocked": {simulator.Fault{Kind: simulator.LiveError, Reply: simulator.Blocked},
			isCode(4, 2207051), 1, 1},
		"blocked": {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.Blocked},
			isCode(4, 2207051), 0, 0},
		"late": {simulator.Fault{Kind: simulator.Late, After: 5 * time.Minute},
			isAction(instagram.Ambiguous), 0, 1},
		"late with error": {simulator.Fault{Kind: simulator.Late, After: 5 * time.Minute, Reply: simulator.Blocked},
			isCode(4, 2207051), 0, 1},
		"not ready": {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.NotReady},
			instagram.IsNotReady, 0, 0},
		"quota": {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.QuotaSpent},
			instagram.IsQuotaSpent, 0, 0},
		"token dead": {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.TokenDead},
			instagram.IsTokenDead, 0, 0},
		"throttled": {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.ThrottledFor(7 * time.Minute)},
			isCode(80002, 0), 0, 0},
		"held too long": {simulator.Fault{Kind: simulator.Hold, After: 2 * time.Minute},
			isAction(instagram.Ambiguous), 1, 1},
		"slow, too long": {simulator.Fault{Kind: simulator.Slow, After: 2 * time.Minute},
			isAction(instagram.Ambiguous), 0, 0},
		"slow, in time":     {simulator.Fault{Kind: simulator.Slow, After: 30 * time.Second}, nil, 1, 1},
		"container broken":  {simulator.Fault{Kind: simulator.Break}, isCode(352, 2207026), 0, 0},
		"container expired": {simulator.Fault{Kind: simulator.Expire}, isCode(24, 2207008), 0, 0},
		"another account":   {simulator.Fault{Kind: simulator.Drop, Account: "1"}, nil, 1, 1},
		"another container": {simulator.Fault{Kind: simulator.Drop, Container: "1"}, nil, 1, 1},
		"another caption":   {simulator.Fault{Kind: simulator.Drop, Caption: "dusk"}, nil, 1, 1},
		"this caption": {simulator.Fault{Kind: simulator.Drop, Caption: "dawn"},
			isAction(instagram.Ambiguous), 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := setup(t, simulator.Options{Kind: true})
				c.HTTP.Timeout = time.Minute
				k := create(t, c, "at dawn")
				test.fault.Op = "publish"
				s.Fault(test.fault)
				_, err := c.Publish(t.Context(), k)
				if test.check == nil {
					require.NoError(t, err)
				} else {
					require.True(t, test.check(err), "%v", err)
				}
				require.Len(t, s.Posts(""), test.now)
				time.Sleep(time.Hour)
				require.Len(t, s.Posts(""), test.later)
				st, err := c.Status(t.Context(), k)
				require.NoError(t, err)
				require.Equal(t, test.later == 1, st.Code == instagram.Published)
			})
		})
	}
}

func isAction(a instagram.Action) func(error) bool {
	return func(err error) bool { return instagram.Classify(err).Action == a }
}

func isCode(code, subcode int) func(error) bool {
	return func(err error) bool {
		var e *instagram.Error
		return errors.As(err, &e) && e.Code == code && e.Subcode == subcode
	}
}

func TestFaultQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := setup(t, simulator.Options{Kind: true})
		k := create(t, c, "x")

		s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, For: time.Hour})
		for range 3 {
			_, err := c.Status(t.Context(), k)
			require.True(t, instagram.IsUnreadable(err))
		}
		time.Sleep(time.Hour)
		_, err := c.Status(t.Context(), k)
		require.NoError(t, err)

		s.Fault(simulator.Fault{Kind: simulator.Break, Op: "create", Reply: simulator.Reply{Subcode: 2207082}})
		broken := create(t, c, "broken")
		st, err := c.Status(t.Context(), broken)
		require.NoError(t, err)
		require.Equal(t, instagram.Errored, st.Code)
		require.Equal(t, 2207082, st.Subcode)

		// Lost waits for a publish that works.
		s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.NotReady})
		s.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
		_, err = c.Publish(t.Context(), broken)
		require.True(t, instagram.IsNotReady(err))
		_, err = c.Publish(t.Context(), broken)
		require.Error(t, err)
		require.Empty(t, s.Posts(""))
		_, err = c.Publish(t.Context(), k)
		require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
		require.Len(t, s.Posts(""), 1)

		// Held until let go.
		open := make(chan struct{})
		s.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: open})
		var held sync.WaitGroup
		held.Go(func() {
			_, err := c.Publish(context.Background(), k)
			require.NoError(t, err)
		})
		synctest.Wait()
		require.Len(t, s.Posts(""), 2)
		close(open)
		held.Wait()

		s.Fault(simulator.Fault{Kind: simulator.Drop, Times: simulator.Forever})
		for range 3 {
			_, err = c.Me(t.Context())
			require.Error(t, err)
		}
		s.ClearFaults()
		_, err = c.Me(t.Context())
		require.NoError(t, err)
	})
}

func TestCaptionTags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ first, second, posts int }{ // 0: answered, else something went wrong
		"#sim-lost": {1, 1, 2}, "#sim-500": {1, 0, 1}, "#sim-500-live": {1, 1, 2}, "#sim-2207051": {1, 1, 0},
		"#sim-2207051-live": {1, 1, 2}, "#sim-9007": {1, 0, 1}, "#sim-quota": {1, 0, 1}, "#sim-late": {1, 0, 2},
		"#sim-slow": {1, 1, 0}, "#sim-error": {1, 1, 0}, "#sim-expired": {1, 1, 0}, "#sim-2207082": {1, 1, 0},
		"#sim-nothing": {0, 0, 2},
	}
	for caption, test := range tests {
		t.Run(caption, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := setup(t, simulator.Options{Kind: true})
				k := create(t, c, "Dawn "+caption)
				for _, want := range []int{test.first, test.second} {
					_, err := c.Publish(t.Context(), k)
					require.Equal(t, want != 0, err != nil, "%v", err)
				}
				time.Sleep(time.Hour)
				require.Len(t, s.Posts(""), test.posts)
			})
		})
	}
}
