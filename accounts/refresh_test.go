package accounts_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/reason"
	"postern/store"
)

const day = 24 * time.Hour

func TestAYearOfRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		h.graph.tokens["IGalice"].expires = time.Now().Add(60 * day)
		for range 366 * 2 {
			require.NoError(t, h.RefreshDue(t.Context()))
			got := h.account(t, acc.ID)
			require.Empty(t, got.Problem)
			require.Empty(t, got.Trouble)
			require.Nil(t, got.Secrets.TokenPrevious)
			time.Sleep(12*time.Hour + time.Second)
		}
		refreshes := h.graph.called("refresh")
		require.InDelta(t, 366, refreshes, 1, "daily, not at every call")
		require.Equal(t, 1+refreshes, h.graph.called("me"))
		got := h.account(t, acc.ID)
		require.WithinDuration(t, got.TokenAt.Add(5183944*time.Second), got.TokenExpiresAt, time.Second)
		require.NotEqual(t, "IGalice", h.token(t, acc.ID))
		for _, f := range h.Check(t.Context(), acc.ID) {
			require.True(t, f.OK, "%+v", f)
		}
	})
}

// Whether a refresh changes the string is not documented.
func TestRefreshThatReturnsTheSameToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		h.graph.fresh = func(old string) string { return old }
		for range 5 {
			time.Sleep(day + time.Minute)
			require.NoError(t, h.RefreshDue(t.Context()))
		}
		require.Equal(t, 5, h.graph.called("refresh"))
		require.Equal(t, "IGalice", h.token(t, acc.ID))
		require.Nil(t, h.account(t, acc.ID).Secrets.TokenPrevious)
	})
}

func TestRefreshIsNotAskedBeforeItsDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(day - time.Second)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Zero(t, h.graph.called("refresh"))

		// Instagram's clock: the token was made later than we think.
		time.Sleep(time.Second)
		h.graph.tokens["IGalice"].at = time.Now().Add(-day + time.Minute)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Equal(t, 1, h.graph.called("refresh"))
		got := h.account(t, acc.ID)
		require.Empty(t, got.Problem, "too young is no alarm")
		require.Empty(t, got.Trouble)
		time.Sleep(2 * time.Minute)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Equal(t, "IGfresh1", h.token(t, acc.ID))
	})
}

func TestRefreshRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refresh, me reply
		age         time.Duration
		trouble     store.Trouble
		problem     string
	}{
		"dead token":                        {dead, dead, 3 * day, store.Reconnect, "the access token has expired"},
		"said to be dead, but young":        {dead, reply{}, day, "", ""},
		"said to be dead, but works":        {dead, reply{}, 3 * day, "", "could not be refreshed"},
		"refused as if young, but is not":   {refusal, reply{}, 3 * day, "", "could not be refreshed"},
		"refused, and nothing else answers": {refusal, down, day, "", "could not be refreshed"},
		"down":                              {down, reply{}, day, "", "could not be refreshed"},
		"nonsense":                          {reply{200, "{}"}, reply{}, day, "", "could not be refreshed"},
		"refused, and the token is another's": {refusal, reply{200, `{"user_id":"1"}`}, day, "",
			"could not be refreshed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := inBubble(t)
				acc := h.add(t)
				h.graph.break_("refresh", c.refresh)
				h.graph.break_("me", c.me)
				time.Sleep(c.age)
				for range 2 {
					require.NoError(t, h.RefreshDue(t.Context()))
				}
				got := h.account(t, acc.ID)
				require.Equal(t, c.trouble, got.Trouble)
				require.Contains(t, got.Problem.String(), c.problem)
				if c.problem == "" {
					require.Empty(t, got.Problem)
				}
				events, err := h.store.Events(t.Context(), 100)
				require.NoError(t, err)
				told := 0
				for _, e := range events {
					if e.Kind == "account" {
						told++
					}
				}
				require.LessOrEqual(t, told, 1)

				h.graph.break_("refresh", reply{})
				h.graph.break_("me", reply{})
				if c.trouble == "" {
					time.Sleep(2 * day)
					require.NoError(t, h.RefreshDue(t.Context()))
					require.Empty(t, h.account(t, acc.ID).Problem, "it is over")
					require.Equal(t, "IGfresh1", h.token(t, acc.ID))
				} else {
					require.NoError(t, h.RefreshDue(t.Context()))
					require.LessOrEqual(t, h.graph.called("refresh"), 2, "a dead token is not asked with again")
				}
			})
		})
	}
}

