package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// currentReason returns the current reason of the only publication.
func (s *theStage) currentReason() reason.Reason {
	s.t.Helper()
	list := s.list()
	require.NoError(s.t, Forecast(s.t.Context(), s.store, list))
	require.Len(s.t, list, 1)
	return Why(list[0])
}

// TestReasonsFollowTheirCause checks that a reason outside a publication is shown only while its cause exists.
func TestReasonsFollowTheirCause(t *testing.T) {
	quota := func(used, total int) func(*store.Account, time.Time) {
		return func(a *store.Account, now time.Time) { a.QuotaUsed, a.QuotaTotal, a.QuotaAt = used, total, now }
	}
	full := reason.New(reason.QuotaFull, 25, 25, 0, "18:00 UTC, 2 February")
	unusable := reason.New(reason.AccountUnusable, reason.New(reason.TokenMissing, "harbour"))
	waits := reason.New(reason.AccountWaits, reason.New(reason.CallsTooMany))
	for name, c := range map[string]struct {
		recorded reason.Reason
		due      time.Duration
		account  func(*store.Account, time.Time)
		want     reason.Code
	}{
		"quota is used up":        {full, time.Hour, quota(25, 25), reason.QuotaAsked},
		"quota has room":          {full, time.Hour, quota(3, 25), ""},
		"quota is larger now":     {full, time.Hour, quota(25, 100), ""},
		"account is unusable":     {unusable, time.Hour, nil, reason.AccountUnusable},
		"account is usable again": {unusable, 0, nil, ""},
		"unusable, reconnect": {unusable, time.Hour,
			func(a *store.Account, _ time.Time) { a.Trouble = store.Reconnect }, reason.AccountReconnect},
		"account waits": {waits, time.Hour, func(a *store.Account, now time.Time) {
			a.Trouble, a.WaitUntil, a.Problem = store.Wait, now.Add(time.Hour), reason.New(reason.CallsTooMany)
		}, reason.AccountWaits},
		"account waits, no step yet": {reason.Reason{}, 0, func(a *store.Account, now time.Time) {
			a.Trouble, a.WaitUntil, a.Problem = store.Wait, now.Add(time.Hour), reason.New(reason.CallsTooMany)
		}, reason.AccountWaits},
		"account has waited": {waits, time.Hour, func(a *store.Account, now time.Time) {
			a.Trouble, a.WaitUntil, a.Problem = store.Wait, now.Add(-time.Second), reason.New(reason.CallsTooMany)
		}, ""},
		"account works again": {waits, time.Hour, nil, ""},
		"public URL works":    {reason.New(reason.PublicAddress, "no answer"), 0, nil, ""},
		"public URL is checked later": {reason.New(reason.PublicAddress, "no answer"), time.Hour, nil,
			reason.PublicAddress},
		"reason of the publication itself, due": {reason.New(reason.Unreachable, ""), 0, nil, reason.Unreachable},
		"reason of the publication itself, also paused": {reason.New(reason.Unreachable, ""), time.Hour, nil,
			reason.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.advanceTo("UTC", "2000-02-01 12:00")
				p := s.entry("One.", "a.jpg")
				now := time.Now()
				if c.account != nil {
					_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.CLI, "",
						func(a *store.Account) error { c.account(a, now); return nil })
					require.NoError(t, err)
				}
				p = s.get(p.ID)
				_, err := s.store.Advance(t.Context(), p,
					store.Change{To: store.Queued, DueAt: now.Add(c.due), Reason: c.recorded})
				require.NoError(t, err)
				require.Equal(t, c.want, s.currentReason().Code, s.currentReason().String())
			})
		})
	}
}

// TestHeldReasonFollowsTheSettings checks that a publication on hold because of a setting says so only while the
// setting has that value. Changing the setting back does not release it: the sentence tells the owner to approve it.
func TestHeldReasonFollowsTheSettings(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.advanceTo("UTC", "2000-02-01 12:00")
		s.set("syndicate", "no")
		s.start()
		p := s.entry("One.", "a.jpg")
		s.reach(p.ID, store.Held, time.Minute)
		require.Equal(t, reason.SyndicateOff, s.currentReason().Code)
		s.set("syndicate", "yes")
		require.Equal(t, "the problem that put it on hold is fixed; approve it to let it go out", s.currentReason().String())
		time.Sleep(time.Hour)
		require.Equal(t, store.Held, s.get(p.ID).State, "changing the setting must not publish it")
		_, err := s.store.Do(t.Context(), p.ID, store.Order{Command: store.CommandApprove, By: store.CLI})
		require.NoError(t, err)
		s.reach(p.ID, store.Published, time.Hour)
		require.Zero(t, s.currentReason())
	})
}

