package store

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTwinSigns(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 3, 14, 5, 33, 0, time.UTC)
	base := Post{GUID: "https://a.example/?p=7", URL: "https://a.example/2026/05/harbour-dawn/",
		Title: "Letters from the harbour", PublishedAt: at,
		Text:  "This is what I saw from my window when the last ferry came home that night.",
		Media: []Media{{Type: Image, URL: "https://a.example/up/pier-1024x768.jpg"}}}
	for name, c := range map[string]struct {
		change func(*Post)
		want   signs
		enough bool
	}{
		"https and www": {func(p *Post) { *p = Post{GUID: "http://www.a.example/?p=7"} }, sameID | sameIDPath, true},
		"another host": {func(p *Post) {
			*p = Post{GUID: "https://b.example/?p=7", URL: "https://b.example/2026/05/harbour-dawn"}
		}, sameIDPath | sameAddress, true},
		"a permalink format": {func(p *Post) { *p = Post{GUID: "x", URL: "https://b.example/harbour-dawn.html"} },
			sameAddress, false},
		"another rendition": {func(p *Post) {
			*p = Post{GUID: "x", Media: []Media{{URL: "https://cdn.example/up/pier.webp"}}}
		}, sameMedia, false},
		"an excerpt": {func(p *Post) { *p = Post{GUID: "x", Text: p.Text[:60] + " […] Continue reading"} },
			sameWords, false},
		"accents and case": {func(p *Post) { *p = Post{GUID: "x", Title: "LETTÉRS — from the Harbour!"} },
			sameTitle, false},
		"title and day": {func(p *Post) {
			*p = Post{GUID: "x", Title: p.Title, PublishedAt: at.Truncate(24 * time.Hour)}
		}, sameTitle | sameDay, true},
		"media and day": {func(p *Post) {
			*p = Post{GUID: "x", Media: p.Media, PublishedAt: at.Truncate(24 * time.Hour)}
		}, sameMedia | sameDay, false},
		"media and date": {func(p *Post) { *p = Post{GUID: "x", Media: p.Media, PublishedAt: at} },
			sameMedia | sameDate, true},
		"no seconds": {func(p *Post) { *p = Post{GUID: "x", PublishedAt: at.Truncate(time.Minute)} },
			sameMinute, false},
		"a time zone": {func(p *Post) {
			*p = Post{GUID: "x", Title: p.Title, PublishedAt: at.Add(-2 * time.Hour)}
		}, sameTitle | sameDay, true},
		"another page number": {func(p *Post) { *p = Post{GUID: "x", Title: "Letters from the harbour 2"} }, 0, false},
		"another query": {func(p *Post) { *p = Post{GUID: "x", URL: "https://a.example/index.php?id=8"} }, 0,
			false},
		"one page, two parts": {func(p *Post) { *p = Post{GUID: "x", URL: p.URL + "#two"} }, 0, false},
		"a front page":        {func(p *Post) { *p = Post{GUID: "x", URL: "https://a.example/"} }, 0, false},
	} {
		other := base
		c.change(&other)
		s := agree(identify(base), identify(other), true)
		require.Equal(t, c.want, s, name)
		require.Equal(t, c.enough, s.enough(false), name)
	}
}

// One program writes its dates either with or without seconds. So in one document, a date on a whole minute is not a
// sign that an adjacent entry with the same picture is the same post. Between documents of different programs it is.
func TestSameMinuteIsNoSignInOneDocument(t *testing.T) {
	t.Parallel()
	picture := []Media{{URL: "https://a.example/quay.jpg"}}
	whole := time.Date(2026, 5, 3, 10, 7, 0, 0, time.UTC)
	a := Post{GUID: "1", PublishedAt: whole, Media: picture}
	b := Post{GUID: "2", PublishedAt: whole.Add(time.Second), Media: picture}
	s := agree(identify(a), identify(b), true)
	require.False(t, s.enough(true))
	require.True(t, s.enough(false))
	b.PublishedAt = whole
	require.True(t, agree(identify(a), identify(b), true).enough(true), "the dates agree to the second")
}

// A new entry is looked up by keys, so 100,000 stored posts cost no more than ten.
func TestTwinsAreLookedUpByKeys(t *testing.T) {
	t.Parallel()
	text := planOf(t, similarQuery, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	for _, index := range []string{"posts_id_key", "posts_page_key", "posts_files_key", "posts_words_key",
		"posts_title_key", "posts_newest"} {
		require.Contains(t, text, index)
	}
	require.NotContains(t, text, "SCAN posts", strings.TrimSpace(text))
}
