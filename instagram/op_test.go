package instagram_test

import (
	"cmp"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestVerbOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[[3]string]instagram.Op{
		{"POST", "1784", "media"}:                   instagram.OpCreate,
		{"GET", "1784", "media"}:                    instagram.OpMedia,
		{"GET", "me", "media"}:                      instagram.OpMedia,
		{"GET", "1784", "stories"}:                  instagram.OpMedia,
		{"POST", "1784", "media_publish"}:           instagram.OpPublish,
		{"GET", "1784", "media_publish"}:            "",
		{"POST", "1790", "comments"}:                instagram.OpComment,
		{"GET", "1790", "comments"}:                 instagram.OpComments,
		{"GET", "1784", "content_publishing_limit"}: instagram.OpQuota,
		{"GET", "me", ""}:                           instagram.OpMe,
		{"GET", "1790", ""}:                         instagram.OpPermalink,
		{"POST", "1790", ""}:                        instagram.OpDiscuss,
		{"DELETE", "1790", ""}:                      "",
		{"GET", "refresh_access_token", ""}:         instagram.OpRefresh,
		{"POST", "oauth", "access_token"}:           instagram.OpExchange,
		{"GET", "access_token", ""}:                 instagram.OpExchange,
		{"GET", "1784", "insights"}:                 "",
	} {
		v, ok := instagram.VerbOf(path[0], path[1], path[2])
		require.Equal(t, want, v.Op, path)
		require.Equal(t, want != "", ok, path)
	}
	for _, v := range instagram.Verbs() {
		require.Contains(t, []string{http.MethodGet, http.MethodPost}, v.Method)
		if v.Op == instagram.OpStatus { // it has the path of a permalink
			continue
		}
		got, ok := instagram.VerbOf(v.Method, cmp.Or(v.Root, "1784"), v.Edge)
		require.True(t, ok)
		require.Equal(t, v, got)
	}
}
