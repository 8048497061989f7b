package draft

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

var update = flag.Bool("update", false, "write the tables of docs/settings.md")

// Every field of store.Settings can be set, is resolved, and has a default.
func TestEverySettingIsComplete(t *testing.T) {
	t.Parallel()
	var keys []string
	for i := range reflect.TypeFor[store.Settings]().NumField() {
		f := reflect.TypeFor[store.Settings]().Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		keys = append(keys, key)
		require.True(t, reflect.ValueOf(Resolve()).FieldByName(f.Name).IsValid(), "%s is not resolved", f.Name)
	}
	require.ElementsMatch(t, keys, SettingNames())
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Resolved]()) {
		if f.Anonymous {
			continue
		}
		origin := reflect.ValueOf(Resolve()).FieldByIndex(f.Index).FieldByName("Origin").String()
		require.Equal(t, "default", origin, "%s has no default", f.Name)
	}
	for _, s := range Settings() {
		require.Contains(t, SettingGroups, s.Group)
		require.NotEmpty(t, s.Title)
		require.Regexp(t, `[.!]$`, s.Help)
		for _, c := range s.Choices {
			require.NoError(t, Set(&store.Settings{}, s.Name, c))
		}
	}
}

// Set accepts the text of every value.
func TestSettingsRoundTrip(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"approve=on": "yes", "min_age=90m": "1h30m", "min_age=2d": "48h",
		"min_age=1d12h": "36h", "min_age=0d": "0s", "min_age=365d": "8760h", "cool_down=1h0m30s": "1h0m30s", "posts_per_day=3": "3",
		"quiet_hours=22-7":          "22:00-07:00",
		"time_zone= Europe/Berlin ": "Europe/Berlin", "channel=story": "story", "include_categories=a , b": "a, b",
		"exclude_authors=,":                            ",",
		`format_string={{title}}\n\n{{url}}`:           "{{title}}\n\n{{url}}",
		"format_string={{ og_title }} {x} {{summary}}": "{{ og_title }} {x} {{summary}}",
		`append_url_spacer=\n\n`:                       `\n\n`, "location_id=7640348500": "7640348500",
		"collaborators=@Ada, grace.hopper": "ada, grace.hopper", "user_tags=Ada": "ada", "share_to_feed=no": "no",
		"first_comment=More: {{url}}": "More: {{url}}",
		"fit=crop":                    "crop", "background=#0A141E": "#0a141e", "trim=true": "yes",
	} {
		name, value, _ := strings.Cut(word, "=")
		var s store.Settings
		require.NoError(t, Set(&s, name, value), word)
		i := slices.IndexFunc(settings, func(x Setting) bool { return x.Name == name })
		require.Equal(t, want, settings[i].TextIn(s), word)
		again := s
		require.NoError(t, Set(&again, name, settings[i].TextIn(s)), word)
		require.Equal(t, s, again)
		text, origin := settings[i].Effective(Resolve(Layer{"account", s}, Layer{"route", store.Settings{}}))
		require.Equal(t, "account", origin)
		require.Equal(t, want == ",", text == "none")
		require.NoError(t, Set(&s, name, ""))
		require.Equal(t, store.Settings{}, s, "empty returns to the default")
	}
}

func TestErrorsOfInvalidSettings(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"time_zone=Berlin": `time_zone: "Berlin" is not the name of a time zone such as Europe/Berlin`,
		"time_zone=Local":  `time_zone: "Local" is not the name of a time zone such as Europe/Berlin`,
		"time_zone=../etc/passwd": `time_zone: "../etc/passwd" is not the name of a time zone such as ` +
			`Europe/Berlin`,
		"posts_per_day=-1": `posts_per_day: "-1" is not a number from 0 to 100`,
		"location_id=Berlin": `location_id: "Berlin" is not the number of a Facebook Page such as ` +
			`7640348500`,
		"collaborators=a,b,c,d": `collaborators: it has 4 names and Instagram takes 3`,
		"collaborators=ada lovelace": `collaborators: "ada lovelace" is not a user name of Instagram: letters, ` +
			`digits, dots and underscores`,
		"user_tags=ada,@ada":             `user_tags: "@ada" appears twice`,
		"share_to_feed=perhaps":          `share_to_feed: "perhaps" is neither yes nor no`,
		"cool_down=two hours":            `cool_down: "two hours" is not a length of time such as 90m, 24h or 2d`,
		"cool_down=2d-1h":                `cool_down: "2d-1h" is not a length of time such as 90m, 24h or 2d`,
		"cool_down=d":                    `cool_down: "d" is not a length of time such as 90m, 24h or 2d`,
		"min_age=999999h":                `min_age: "999999h" is too long: give at most 36500 days`,
		"min_age=9999d900000h":           `min_age: "9999d900000h" is too long: give at most 36500 days`,
		"min_age=9999d2562047h":          `min_age: "9999d2562047h" is too long: give at most 36500 days`,
		"channel=reel":                   `channel: "reel" is neither feed nor story`,
		"first_comment=" + wordsOf(2201): `first_comment: it has 2201 characters and Instagram takes 2200: shorten it`,
		"quiet_hours=at night":           `quiet_hours: "at night" is not a part of the day such as 22:00-07:00`,
		"quiet_hour=22-7":                `there is no setting "quiet_hour"; there are alt_text, append_url,`,
		"background=papayawhip":          `background: "papayawhip" is not a colour such as #ffffff`,
		"first_comment=More: {{link}}": `first_comment: there is no placeholder "{{link}}"; there are {{title}}, ` +
			`{{content}}, {{url}}, {{subtitle}}`,
		"format_string={{Title}}":      `format_string: there is no placeholder "{{Title}}"; there are`,
		"format_string={{title}} {{}}": `format_string: there is no placeholder "{{}}"; there are`,
		"format_string={{title}": `format_string: a placeholder has two braces on both sides, such ` +
			`as {{title}}`,
		"first_comment=url}}":             `first_comment: a placeholder has two braces on both sides`,
		"exclude_categories_and_more=yes": `there is no setting "exclude_categories_and_more"; there are`,
	} {
		name, value, _ := strings.Cut(word, "=")
		var s store.Settings
		err := Set(&s, name, value)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, store.Settings{}, s)
	}
}

func wordsOf(n int) string { return strings.Repeat("x", n) }

// docs/settings.md lists every setting as defined in the code. To update it: go test ./draft -run Documented -update
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	const path = "../docs/settings.md"
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(b)
	for _, g := range SettingGroups {
		var table strings.Builder
		table.WriteString("## " + g + "\n\n| key | default | |\n|---|---|---|\n")
		for _, s := range Settings() {
			if s.Group == g {
				fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.Name, codeOrWord(s), s.Help)
			}
		}
		if *update {
			heading := regexp.MustCompile(`## ` + g + `\n(\n(\|[^\n]*\n)+)?`)
			text = heading.ReplaceAllLiteralString(text, table.String())
		}
		require.Contains(t, text, table.String(), "docs/settings.md is not what the code says")
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(text, -1)
	require.Len(t, rows, len(settings), "no row too many")
}

func codeOrWord(s Setting) string {
	d, _ := s.Effective(Resolve())
	if d == "none" || d == s.DefaultText {
		return d
	}
	return "`" + d + "`"
}
