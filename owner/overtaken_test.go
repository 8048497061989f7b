package owner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/reason"
	"postern/store"
)

// The answer to a change of settings holds beside a running daemon whose step ends between the reading of the queue and
// the change: what the daemon has decided by the settings before is not promised to go out, and not said to stop.
func TestConsequencesBesideARival(t *testing.T) {
	sets := func(setting, text string) []Value { return []Value{{Setting: setting, Text: text}} }
	unfit := reason.New(reason.SyndicateOff, "account")
	for _, c := range []struct {
		name          string
		first, change []Value
		rival         store.Change // of the step that ends at that moment; none where To is empty
		late          store.Change // of one that ends right after the change, by the new settings
		want          Consequences
	}{
		{"held by the old settings", sets("syndicate", "no"), sets("syndicate", ""),
			store.Change{To: store.Held, Reason: unfit}, store.Change{}, Consequences{StayHeld: []int64{1}}},
		{"skipped by the old settings", sets("min_pictures", "9"), sets("min_pictures", ""),
			store.Change{To: store.Skipped, Reason: reason.New(reason.FilterPictures, 1, 9, "account")}, store.Change{},
			Consequences{StaySkipped: []int64{1}}},
		{"sent by the old settings", nil, sets("syndicate", "no"),
			store.Change{To: store.Failed, Reason: reason.New(reason.OwnFault)}, store.Change{}, Consequences{}},
		{"held by the new settings", nil, sets("syndicate", "no"), store.Change{},
			store.Change{To: store.Held, Reason: unfit}, Consequences{Holds: []int64{1}}},
		{"no rival", sets("syndicate", "no"), sets("syndicate", ""), store.Change{}, store.Change{},
			Consequences{Releases: []int64{1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &Orders{Store: doors.Store(t, t.TempDir()), By: store.CLI}
			_, err := o.Store.AddAccount(t.Context(), store.Account{API: store.Instagram, UserID: "17841400000000007"},
				func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
			require.NoError(t, err)
			f, err := o.Store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
			require.NoError(t, err)
			_, err = o.Store.SavePosts(t.Context(), f, []store.Post{{GUID: "a", URL: "https://blog.example.org/a",
				PublishedAt: time.Now().Add(-time.Hour), Decision: store.Publish,
				Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/a.jpg"}}}}, true)
			require.NoError(t, err)
			step := func(change store.Change) {
				if change.To == "" {
					return
				}
				p, err := o.Store.Publication(t.Context(), 1)
				require.NoError(t, err)
				_, err = o.Store.Advance(t.Context(), p, change)
				require.NoError(t, err)
			}
			_, err = o.SetAccount(t.Context(), 1, c.first)
			require.NoError(t, err)
			got, err := o.following(t.Context(), 1, 0, func() error {
				step(c.rival)
				_, err := o.SetAccount(t.Context(), 1, c.change)
				step(c.late)
				return err
			})
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}
