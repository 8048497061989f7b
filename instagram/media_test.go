package instagram_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestPermalinkAndQuota(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "GET /v24.0/18", url.Values{"fields": {"permalink"}}, 200,
		`{"permalink":"https:\/\/www.instagram.com\/p\/DPzPlMyj9W8\/","id":"18"}`)
	link, err := client.Permalink(t.Context(), "18")
	require.NoError(t, err)
	require.Equal(t, "https://www.instagram.com/p/DPzPlMyj9W8/", link)

	expect(t, api, "GET /v24.0/17841405793187219/content_publishing_limit",
		url.Values{"fields": {"config,quota_usage"}}, 200,
		`{"data":[{"quota_usage":2,"config":{"quota_total":100,"quota_duration":86400}}]}`)
	quota, err := client.Quota(t.Context())
	require.NoError(t, err)
	require.Equal(t, instagram.Quota{Used: 2, Total: 100, Duration: 24 * time.Hour}, quota)
}

func TestRecentMediaFollowsCursors(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	var pages []string
	api.HandleFunc("GET /v24.0/17841405793187219/media", func(w http.ResponseWriter, r *http.Request) {
		pages = append(pages, r.URL.Query().Get("after"))
		switch r.URL.Query().Get("after") {
		case "":
			_, _ = io.WriteString(w,
				`{"data":[{"id":"3","caption":"three","timestamp":"2026-09-28T17:05:11+0000","permalink":"https://x/3","media_product_type":"FEED","shortcode":"c"}],
				"paging":{"cursors":{"before":"A","after":"B"},"next":"http://trap.invalid/?access_token=x"}}`)
		case "B":
			_, _ = io.WriteString(w,
				`{"data":[{"id":"2","timestamp":"2026-09-27T00:00:00+0000"},{"id":"1","timestamp":"2026-09-20T17:05:11+0000"}],
				"paging":{"cursors":{"before":"A","after":"C"},"next":"http://trap.invalid/"}}`)
		default:
			t.Error("read beyond the time that was asked for")
		}
	})
	got, err := client.RecentMedia(t.Context(), time.Date(2026, 9, 27, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, []string{"", "B"}, pages)
	require.Len(t, got, 2)
	require.Equal(t, instagram.Media{
		ID: "3", Caption: "three", Timestamp: time.Date(2026, 9, 28, 17, 5, 11, 0, time.UTC),
		Permalink: "https://x/3", ProductType: "FEED", Shortcode: "c",
	}, got[0])
	require.Equal(t, "2", got[1].ID, "the time itself belongs to it")
}

func TestRecentMediaIsNeverSilentlyShort(t *testing.T) {
	t.Parallel()
	endless :=
		`{"data":[{"id":"3","timestamp":"2026-09-28T17:05:11+0000"}],"paging":{"cursors":{"after":"B"},"next":"http://trap.invalid/"}}`
	for name, answer := range map[string]string{
		"more pages than are read": endless,
		"no data":                  `{}`,
		"data is null":             `{"data":null}`,
		"an entry without time":    `{"data":[{"id":"3"}]}`,
		"next without cursor":      `{"data":[],"paging":{"next":"http://trap.invalid/"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("GET /v24.0/17841405793187219/stories",
				func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
			_, err := client.RecentStories(t.Context(), time.Time{})
			require.Error(t, err)
			require.Equal(t, instagram.Retry, instagram.Classify(err).Action)
		})
	}
}
