package draft

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
	"postern/words"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	const address = "https://example.org/post"
	link := "\n\nSee the full post at:\n" + address
	format := func(s string) store.Settings { return store.Settings{FormatString: &s} }
	off, on := false, true
	for name, tc := range map[string]struct {
		post     store.Post
		settings store.Settings
		want     string
	}{
		"title and text": {store.Post{Title: "Harbour", Text: "Fog at six.", URL: address}, store.Settings{},
			"Harbour\n\nFog at six." + link},
		"title begins the text": {store.Post{Title: "Fog at six…", Text: "Fog at six. And more.", URL: address},
			store.Settings{}, "Fog at six. And more." + link},
		"title is a file name": {store.Post{Title: "IMG_2231.jpg", Text: "Fog.", URL: address}, store.Settings{},
			"Fog." + link},
		"title is a date in words": {store.Post{Title: "March 3, 2026", Text: "Fog.", URL: address}, store.Settings{},
			"Fog." + link},
		"title is a date": {store.Post{Title: "2026-11-21 10:00", Text: "Fog.", URL: address},
			store.Settings{}, "Fog." + link},
		"title alone":       {store.Post{Title: "Harbour", URL: address}, store.Settings{}, "Harbour" + link},
		"no words, no link": {store.Post{URL: address}, store.Settings{}, ""},
		"no address":        {store.Post{Text: "Fog."}, store.Settings{}, "Fog."},
		"posse:post has content": {
			store.Post{Title: "T", Text: "Fog.", URL: address, Markup: store.Markup{Posse: true}}, store.Settings{},
			"Fog." + link},
		"format string": {store.Post{Title: "T", Text: "{{title}}", URL: address},
			format("{{title}}: {{ content }} {{nothing}}."), "T: {{title}} ." + link},
		"fields": {
			store.Post{Text: "x", Markup: store.Markup{Fields: map[string]string{"subtitle": "sub"}}},
			format("{{subtitle}}"), "sub"},
		"no link wanted": {store.Post{Text: "Fog.", URL: address}, store.Settings{AppendURL: &off}, "Fog."},
		"link only when cut": {store.Post{Text: "Fog.", URL: address},
			store.Settings{AppendURL: &off, AppendURLIfTruncate: &on}, "Fog."},
		"link anyway": {store.Post{Text: "Fog.", URL: address}, store.Settings{AppendURLIfTruncate: &on},
			"Fog." + link},
		"spaces and breaks": {store.Post{Text: "a  b \n c\r\n\r\n\r\n\r\nd\t "}, store.Settings{},
			"a b\n c\n\nd"},
		"composed characters (NFC)": {store.Post{Text: "e\u0301"}, store.Settings{}, "é"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Compose(tc.post, Resolve(Layer{"account", tc.settings}))
			require.NoError(t, err)
			require.Equal(t, tc.want, c.Text)
			require.False(t, c.Cut)
		})
	}
}

func TestComposeCuts(t *testing.T) {
	t.Parallel()
	const address = "https://example.org/post"
	filler := strings.Repeat("word ", 600)
	for name, tc := range map[string]struct{ text, end string }{
		"between words":      {filler, "word…"},
		"never in a hashtag": {strings.Repeat("x", 2100) + " #" + strings.Repeat("long", 200), "xxx…"},
		"never in a link": {strings.Repeat("x", 2100) + " https://example.org/" + strings.Repeat("long-path/", 200),
			"xxx…"},
		"no spaces (Chinese)": {strings.Repeat("港口清晨的雾", 500), "…"},
		"hashtag in Chinese":  {strings.Repeat("雾", 2130) + "。#" + strings.Repeat("港", 300), "。…"},
		"emoji family":        {strings.Repeat("👩‍👩‍👧‍👦", 400), "👩‍👩‍👧‍👦…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Compose(store.Post{Text: tc.text, URL: address}, Resolve())
			require.NoError(t, err)
			require.True(t, c.Cut)
			require.Equal(t, words.FixCaptionCut, c.Checks[len(c.Checks)-1].Remedy, "truncate is on")
			require.LessOrEqual(t, units(c.Text), maxCaption)
			require.Greater(t, units(c.Text), 2000)
			body, ok := strings.CutSuffix(c.Text, "\n\nSee the full post at:\n"+address)
			require.True(t, ok, "the URL is kept: %q", c.Text[len(c.Text)-60:])
			require.True(t, strings.HasSuffix(body, tc.end), "ends in %q", body[len(body)-40:])
		})
	}
	off, on := false, true
	c, err := Compose(store.Post{Text: filler, URL: address},
		Resolve(Layer{"account", store.Settings{AppendURL: &off, AppendURLIfTruncate: &on}}))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(c.Text, "…\n\nSee the full post at:\n"+address))
	_, err = Compose(store.Post{Text: filler}, Resolve(Layer{"account", store.Settings{Truncate: &off}}))
	require.ErrorContains(t, err, "Instagram takes 2200")
}

