package draft

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestFiltered(t *testing.T) {
	t.Parallel()
	p := store.Post{Title: "Fog in the harbour", Text: "Zwölf Boote. 港口清晨的雾",
		Categories: []string{"Photos", "Street Photography"},
		Markup: store.Markup{Fields: map[string]string{"author_name": "Ada Lovelace",
			"author_email": "ada@example.org"}},
		Media: []store.Media{{Type: store.Image}, {Type: store.Video}}}
	for setting, want := range map[string]string{
		"":                                  "",
		"include_categories=photos":         "",
		"include_categories=drafts, PHOTOS": "",
		"include_categories=photo": "found none of the categories asked for (`include_categories` " +
			"from the account)",
		"exclude_categories=street  photography": "found the category \"street  photography\" (`exclude_categories` " +
			"from the account)",
		"exclude_categories=street": "",
		"include_keywords=HARBOUR":  "",
		"include_keywords=harb": "found none of the keywords asked for (`include_keywords` from " +
			"the account)",
		"include_keywords=fog in":         "",
		"exclude_keywords=zwölf":          "found the word \"zwölf\" (`exclude_keywords` from the account)",
		"exclude_keywords=wölf":           "",
		"exclude_keywords=清晨":             "found the word \"清晨\" (`exclude_keywords` from the account)",
		"include_authors=ada lovelace":    "",
		"include_authors=ADA@example.org": "",
		"include_authors=ada": "found none of the authors asked for (`include_authors` from the " +
			"account)",
		"exclude_authors=Somebody, Ada Lovelace": "found the author \"Ada Lovelace\" (`exclude_authors` from the " +
			"account)",
		"min_pictures=1": "",
		"min_pictures=2": "found 1 of at least 2 pictures (`min_pictures` from the account)",
	} {
		var s store.Settings
		if setting != "" {
			apply(t, &s, setting)
		}
		require.Equal(t, want, Filtered(p, Resolve(Layer{"account", s})).String(), setting)
	}
	// The feed's filter replaces the account's; a lone comma means none.
	var account, route store.Settings
	apply(t, &account, "include_categories=drafts")
	apply(t, &route, "include_categories=,")
	require.NotEmpty(t, Filtered(p, Resolve(Layer{"account", account})))
	require.Empty(t, Filtered(p, Resolve(Layer{"account", account}, Layer{"route", route})))
}

func apply(t *testing.T, s *store.Settings, word string) {
	t.Helper()
	name, value, _ := strings.Cut(word, "=")
	require.NoError(t, Set(s, name, value))
}

func TestSetNumbers(t *testing.T) {
	t.Parallel()
	var s store.Settings
	for _, bad := range []string{"hashtags=31", "hashtags=-1", "hashtags=x", "min_pictures=101"} {
		name, value, _ := strings.Cut(bad, "=")
		require.ErrorContains(t, Set(&s, name, value), "is not a number from 0 to")
	}
}

func TestHashtags(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		categories []string
		text       string
		n          int
		want       string
	}{
		"off":            {[]string{"a1"}, "", 0, ""},
		"one word stays": {[]string{"fog", "iPhone"}, "", 5, "#fog #iPhone"},
		"several words": {[]string{"street photography", "Food & Drink", "don't panic"}, "", 5,
			"#StreetPhotography #FoodDrink #DontPanic"},
		"a maximum":                   {[]string{"one", "two", "three"}, "", 2, "#one #two"},
		"no duplicates":               {[]string{"Fog", "fog", "FOG"}, "", 5, "#Fog"},
		"none that the text contains": {[]string{"fog", "sea"}, "In the #Fog.", 5, "#sea"},
		"signs, numbers, default": {
			[]string{"#boats", "2026", "C++", "Uncategorized", "http://schemas.example/kind#post", "  "}, "",
			9, "#boats"},
		"other scripts": {[]string{"街拍 摄影", "été à Paris", "عيد الأضحى"}, "", 5,
			"#街拍摄影 #ÉtéÀParis #عيدالأضحى"},
		"thirty in all":   {[]string{"one", "two"}, manyTags(29), 5, "#one"},
		"text has thirty": {[]string{"one", "two"}, manyTags(30), 5, ""},
	} {
		require.Equal(t, tc.want, hashtags(tc.categories, tc.text, tc.n), name)
	}
}

func manyTags(n int) string {
	s := ""
	for i := range n {
		s += " #tag" + string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	return s
}

func TestComposeWithHashtags(t *testing.T) {
	t.Parallel()
	five := 5
	s := Resolve(Layer{"account", store.Settings{Hashtags: &five}})
	post := store.Post{Text: "Fog.", URL: "https://example.org/1", Categories: []string{"sea"}}
	c, err := Compose(post, s)
	require.NoError(t, err)
	require.Equal(t, "Fog.\n\n#sea\n\nSee the full post at:\nhttps://example.org/1", c.Text)
	post.Text = ""
	c, err = Compose(post, s)
	require.NoError(t, err)
	require.Equal(t, "#sea", c.Text)
	for range 3000 {
		post.Text += "f o "
	}
	c, err = Compose(post, s)
	require.NoError(t, err)
	require.LessOrEqual(t, units(c.Text), maxCaption)
	require.Contains(t, c.Text, "…\n\n#sea\n\nSee the full post at:\nhttps://example.org/1")
	post.Markup.Posse = true
	c, err = Compose(post, s)
	require.NoError(t, err)
	require.NotContains(t, c.Text, "#sea", "posse:post contains the whole caption")
}
