package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, _, err := score(dir, io.Discard)
	require.ErrorIs(t, err, os.ErrNotExist)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("a.xml", `<rss version="2.0"><channel><title>A</title>
		<item><guid>1</guid><link>https://a.example/1</link><description>&lt;p&gt;Two boats.&lt;/p&gt;&lt;img src="/1.jpg"&gt;&lt;img src="/2.jpg"&gt;</description></item>
		<item><guid>2</guid><link>https://a.example/2</link><description>&lt;p&gt;Ad.&lt;/p&gt;&lt;img src="/ad.jpg"&gt;</description></item></channel></rss>`)
	write("gold.jsonl",
		`{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":0,"expected_media":[{"type":"image","url":"http://a.example/one.jpg","accept":["https://a.example/1.jpg"],"alt":"Two boats"},{"type":"image","url":"https://a.example/2-large.jpg","inferior":["https://a.example/2.jpg"],"alt_junk":"2.jpg"}],"expected_caption_facts":["Two  boats","Three"],"tags":["boats"]}
{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":1,"expected_media":[],"must_not_include":["https://a.example/ad.jpg"],"caption_must_not_include":["Ad."],"tags":["ads"]}
{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":2,"expected_media":[{"type":"image","url":"https://a.example/3.jpg"}]}
`)
	var out strings.Builder
	got, kinds, err := score(dir, &out)
	require.NoError(t, err)
	require.Equal(t, total{entries: 3, missing: 1, smaller: 1, forbidden: 1, facts: 2, factsMissing: 1, unwanted: 1,
		alts: 2, altsMissing: 1}, withoutExact(got))
	require.Equal(t, 0, got.exactMedia)
	require.Equal(t, 0, got.exactWords)
	require.Equal(t, 1, kinds["boats"].smaller)
	require.Equal(t, 1, kinds["ads"].forbidden)
	require.False(t, got.passes())
	require.Contains(t, out.String(), "a.xml 0: too small https://a.example/2.jpg\n")
	require.Contains(t, out.String(), `a.xml 0: no alt text "Two boats": https://a.example/1.jpg`)
}

func TestPasses(t *testing.T) {
	t.Parallel()
	good := total{entries: 100, exactMedia: 97, facts: 10, unwanted: 2, alts: 100, altsMissing: 2, altsWrong: 1}
	require.True(t, good.passes())
	for _, change := range []func(*total){
		func(t *total) { t.exactMedia-- }, func(t *total) { t.forbidden++ }, func(t *total) { t.factsMissing++ },
		func(t *total) { t.unwanted++ }, func(t *total) { t.altsWrong++ }, func(t *total) { t.refused++ },
	} {
		worse := good
		change(&worse)
		require.False(t, worse.passes())
	}
}

func withoutExact(t total) total {
	t.exactMedia, t.exactWords = 0, 0
	return t
}