// TestHeldReasonFollowsApproval checks that turning approval off releases nothing and changes the reason. If another
// layer requires approval, the reason names that layer.
func TestHeldReasonFollowsApproval(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.advanceTo("UTC", "2000-02-01 12:00")
		s.set("approve", "yes")
		s.start()
		p := s.entry("One.", "a.jpg")
		s.reach(p.ID, store.Held, time.Minute)
		name, _ := s.currentReason().Setting()
		require.Equal(t, "approve", name)
		s.set("approve", "")
		require.Equal(t, "put on hold when each post needed your approval, which is off now; approve it to let it go out",
			s.currentReason().String())
		time.Sleep(time.Hour)
		require.Equal(t, store.Held, s.get(p.ID).State, "changing the setting must not publish it")
		route, err := s.store.Route(t.Context(), s.feed.ID, s.account.ID)
		require.NoError(t, err)
		route.Settings.Approve = new(true)
		require.NoError(t, s.store.SetRoute(t.Context(), route, store.CLI, ""))
		require.Equal(t, reason.New(reason.Approval).BySetting("approve", "route"), s.currentReason())
	})
}

func TestHeldReasonFollowsSensitive(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.start()
		p := s.sensitive("a.jpg")
		s.reach(p.ID, store.Held, time.Minute)
		require.Equal(t, reason.Sensitive, s.currentReason().Code)
		s.set("sensitive", "publish")
		require.Equal(t, "the site rates its media as adult, and your settings no longer put such posts on hold; "+
			"approve it to let it go out", s.currentReason().String())
	})
}

func TestHeldReasonFollowsTheSettingThatInstagramRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		p := s.entry("One.", "a.jpg")
		s.set("location_id", "7640348500")
		_, err := s.store.Advance(t.Context(), s.get(p.ID), store.Change{To: store.Held,
			Reason: reason.New(reason.SettingRefused, "location_id", "7640348500", "account", reason.Text("no such place"))})
		require.NoError(t, err)
		require.Equal(t, reason.SettingRefused, s.currentReason().Code)
		s.set("location_id", "")
		require.Equal(t, reason.HoldFixed, s.currentReason().Code)
	})
}

// TestHeldNamesFurtherObstacles checks that a publication which waits for approval names further obstacles, if any.
func TestHeldNamesFurtherObstacles(t *testing.T) {
	missing := []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no picture at a.jpg"}}
	for name, c := range map[string]struct {
		why    reason.Reason
		change func(*store.Listed, time.Time)
		want   string
	}{
		"nothing": {reason.New(reason.Approval), nil, "waiting for your approval"},
		"file": {reason.New(reason.Approval),
			func(l *store.Listed, _ time.Time) { l.Preflight = store.Preflight{Valid: true, Checks: missing} },
			"waiting for your approval; also in the way: there is no picture at a.jpg (media.url.not-found)"},
		"file, preflight before it changed": {reason.New(reason.Approval),
			func(l *store.Listed, _ time.Time) { l.Preflight = store.Preflight{Checks: missing} },
			"waiting for your approval"},
		"date": {reason.New(reason.Approval),
			func(l *store.Listed, now time.Time) { l.Post.NotBefore = now.Add(48 * time.Hour) },
			"waiting for your approval; then the post waits for its date, 3 February 12:00 UTC"},
		"file and date": {reason.New(reason.Approval),
			func(l *store.Listed, now time.Time) {
				l.Preflight, l.Post.NotBefore = store.Preflight{Valid: true, Checks: missing}, now.Add(48*time.Hour)
			},
			"waiting for your approval; also in the way: there is no picture at a.jpg (media.url.not-found); then the " +
				"post waits for its date, 3 February 12:00 UTC"},
		"on hold because of its date": {store.FarReason(time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC)),
			func(l *store.Listed, now time.Time) { l.Post.NotBefore = now.AddDate(2, 0, 0) },
			store.FarReason(time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC)).String()},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.advanceTo("UTC", "2000-02-01 12:00")
				p := s.entry("One.", "a.jpg")
				_, err := s.store.Advance(t.Context(), p, store.Change{To: store.Held, Reason: c.why})
				require.NoError(t, err)
				list := s.list()
				if c.change != nil {
					c.change(&list[0], time.Now())
				}
				require.NoError(t, Forecast(t.Context(), s.store, list))
				require.Equal(t, c.want, Why(list[0]).String())
			})
		})
	}
}
