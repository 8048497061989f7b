package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// LooksLike describes the current state of the earlier post, not its state when the new one was found.
func TestLooksLikeDescribesCurrentState(t *testing.T) {
	t.Parallel()
	today := time.Now().UTC().Format("2 January 2006")
	for state, want := range map[store.State]string{
		store.Queued:      "waiting to be published",
		store.Held:        "on hold and not published",
		store.Staged:      "which is being published",
		store.Publishing:  "which is being published",
		store.Published:   "published on " + today,
		store.Failed:      "failed and not published",
		store.Unconfirmed: "which may be live",
		store.Skipped:     "skipped and never published",
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.account("alice")
			f := h.feed("https://blog.example/feed", "all")
			h.save(f, post("1", 0))
			earlier := h.pub("1", 1)
			renamed := post("1", 0)
			renamed.GUID = "tag:blog.example,2026:1"
			h.save(f, renamed)
			held := h.pub(renamed.GUID, 1)
			require.Equal(t, store.Held, held.State)
			if state != store.Queued {
				h.bring(earlier, state)
			}
			l, err := h.Listed(t.Context(), held.ID)
			require.NoError(t, err)
			why, err := h.LooksLike(t.Context(), l)
			require.NoError(t, err)
			of := ifElse(state == store.Published, "", " of "+today) // the date is given only once
			require.Equal(t, fmt.Sprintf("looks like publication %d%s, \"Title of 1\", %s", earlier.ID, of, want),
				why.String())
			require.Equal(t, earlier.ID, why.Publication())
		})
	}
}
