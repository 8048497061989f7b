package owner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/owner"
	"postern/publisher"
	"postern/reason"
	"postern/store"
)

// A change of settings names each post that it skips, holds, lets go, or leaves where an earlier setting has put it.
func TestSettingsNameTheirConsequences(t *testing.T) {
	for _, c := range []struct {
		setting, stops string
		skips          bool
	}{
		{"syndicate", "no", false}, {"approve", "yes", false}, {"min_pictures", "2", true},
		{"include_categories", "boats", true}, {"exclude_keywords", "words", true},
		{"include_authors", "Ada", true}, {"format_string", strings.Repeat("long ", 600), false},
	} {
		t.Run(c.setting, func(t *testing.T) {
			o, owe := setup(t)
			set := func(setting, text string) owner.Consequences {
				t.Helper()
				done, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: setting, Text: text}})
				require.NoError(t, err)
				byFeed, err := o.SetRoute(t.Context(), 1, 1, true, nil)
				require.NoError(t, err)
				require.Zero(t, byFeed.Consequences, "what is not changed has none")
				return done.Consequences
			}
			waits, byHand := owe(), owe()
			_, err := o.Decide(t.Context(), byHand.ID, owner.Decision{Command: store.CommandHold})
			require.NoError(t, err)
			require.Zero(t, set("truncate", "no"), "no caption is too long")
			require.Zero(t, set("cool_down", "2h"), "a pause stops nothing")
			first, stopped := set(c.setting, c.stops), owner.Consequences{}
			if c.skips {
				stopped.Skips = []int64{waits.ID}
			} else {
				stopped.Holds = []int64{waits.ID}
			}
			require.Equal(t, stopped, first, "the one that was held by hand stays so")
			require.Zero(t, set(c.setting, c.stops), "nothing changes any more")
			require.Equal(t, owner.Consequences{Releases: []int64{waits.ID}}, set(c.setting, ""))

			set(c.setting, c.stops)
			listed, err := o.Store.Listed(t.Context(), waits.ID)
			require.NoError(t, err)
			to, why := publisher.Verdict(listed, store.Route{})
			_, err = o.Store.Advance(t.Context(), listed.Publication, store.Change{To: to, Reason: why})
			require.NoError(t, err)
			stays := owner.Consequences{StayHeld: []int64{waits.ID}}
			if c.skips {
				stays = owner.Consequences{StaySkipped: []int64{waits.ID}}
			}
			require.Equal(t, stays, set(c.setting, ""), "taking the setting back lets nothing out")
		})
	}
}

// A publication that a person let go passes filters, and one that a person held is nobody else's.
func TestConsequencesLeaveDecisionsAlone(t *testing.T) {
	o, owe := setup(t)
	approved := owe()
	_, err := o.Decide(t.Context(), approved.ID, owner.Decision{Command: store.CommandApprove})
	require.NoError(t, err)
	done, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "min_pictures", Text: "9"}})
	require.NoError(t, err)
	require.Zero(t, done.Consequences)
	byFeed, err := o.SetRoute(t.Context(), 1, 1, true, []owner.Value{{Setting: "syndicate", Text: "no"}})
	require.NoError(t, err)
	require.Equal(t, owner.Consequences{Holds: []int64{approved.ID}}, byFeed.Consequences)
}

// A setting that Instagram refused stops a post again until it is changed, whatever its owner orders meanwhile.
func TestRefusedSettingStopsOrders(t *testing.T) {
	o, owe := setup(t)
	set := func(text string) owner.Consequences {
		t.Helper()
		done, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "location_id", Text: text}})
		require.NoError(t, err)
		return done.Consequences
	}
	refused := func() store.Publication {
		p, err := o.Store.Advance(t.Context(), owe(), store.Change{To: store.Held,
			Reason: reason.New(reason.SettingRefused, "location_id", "7640348500", "account", "Param location_id is bad")})
		require.NoError(t, err)
		return p
	}
	set("7640348500")
	approved, held := refused(), refused()
	for _, c := range []store.Command{store.CommandApprove, store.CommandPublish} {
		d, err := o.Decide(t.Context(), approved.ID, owner.Decision{Command: c})
		require.NoError(t, err)
		require.Equal(t, reason.SettingRefused, d.Stopped.Code, c)
	}
	d, err := o.Decide(t.Context(), owe().ID, owner.Decision{Command: store.CommandApprove})
	require.NoError(t, err)
	require.Zero(t, d.Stopped, "of this one Instagram has not refused it")
	require.Equal(t, owner.Consequences{Releases: []int64{approved.ID}, StayHeld: []int64{held.ID}}, set("7640348501"))
	for _, p := range []store.Publication{approved, held} {
		d, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: store.CommandPublish})
		require.NoError(t, err)
		require.Zero(t, d.Stopped, "another value is not the one that was refused")
	}
}

// A change that opens a gate of time names each post that goes out earlier, and no other change names one.
func TestSettingsNameWhatGoesOutEarlier(t *testing.T) {
	zone := fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12) // in which it is noon
	for _, c := range []struct{ setting, shuts, eases string }{
		{"cool_down", "240h", ""}, {"cool_down", "240h", "100h"}, {"posts_per_day", "1", "0"},
		{"quiet_hours", "11:00-18:00", ""}, {"min_age", "1000h", ""}, {"min_age", "1000h", "500h"},
	} {
		for _, layer := range []string{"account", "feed"} {
			t.Run(c.setting+" of the "+layer+" to "+c.eases, func(t *testing.T) {
				o, owe := setup(t)
				_, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "time_zone", Text: zone}})
				require.NoError(t, err)
				set := func(setting, text string) owner.Consequences {
					t.Helper()
					values := []owner.Value{{Setting: setting, Text: text}}
					if layer == "feed" {
						done, err := o.SetRoute(t.Context(), 1, 1, true, values)
						require.NoError(t, err)
						return done.Consequences
					}
					done, err := o.SetAccount(t.Context(), 1, values)
					require.NoError(t, err)
					return done.Consequences
				}
				byHand, first, second := owe(), owe(), owe()
				_, err = o.Decide(t.Context(), byHand.ID, owner.Decision{Command: store.CommandHold})
				require.NoError(t, err)
				require.Zero(t, set(c.setting, c.shuts), "they go out later")
				require.Zero(t, set("first_comment", "Hello"), "this opens no gate")
				require.Zero(t, set(c.setting, c.shuts), "nothing changes")
				want := []int64{first.ID, second.ID}
				if c.setting == "cool_down" || c.setting == "posts_per_day" {
					want = []int64{second.ID} // the first one waits for nothing
				}
				require.Equal(t, owner.Consequences{Sooner: want}, set(c.setting, c.eases))

				set(c.setting, c.shuts)
				_, err = o.Store.UpdateAccount(t.Context(), 1, store.CLI, "",
					func(a *store.Account) error { a.Paused = true; return nil })
				require.NoError(t, err)
				require.Zero(t, set(c.setting, c.eases), "a paused account publishes nothing")
			})
		}
	}
}
