package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestSettingsFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.fails(w.run("account", "set", "9"), "account 9: not found")
	// what was stored is answered
	for _, command := range [][]string{{"account", "set", "1"}, {"feed", "route", "1", "1"}} {
		w.must(w.run(append(command, "quiet_hours=22-7")...))
		r := w.must(w.run(append(command, "quiet_hours=22-7", "approve=false", "cool_down=90m", "min_age=")...))
		require.Contains(t, r.stdout, "quiet_hours=22:00-07:00, approve=no, cool_down=1h30m, min_age has its default again (none)")
		w.must(w.run(append(command, "quiet_hours=", "approve=", "cool_down=")...))
		r = w.run(append(command, "quiethours=22-7")...)
		require.Equal(t, exitUsage, r.status)
		require.Equal(t,
			"postern: there is no setting \"quiethours\"; did you mean quiet_hours? Run `postern account set "+
				"--help` for the list\n", r.stderr)
		r = w.run(append(command, "posts_per_day=2", "posts_per_day=3")...)
		require.Equal(t, exitUsage, r.status)
		require.Equal(t, "postern: posts_per_day is given twice: give it once\n", r.stderr)
		require.Contains(t, w.run(append(command, "approve")...).stderr, `"approve" is not KEY=VALUE, such as `+
			`approve=yes`)
	}
	w.must(w.run("account", "set", "1", "cool_down=2h"))
	require.Contains(t, w.must(w.run("feed", "route", "1", "1", "cool_down=")).stdout,
		"takes feed 1: cool_down has the value of the account again (2h)")
	w.must(w.run("feed", "route", "1", "1", "hashtags=3"))
	require.Regexp(t, "hashtags +3 +this feed\n", w.must(w.run("feed", "route", "1", "1")).stdout)
	w.must(w.run("account", "set", "1", "cool_down="))
	w.must(w.run("feed", "route", "1", "1", "hashtags="))
	w.fails(w.run("feed", "add", "http://127.0.0.1:9/feed"),
		"refused the connection at 127.0.0.1:9; check the address, and that the server is running")
	w.fails(w.run("feed", "add", ""), "the address is empty; give one such as https://example.org/feed.xml")
	w.must(w.run("account", "set", "1", "quiet_hours=00:00-23:59", "time_zone=Pacific/Kiritimati", "min_age=8000h",
		"first_comment=More: {{url}}"))
	for word, want := range map[string]string{
		"quiet_hours=at night": "quiet_hours: \"at night\" is not a part of the day",
		"time_zone=Berlin":     "not the name of a time zone"} {
		r := w.run("account", "set", "1", "approve=yes", word)
		require.Equal(t, exitUsage, r.status)
		require.Contains(t, r.stderr, want)
		require.Equal(t, exitUsage, w.run("feed", "route", "1", "1", word).status)
	}
	shown := func() (all map[string][2]string) {
		var list []struct{ Setting, Value, Origin string }
		require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "set", "1", "--json")).stdout), &list))
		all = map[string][2]string{}
		for _, s := range list {
			all[s.Setting] = [2]string{s.Value, s.Origin}
		}
		return all
	}
	require.Equal(t, [2]string{"00:00-23:59", "account"}, shown()["quiet_hours"])
	require.Equal(t, [2]string{"no", "default"}, shown()["approve"], "of a wrong command nothing is done")
	require.Contains(t, w.must(w.run("account", "set", "1")).stdout, "Pacific/Kiritimati")

	w.blog.add("pier", "The pier", "pier.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Queued, list[0].State)
	require.Contains(t, list[0].Reason, "younger than 8000h until")
	w.must(w.run("feed", "route", "1", "1", "quiet_hours=,", "min_age=0s"))
	list = w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Published, list[0].State, "what waited for an old setting of the feed is asked again")
	require.Eventually(t, func() bool {
		w.must(w.run("sync", "--wait", "1s"))
		return len(w.sim.Posts("")[0].Comments) == 1
	}, time.Minute, time.Second)
	require.Equal(t, "More: "+w.blog.url+"/pier", w.sim.Posts("")[0].Comments[0].Text)
}

// A change of settings says at once what becomes of the posts that wait: in words, in JSON, and as the list shows them.
func TestSettingsSayWhatTheyStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "min_age=8000h"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.blog.add("fog", "Fog", "fog.jpg")
	w.must(w.run("sync", "--wait", "1s"))
	for _, command := range [][]string{{"account", "set", "1"}, {"feed", "route", "1", "1"}} {
		set := func(words ...string) string { return w.must(w.run(append(command, words...)...)).stdout }
		require.Contains(t, set("min_pictures=99"),
			"\n2 waiting posts will now be skipped: publications 2 and 3. To publish them all the same, run "+
				"`postern publish 2 3`.\n")
		require.Contains(t, set("min_pictures="), "\n2 waiting posts will now go out in their turn: publications 2 and 3.\n")
		require.Contains(t, set("syndicate=no"), "\n2 waiting posts will now be put on hold: publications 2 and 3. ")
		require.NotContains(t, set("cool_down=1h"), "waiting post")
		var v struct{ Consequences consequencesJSON }
		require.NoError(t, json.Unmarshal([]byte(set("syndicate=", "--json")), &v))
		require.Equal(t, consequencesJSON{Skips: []int64{}, Holds: []int64{}, Releases: []int64{2, 3}, Sooner: []int64{},
			StayHeld: []int64{}, StaySkipped: []int64{}}, v.Consequences)
	}
	w.must(w.run("account", "set", "1", "syndicate=no"))
	w.must(w.run("sync", "--wait", "1s"))
	require.Contains(t, w.must(w.run("account", "set", "1", "syndicate=")).stdout,
		"\n2 posts stay on hold. To let them go out in their turn, run `postern approve 2 3`.\n")
}
