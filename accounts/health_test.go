package accounts_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram"
	"postern/reason"
	"postern/store"
)

func TestFailed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verdict instagram.Verdict
		trouble store.Trouble
		waits   time.Duration
	}{
		"token dead": {
			instagram.Verdict{Action: instagram.Reconnect, Account: true, Reason: reason.Text("Dead."),
				Cause: instagram.CauseTokenExpired}, store.Reconnect, 0},
		"throttled": {
			instagram.Verdict{Action: instagram.Wait, After: 17 * time.Minute, Account: true,
				Reason: reason.Text("Slowly.")}, store.Wait, 17 * time.Minute},
		"throttled, no time told": {
			instagram.Verdict{Action: instagram.Wait, Account: true, Reason: reason.Text("Slowly.")}, store.Wait,
			5 * time.Minute},
		"blocked while publishing": {
			instagram.Verdict{Action: instagram.Ambiguous, IfNotLive: instagram.Wait, After: time.Hour, Account: true,
				Owner: true, Reason: reason.Text("Spam?")}, store.Wait, time.Hour},
		"token dead while publishing": {
			instagram.Verdict{Action: instagram.Ambiguous, IfNotLive: instagram.Reconnect,
				Reason: reason.Text("Dead.")}, store.Reconnect, 0},
		"answer lost": {
			instagram.Verdict{Action: instagram.Ambiguous, IfNotLive: instagram.Retry, Account: true,
				Reason: reason.Text("Lost.")}, "", 0},
		"network": {
			instagram.Verdict{Action: instagram.Retry, Account: true, Reason: reason.Text("Down.")}, "", 0},
		"the post's own fault": {
			instagram.Verdict{Action: instagram.Reject, Reason: reason.Text("Shape.")}, "", 0},
		"nothing": {instagram.Verdict{}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			acc := h.add(t)
			before, err := h.store.LastEventID(t.Context())
			require.NoError(t, err)
			now := time.Now()
			for range 2 {
				h.failed(t, acc.ID, c.verdict)
			}
			got := h.account(t, acc.ID)
			require.Equal(t, c.trouble, got.Trouble)
			if c.trouble != "" {
				require.Equal(t, c.verdict.Reason, got.Problem)
				require.Equal(t, string(c.verdict.Cause), got.Cause)
			}
			if c.waits != 0 {
				require.WithinDuration(t, now.Add(c.waits), got.WaitUntil, time.Minute)
			}
			events, err := h.store.LastEventID(t.Context())
			require.NoError(t, err)
			want := before
			if c.trouble != "" {
				want++
			}
			require.Equal(t, want, events, "told once")
		})
	}
}

func TestFailedKeepsTheWorse(t *testing.T) {
	t.Parallel()
	h := setup(t)
	acc := h.add(t)
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: time.Hour, Reason: reason.Text("An hour.")})
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: time.Minute, Reason: reason.Text("A minute.")})
	require.Greater(t, time.Until(h.account(t, acc.ID).WaitUntil), 50*time.Minute, "a wait is not shortened")
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: time.Hour, Reason: reason.Text("An hour.")})
	got := h.account(t, acc.ID)
	require.Equal(t, store.Reconnect, got.Trouble)
	require.Equal(t, "Dead.", got.Problem.String())
	_, err := h.Failed(t.Context(), store.Account{ID: 99}, instagram.Verdict{Action: instagram.Wait})
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestWellEndsAWaitThatIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: time.Hour, Reason: reason.Text("Slowly.")})
		h.Well(t.Context(), acc.ID)
		require.Equal(t, store.Wait, h.account(t, acc.ID).Trouble, "not yet")
		time.Sleep(time.Hour)
		h.Well(t.Context(), acc.ID)
		got := h.account(t, acc.ID)
		require.Empty(t, got.Trouble)
		require.Empty(t, got.Problem)
		require.True(t, got.WaitUntil.IsZero())

		h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
		h.Well(t.Context(), acc.ID)
		require.Equal(t, store.Reconnect, h.account(t, acc.ID).Trouble, "only the owner ends this")
		h.Well(t.Context(), 99) // says nothing
	})
}

// Nothing is queued that would find out that the wait is over: the hourly visit ends it, so that pages and
// notices do not speak of it for ever.
func TestAWaitThatIsOverIsEndedHourly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: 90 * time.Minute,
			Reason: reason.Text("Slowly.")})
		time.Sleep(time.Hour)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Equal(t, store.Wait, h.account(t, acc.ID).Trouble, "half an hour is left")
		time.Sleep(time.Hour)
		require.NoError(t, h.RefreshDue(t.Context()))
		require.Empty(t, h.account(t, acc.ID).Trouble)
		require.Empty(t, h.account(t, acc.ID).Problem)
	})
}

func TestQuotaIsAskedHourlyAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := inBubble(t)
		acc := h.add(t)
		for range 3 {
			q, err := h.Quota(t.Context(), acc.ID)
			require.NoError(t, err)
			require.Equal(t, instagram.Quota{Used: 3, Total: 100, Duration: 24 * time.Hour}, q)
		}
		require.Equal(t, 1, h.graph.called("quota"))
		h.graph.used = 100
		time.Sleep(59 * time.Minute)
		q, err := h.Quota(t.Context(), acc.ID)
		require.NoError(t, err)
		require.Equal(t, 3, q.Used)

		q, err = h.QuotaNow(t.Context(), acc.ID)
		require.NoError(t, err)
		require.Equal(t, 100, q.Used)
		require.Equal(t, 2, h.graph.called("quota"))
		require.Equal(t, 100, h.account(t, acc.ID).QuotaUsed)

		time.Sleep(time.Hour)
		h.graph.break_("quota", down)
		_, err = h.Quota(t.Context(), acc.ID)
		require.ErrorContains(t, err, "quota")
		require.Equal(t, 100, h.account(t, acc.ID).QuotaUsed, "what was known stays")
		h.edit(t, acc.ID, func(a *store.Account) { a.QuotaAt = time.Now().Add(time.Hour) })
		_, err = h.Quota(t.Context(), acc.ID)
		require.Error(t, err, "a reading from the future is not trusted")
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		break_ func(t *testing.T, h *house, id int64)
		check  string // that is not well
		detail string
		remedy string
	}{
		"all well": {func(*testing.T, *house, int64) {}, "", "", ""},
		"another key": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.Secrets.Token[len(a.Secrets.Token)-1] ^= 1 })
		}, "secrets", "secret.key does not open", "put the secret.key back"},
		"no token": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.Secrets.Token = nil })
		}, "secrets", "no access token", "make a new access token"},
		"dead token": {func(_ *testing.T, h *house, _ int64) { h.graph.break_("me", dead) }, "instagram",
			"the access token has expired", "make a new access token"},
		"down": {func(_ *testing.T, h *house, _ int64) { h.graph.break_("me", down) }, "instagram",
			"temporary error", "try again later"},
		"nonsense": {func(_ *testing.T, h *house, _ int64) { h.graph.break_("me", reply{200, "<html>"}) },
			"instagram", "not JSON", "connection"},
		"other user": {func(_ *testing.T, h *house, _ int64) { h.graph.issue("IGalice", bob) }, "user",
			"@bob, not to @alice", "for @alice"},
		"personal": {func(_ *testing.T, h *house, _ int64) { h.graph.kind = "PERSONAL" }, "account type",
			"only to professional", "switch to a professional account"},
		"quota": {func(_ *testing.T, h *house, _ int64) { h.graph.break_("quota", dead) }, "quota", "expired",
			"make a new access token"},
		"expired": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.TokenExpiresAt = time.Now().Add(-time.Hour) })
		}, "access token", "expired on", "make a new access token"},
		"soon": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.TokenExpiresAt = time.Now().Add(100 * time.Hour) })
		}, "access token", "could not be refreshed lately", "refreshes the token daily"},
		"old and never refreshed": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.TokenAt = time.Now().Add(-61 * 24 * time.Hour) })
		}, "access token", "never refreshed", "make a new access token"},
		"trouble": {func(t *testing.T, h *house, id int64) {
			h.failed(t, id, instagram.Verdict{Action: instagram.Reconnect,
				Reason: reason.Text("A permission is missing.")})
		}, "publishing", "A permission is missing.", "make a new access token"},
		"wait": {func(t *testing.T, h *house, id int64) {
			h.failed(t, id, instagram.Verdict{Action: instagram.Wait, After: time.Hour,
				Reason: reason.Text("Blocked.")})
		}, "publishing", "Blocked.", "Postern continues at"},
		"problem": {func(t *testing.T, h *house, id int64) {
			h.edit(t, id, func(a *store.Account) { a.Problem = reason.Text("could not be refreshed") })
		}, "publishing", "could not be refreshed", "Postern tries again"},
		"removed": {func(t *testing.T, h *house, id int64) {
			require.NoError(t, h.store.RemoveAccount(t.Context(), id, store.CLI))
		}, "account", "was removed", "add it again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			acc := h.add(t)
			c.break_(t, h, acc.ID)
			found := h.Check(t.Context(), acc.ID)
			bad := []store.Finding{}
			for _, f := range found {
				require.NotEmpty(t, f.Check)
				require.NotEmpty(t, f.Detail)
				require.Equal(t, f.OK, f.Remedy == "", "%+v", f)
				if !f.OK {
					bad = append(bad, f)
				}
			}
			if c.check == "" {
				require.Empty(t, bad)
				require.Len(t, found, 7)
				return
			}
			require.Len(t, bad, 1)
			require.Equal(t, c.check, bad[0].Check)
			require.Contains(t, bad[0].Detail, c.detail)
			require.Contains(t, bad[0].Remedy, c.remedy)
		})
	}
	h := setup(t)
	require.False(t, h.Check(t.Context(), 99)[0].OK)
}

// inBubble is setup without sockets, whose waits would end a bubble's sleep never.
func inBubble(t *testing.T) *house {
	t.Helper()
	g := newGraph()
	return with(t, g, accounts.Options{BaseURL: "http://graph.invalid/base", HTTP: newHTTP(g)})
}
