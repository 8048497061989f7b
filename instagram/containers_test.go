package instagram_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	yes := true
	tests := map[string]struct {
		call func(context.Context, *instagram.Client) (instagram.Created, error)
		want url.Values
	}{
		"image": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateImage(ctx, instagram.Image{URL: "https://example.org/a.jpg?a=b&c=d",
					Caption: "Hi #sun & sea", AltText: "a sea"})
			},
			url.Values{"image_url": {"https://example.org/a.jpg?a=b&c=d"}, "caption": {"Hi #sun & sea"},
				"alt_text": {"a sea"}},
		},
		"reel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateReel(ctx, instagram.Reel{URL: "https://example.org/a.mp4",
					CoverURL: "https://example.org/c.jpg", ShareToFeed: &yes})
			},
			url.Values{"media_type": {"REELS"}, "video_url": {"https://example.org/a.mp4"},
				"cover_url": {"https://example.org/c.jpg"}, "share_to_feed": {"true"}},
		},
		"story": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateStory(ctx, instagram.Story{ImageURL: "https://example.org/a.jpg"})
			},
			url.Values{"media_type": {"STORIES"}, "image_url": {"https://example.org/a.jpg"}},
		},
		"picture of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx,
					instagram.CarouselItem{ImageURL: "https://example.org/a.jpg", AltText: "x"})
			},
			url.Values{"is_carousel_item": {"true"}, "image_url": {"https://example.org/a.jpg"}, "alt_text": {"x"}},
		},
		"video of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx, instagram.CarouselItem{VideoURL: "https://example.org/a.mp4"})
			},
			url.Values{"is_carousel_item": {"true"}, "media_type": {"VIDEO"},
				"video_url": {"https://example.org/a.mp4"}},
		},
		"carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarousel(ctx, instagram.Carousel{Children: []string{"1", "2"}, Caption: "both"})
			},
			url.Values{"media_type": {"CAROUSEL"}, "children": {"1,2"}, "caption": {"both"}},
		},
		"image with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateImage(ctx, instagram.Image{URL: "https://example.org/a.jpg", LocationID: "7640348500",
					Collaborators: []string{"ada", "grace"},
					UserTags:      []instagram.UserTag{{Username: "mary", At: &instagram.Spot{X: 0.5, Y: 0.9}}}})
			},
			url.Values{"image_url": {"https://example.org/a.jpg"}, "location_id": {"7640348500"},
				"collaborators": {`["ada","grace"]`},
				"user_tags":     {`[{"username":"mary","x":0.5,"y":0.9}]`}},
		},
		"reel with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateReel(ctx, instagram.Reel{URL: "https://example.org/a.mp4", LocationID: "7640348500",
					Collaborators: []string{"ada"},
					UserTags:      []instagram.UserTag{{Username: "mary"}}, ShareToFeed: new(false)})
			},
			url.Values{"media_type": {"REELS"}, "video_url": {"https://example.org/a.mp4"},
				"location_id": {"7640348500"}, "collaborators": {`["ada"]`},
				"user_tags": {`[{"username":"mary"}]`}, "share_to_feed": {"false"}},
		},
		"carousel with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarousel(ctx,
					instagram.Carousel{Children: []string{"1", "2"}, LocationID: "7640348500",
						Collaborators: []string{"ada"}})
			},
			url.Values{"media_type": {"CAROUSEL"}, "children": {"1,2"}, "location_id": {"7640348500"},
				"collaborators": {`["ada"]`}},
		},
		"tagged picture of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx,
					instagram.CarouselItem{ImageURL: "https://example.org/a.jpg",
						UserTags: []instagram.UserTag{{Username: "mary", At: &instagram.Spot{}}}})
			},
			url.Values{"is_carousel_item": {"true"}, "image_url": {"https://example.org/a.jpg"},
				"user_tags": {`[{"username":"mary","x":0,"y":0}]`}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			expect(t, api, "POST /v24.0/17841405793187219/media", test.want, 200, `{"id":17874540375429190}`)
			got, err := test.call(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, "17874540375429190", got.ID, "an id never goes through a float64")
			require.True(t, got.At.Equal(answered))
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]instagram.Status{
		`{"status_code":"FINISHED","status":"FINISHED","id":"17"}`: {
			Code: instagram.Finished, Text: "FINISHED"},
		`{"status_code":"ERROR","status":"Error: Media upload has failed with error code 2207082","id":"1"}`: {
			Code: instagram.Errored, Text: "Error: Media upload has failed with error code 2207082", Subcode: 2207082},
		`{"status_code":"IN_PROGRESS"}`: {
			Code: instagram.InProgress},
	}
	for answer, want := range tests {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			expect(t, api, "GET /v24.0/17", url.Values{"fields": {"status_code,status"}}, 200, answer)
			got, err := client.Status(t.Context(), "17")
			require.NoError(t, err)
			require.True(t, got.At.Equal(answered))
			got.At = time.Time{}
			require.Equal(t, want, got)
		})
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "POST /v24.0/17841405793187219/media_publish", url.Values{"creation_id": {"17"}}, 200, `{"id":"18"}`)
	got, err := client.Publish(t.Context(), "17")
	require.NoError(t, err)
	require.Equal(t, "18", got)
}
