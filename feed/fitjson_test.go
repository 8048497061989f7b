package feed

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// jsonOf parses a JSON Feed. above contains members of the feed; each item contains members of an item, in addition
// to its text.
func jsonOf(t *testing.T, above string, items ...string) Document {
	t.Helper()
	list := ""
	for i, item := range items {
		if i > 0 {
			list += ","
		}
		list += `{"content_html":"<img src=\"https://blog.example/fog.jpg\">",` + item + `}`
	}
	d, err := Parse(fmt.Appendf(nil, `{"version":"https://jsonfeed.org/version/1","home_page_url":"https://blog.example/"%s,"items":[%s]}`, above, list), "", nil)
	require.NoError(t, err)
	return d
}

func TestJSONOfOtherTypes(t *testing.T) {
	t.Parallel()
	post := func(item string) store.Post {
		d := jsonOf(t, "", item)
		require.Empty(t, d.Problems, item)
		require.Len(t, d.Posts, 1, item)
		require.NotEmpty(t, d.Posts[0].Media, item)
		return d.Posts[0]
	}
	require.Equal(t, []string{"fog", "quay at night"}, post(`"id":"1","tags":"fog, quay at night,"`).Categories)
	require.Equal(t, []string{"fog", "quay, night"}, post(`"id":"1","tags":["fog","quay, night"]`).Categories)
	require.Equal(t, []string{"fog", "1984"}, post(`"id":"1","tags":["fog",1984,{"a":1}]`).Categories)
	require.Equal(t, "12", post(`"id":12`).GUID)
	require.Equal(t, "1984", post(`"id":"1","title":1984`).Title)
	require.Empty(t, post(`"id":"1","title":{"rendered":"Fog"}`).Title)
	for _, author := range []string{`"author":"Ada Fog"`, `"author":[{"name":"Ada Fog"}]`, `"authors":{"name":"Ada ` +
		`Fog","url":7}`, `"authors":["Ada Fog"]`} {
		require.Equal(t, "Ada Fog", post(`"id":"1",` + author).Markup.Fields["author_name"], author)
		require.Equal(t, "Ada Fog", jsonOf(t, ","+author, `"id":"1"`).Posts[0].Markup.Fields["author_name"], author)
	}
	for _, quay := range []string{
		`"image":{"url":"/quay.jpg","width":800}`, `"image":["/quay.jpg","/other.jpg"]`,
		`"attachments":{"url":"/quay.jpg","mime_type":"image/jpeg"}`,
		`"attachments":[{"url":"/quay.jpg","mime_type":"image/jpeg","size_in_bytes":"12 KB"}]`,
		`"attachments":[{"url":"/quay.jpg","size_in_bytes":1.5}]`, `"attachments":["/quay.jpg"]`,
	} {
		require.Equal(t, []string{"quay.jpg", "fog.jpg"}, shown(post(`"id":"1","url":"https://blog.example/1",`+quay)),
			quay)
	}
	for _, nothing := range []string{`"image":7`, `"image":[]`, `"attachments":false`, `"attachments":[[]]`, `"tags":7`,
		`"authors":7`, `"author":[]`, `"summary":[]`, `"title":null`} {
		require.Equal(t, []string{"fog.jpg"}, shown(post(`"id":"1","url":"https://blog.example/1",`+nothing)), nothing)
	}
}

func TestJSONItemsOfOtherTypes(t *testing.T) {
	t.Parallel()
	d, err := Parse([]byte(`{"version":"https://jsonfeed.org/version/1","items":["fog",[1],null,7,{"id":"1","content_html":"<img src=\"https://blog.example/1.jpg\">"}]}`), "", nil)
	require.NoError(t, err)
	require.Len(t, d.Posts, 1)
	require.NotEmpty(t, d.Problems)
}

func TestJSONOfNulls(t *testing.T) {
	t.Parallel()
	for _, members := range []string{`"authors":[null]`, `"author":null`, `"authors":null`,
		`"authors":[{"name":null}]`} {
		require.Len(t, jsonOf(t, ","+members, `"id":"1"`).Posts, 1, members)
	}
	for _, members := range []string{`"authors":[null]`, `"author":null`, `"attachments":[null]`, `"attachments":null`,
		`"tags":[null]`, `"image":null`} {
		d := jsonOf(t, "", `"id":"1",`+members)
		require.Len(t, d.Posts, 1, members)
		require.Equal(t, []string{"fog.jpg"}, shown(d.Posts[0]), members)
	}
}