func TestComposeLimitsTags(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("see https://example.org/#frag and mail@example.org &#39; # alone ")
	for i := range 35 {
		fmt.Fprintf(&b, "#tag%d @name%d ", i, i)
	}
	c, err := Compose(store.Post{Text: b.String()}, Resolve())
	require.NoError(t, err)
	require.Equal(t, 30, strings.Count(c.Text, "#tag"))
	require.Equal(t, 20, strings.Count(c.Text, "@name"))
	require.Contains(t, c.Text, " tag34 name34")
	require.Contains(t, c.Text, "https://example.org/#frag and mail@example.org")
	require.Len(t, c.Checks, 2)
}

func FuzzCompose(f *testing.F) {
	f.Add("Title", "Text #tag @name", "https://example.org/", "{{title}} {{content}}")
	f.Add("", strings.Repeat("港", 3000), "https://example.org/"+strings.Repeat("x", 3000), "")
	f.Fuzz(func(t *testing.T, title, text, url, format string) {
		c, err := Compose(store.Post{Title: title, Text: text, URL: url},
			Resolve(Layer{"account", store.Settings{FormatString: &format}}))
		require.NoError(t, err)
		require.LessOrEqual(t, units(c.Text), maxCaption)
	})
}

// A text that is longer than the setting allows is cut between words, and the hashtags and the URL follow it. A
// shorter text is not changed, and Instagram's limit still applies.
func TestTextLength(t *testing.T) {
	t.Parallel()
	p := store.Post{Text: "Fog over the harbour this morning, and then the sun.", URL: "https://blog.example/fog",
		Categories: []string{"fog"}}
	compose := func(length int, more store.Settings) Caption {
		more.TextLength, more.Hashtags = &length, new(5)
		c, err := Compose(p, Resolve(Layer{"account", more}))
		require.NoError(t, err)
		return c
	}
	address := "\n\nSee the full post at:\nhttps://blog.example/fog"
	whole := p.Text + "\n\n#fog"
	c := compose(0, store.Settings{})
	require.Equal(t, whole+address, c.Text)
	require.False(t, c.Cut)
	require.Equal(t, c, compose(len(p.Text), store.Settings{}), "exactly as long as the limit")
	short := compose(24, store.Settings{})
	require.Equal(t, "Fog over the harbour…\n\n#fog"+address, short.Text)
	require.True(t, short.Cut)
	require.Equal(t, "caption.too-long", short.Checks[0].ID)
	require.Equal(t, short, compose(24, store.Settings{Truncate: new(false)}), "truncate only concerns Instagram's limit")
	require.Equal(t, "Fog over the harbour…\n\n#fog"+address,
		compose(24, store.Settings{AppendURL: new(false), AppendURLIfTruncate: new(true)}).Text, "it was cut")
	require.Equal(t, whole, compose(2200, store.Settings{AppendURL: new(false), AppendURLIfTruncate: new(true)}).Text)

	p.Text = strings.Repeat("fog ", 700)
	c = compose(2200, store.Settings{})
	require.LessOrEqual(t, units(c.Text), maxCaption)
	require.True(t, strings.HasSuffix(c.Text, address))
	require.Equal(t, 1, strings.Count(c.Text, "…"))
}