func TestRefreshedTokenIsTriedBeforeTheOldOneIsDropped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fresh   user // whose token the refresh gives out; none: a dead one
		oldDies bool
		token   string // what is used in the end
		trouble store.Trouble
		problem string
	}{
		"good":              {fresh: alice, token: "IGfresh1"},
		"somebody else's":   {fresh: bob, token: "IGalice", problem: "it belongs to @bob, not to @alice"},
		"dead":              {token: "IGalice", problem: "the one before it is used again"},
		"dead like the old": {oldDies: true, trouble: store.Reconnect, problem: "neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := inBubble(t)
				acc := h.add(t)
				time.Sleep(2 * day)
				h.graph.fresh = func(old string) string {
					h.graph.tokens["IGfresh1"] = &issued{user: c.fresh, at: time.Now()}
					if c.fresh == (user{}) {
						h.graph.tokens["IGfresh1"].expires = time.Now().Add(-day)
					}
					if c.oldDies {
						h.graph.tokens[old].expires = time.Now().Add(-day)
					}
					return "IGfresh1"
				}
				require.NoError(t, h.RefreshDue(t.Context()))
				got := h.account(t, acc.ID)
				require.Equal(t, c.trouble, got.Trouble)
				require.Contains(t, got.Problem.String(), c.problem)
				require.Nil(t, got.Secrets.TokenPrevious)
				if c.token != "" {
					require.Equal(t, c.token, h.token(t, acc.ID))
				}
				require.Equal(t, c.token == "IGfresh1", !got.TokenExpiresAt.IsZero())
			})
		})
	}
}

// The process ends, or the network does, after the new token was stored and before it was tried.
func TestRefreshIsFinishedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(2 * day)
		h.graph.break_("me", down)
		require.NoError(t, h.RefreshDue(t.Context()))
		got := h.account(t, acc.ID)
		require.NotNil(t, got.Secrets.TokenPrevious, "both are kept")
		require.Contains(t, got.Problem.String(), "could not be tried yet")
		require.Equal(t, "IGfresh1", h.token(t, acc.ID))
		require.False(t, got.TokenExpiresAt.IsZero())

		require.NoError(t, h.RefreshDue(t.Context()))
		require.Equal(t, 1, h.graph.called("refresh"), "no second refresh before the first is settled")

		h.graph.break_("me", reply{})
		require.NoError(t, h.RefreshDue(t.Context()))
		got = h.account(t, acc.ID)
		require.Nil(t, got.Secrets.TokenPrevious)
		require.Empty(t, got.Problem)
		require.Equal(t, "IGfresh1", h.token(t, acc.ID))
	})
}

func TestAnUntriedTokenThatFailsIsReplacedByTheOneBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(2 * day)
		h.graph.break_("me", down)
		require.NoError(t, h.RefreshDue(t.Context()))
		h.graph.break_("me", reply{})
		h.graph.tokens["IGfresh1"].expires = time.Now().Add(-day)

		h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
		require.Empty(t, h.account(t, acc.ID).Trouble)
		require.Equal(t, "IGalice", h.token(t, acc.ID))
		h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
		require.Equal(t, store.Reconnect, h.account(t, acc.ID).Trouble, "there is no other one left")
	})
}

func TestFailedWhileTheUntriedTokenCannotBeTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(2 * day)
		h.graph.break_("me", down)
		require.NoError(t, h.RefreshDue(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := h.Failed(ctx, h.account(t, acc.ID),
			instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
		require.NoError(t, err)
		require.Equal(t, store.Reconnect, h.account(t, acc.ID).Trouble)

		h.graph.break_("me", reply{})
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Empty(t, h.account(t, acc.ID).Trouble, "the new token turned out to be good")
		require.Equal(t, "IGfresh1", h.token(t, acc.ID))
	})
}

func TestReconnectWinsOverARefreshUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(2 * day)
		h.graph.tokens["IGowner"] = &issued{user: alice, at: time.Now()}
		h.graph.fresh = func(string) string {
			h.graph.mu.Unlock()
			defer h.graph.mu.Lock()
			_, err := h.Reconnect(t.Context(), acc.ID, "IGowner")
			require.NoError(t, err)
			return "IGfresh1"
		}
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Equal(t, "IGowner", h.token(t, acc.ID))
		require.Nil(t, h.account(t, acc.ID).Secrets.TokenPrevious)
	})
}

func TestOneAccountsFailureStopsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		first := h.add(t)
		second := h.addBob(t)
		h.edit(t, first.ID, func(a *store.Account) { a.Secrets.Token[3] ^= 1 })
		time.Sleep(2 * day)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Contains(t, h.account(t, first.ID).Problem.String(), "secret.key")
		require.Equal(t, "IGfresh1", h.token(t, second.ID))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		time.Sleep(2 * day)
		require.ErrorIs(t, h.RefreshDue(ctx), context.Canceled)
		require.Equal(t, "IGfresh1", h.token(t, second.ID))
	})
}

// A shutdown between the answer and the write must not lose the only copy of a token.
func TestRefreshIsRecordedThoughTheProgramStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		time.Sleep(2 * day)
		ctx, cancel := context.WithCancel(t.Context())
		h.graph.fresh = func(string) string { return "IGfresh1" }
		h.graph.after = cancel
		require.NoError(t, h.RefreshDue(ctx))
		got := h.account(t, acc.ID)
		require.NotNil(t, got.Secrets.TokenPrevious)
		require.Equal(t, "IGfresh1", h.token(t, acc.ID))
		require.Empty(t, got.Problem, "being stopped is nobody's problem")
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Nil(t, h.account(t, acc.ID).Secrets.TokenPrevious)
	})
}
