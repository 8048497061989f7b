package draft

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// A picture can be left out in favour of another one that is itself left out in favour of a third; withoutLeftOut
// follows that chain.
func TestDoublesOfDoubles(t *testing.T) {
	t.Parallel()
	list := []store.Media{{URL: "small"}, {URL: "other"}, {URL: "medium"}, {URL: "large"}, {URL: "twice"},
		{URL: "twice", Alt: "again"}}
	checks := []store.Check{
		{ID: "alt.missing"}, {ID: DoubleRule, URL: "small", SameAs: "medium"},
		{ID: DoubleRule, URL: "medium", SameAs: "large"},
		{ID: DoubleRule, URL: "twice", SameAs: "twice"}, {ID: DoubleRule, URL: "gone", SameAs: "other"},
		{ID: DoubleRule, URL: "other", SameAs: "gone"},
	}
	require.Equal(t, []store.Media{{URL: "large"}, {URL: "other"}, {URL: "twice"}}, withoutLeftOut(list, checks))
	require.Len(t, list, 6)
	require.Equal(t, "small", list[0].URL, "the post itself is not changed")
}
