package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// The error for an impossible command names the state of the publication and the possible commands.
func TestRefusedCommandSaysTheState(t *testing.T) {
	t.Parallel()
	const (
		waiting    = "is waiting. Publish, approve, hold or skip it"
		held       = "is on hold. Publish, approve or skip it"
		prepared   = "is being prepared at Instagram. Hold or skip it"
		already    = "is already being prepared at Instagram"
		publishing = "is already being published"
		published  = "is already published"
		failed     = "failed. Retry or skip it"
		unclear    = "may be live. Look at the profile, then confirm, retry or skip it"
		skipped    = "is skipped. Publish or approve it"
	)
	for state, want := range map[store.State]map[store.Command]string{
		store.Queued: {"retry": waiting, "confirm": waiting},
		store.Held: {"hold": "is already on hold: because. Publish, approve or skip it", "retry": held,
			"confirm": held},
		store.Staged: {"publish": already, "approve": already, "retry": prepared, "confirm": prepared},
		store.Publishing: {
			"publish": publishing, "approve": publishing, "hold": publishing, "skip": publishing,
			"retry": publishing, "confirm": publishing,
		},
		store.Published: {
			"publish": published, "approve": published, "hold": published, "skip": published,
			"retry": published, "confirm": published,
		},
		store.Failed:      {"publish": failed, "approve": failed, "hold": failed, "confirm": failed},
		store.Unconfirmed: {"publish": unclear, "approve": unclear, "hold": unclear},
		store.Skipped:     {"skip": "is already skipped", "hold": skipped, "retry": skipped, "confirm": skipped},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			a := h.account("alice")
			h.save(h.feed("https://blog.example/feed", "all"), post("a", 0))
			p := h.bring(h.pub("a", a.ID), state)
			for _, c := range []store.Command{store.CommandPublish, store.CommandApprove, store.CommandHold,
				store.CommandSkip, store.CommandRetry, store.CommandConfirm} {
				require.Equal(t, c.Allows(state), want[c] == "", c)
				if want[c] == "" {
					continue
				}
				_, err := h.Do(t.Context(), p.ID, store.Order{Command: c, By: store.CLI})
				require.ErrorIs(t, err, store.ErrIllegal)
				require.EqualError(t, err, fmt.Sprintf("publication %d %s", p.ID, want[c]))
			}
			words := "changed"
			err := h.Edit(t.Context(), p.ID, p.Revision, store.Edits{Caption: &words}, store.CLI)
			if state.CanEdit() {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, store.ErrIllegal)
			require.Contains(t, err.Error(), fmt.Sprintf("publication %d ", p.ID))
			require.Regexp(t, `, so its caption and pictures (are final|can't be edited now)$`, err.Error())
		})
	}
}

// Other refusals mention the publication once.
func TestRefusalNamesThePublicationOnce(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	h.save(h.feed("https://blog.example/feed", "all"), post("a", 0))
	p := h.bring(h.pub("a", a.ID), store.Unconfirmed)
	refused := func(o store.Order, want string) {
		t.Helper()
		o.By = store.CLI
		_, err := h.Do(t.Context(), p.ID, o)
		require.ErrorContains(t, err, want)
		require.Equal(t, 1, strings.Count(err.Error(), fmt.Sprintf("publication %d", p.ID)), err)
	}
	refused(store.Order{Command: store.CommandRetry}, "may be live")
	refused(store.Order{Command: store.CommandSkip, Shown: store.Held}, "it is unconfirmed by now, not held")
	p = h.advance(p, store.Change{To: store.Skipped, Reason: reason.New(reason.SkippedByOwner)})
	refused(store.Order{Command: store.CommandPublish}, "may be live, so it stays skipped")
	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	refused(store.Order{Command: store.CommandPublish}, "was removed. Add the account again first")
}
