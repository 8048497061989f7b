package draft

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// TestChoiceOutlivesSignature shows that pictures chosen by a person are still found after the site has signed
// their URLs again.
func TestChoiceOutlivesSignature(t *testing.T) {
	t.Parallel()
	list := []store.Media{{URL: "https://img.example/a.png?jwt=3"}, {URL: "https://img.example/b.png?jwt=3"},
		{URL: "https://img.example/b.png?jwt=4"}, {URL: "https://img.example/get?id=1"}}
	chosen := []store.EditedMedia{
		{URL: "https://img.example/b.png?jwt=4"}, {URL: "https://img.example/a.png?jwt=1"},
		{URL: "https://img.example/get?id=2"}, {URL: "https://img.example/c.png?jwt=3"},
	}
	var got []string
	for _, m := range pick(list, chosen) {
		got = append(got, m.URL)
	}
	require.Equal(t, []string{"https://img.example/b.png?jwt=4", "https://img.example/a.png?jwt=3"}, got,
		"current URLs, and none that the post does not contain")
}
