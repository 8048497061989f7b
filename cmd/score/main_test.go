package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := score(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("a.xml", `<rss version="2.0"><channel><title>A</title>
		<item><guid>1</guid><link>https://a.example/1</link><description>&lt;p&gt;Two boats.&lt;/p&gt;&lt;img src="/1.jpg"&gt;&lt;img src="/2.jpg"&gt;</description></item>
		<item><guid>2</guid><link>https://a.example/2</link><description>&lt;p&gt;Ad.&lt;/p&gt;&lt;img src="/ad.jpg"&gt;</description></item></channel></rss>`)
	write("gold.jsonl", `{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":0,"expected_media":[{"type":"image","url":"http://a.example/one.jpg","accept":["https://a.example/1.jpg"]},{"type":"image","url":"https://a.example/2.jpg"}],"expected_caption_facts":["Two  boats","Three"]}
{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":1,"expected_media":[],"must_not_include":["https://a.example/ad.jpg"],"caption_must_not_include":["Ad."]}
{"feed":"a.xml","feed_url":"https://a.example/feed","entry_index":2}
`)
	got, err := score(dir)
	require.NoError(t, err)
	require.Equal(t, total{entries: 3, exact: 1, forbidden: 1, facts: 2, missing: 1, unwanted: 1}, got)
}
