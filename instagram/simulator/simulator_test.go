package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"postern/instagram"
	"postern/instagram/simulator"
	"postern/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const picture = "https://example.org/a.jpg"

// setup returns a server with one account and a client for it, in process.
func setup(t *testing.T, o simulator.Options) (*simulator.Server, *instagram.Client) {
	t.Helper()
	s := simulator.New(o)
	a := s.AddAccount(simulator.Account{Username: "shots"})
	return s, clientOf(s, a)
}

func clientOf(s *simulator.Server, a simulator.Account) *instagram.Client {
	return &instagram.Client{
		BaseURL: "http://simulated.invalid/base", Version: "v24.0", UserID: a.UserID, Token: redact.Secret(a.Token),
		HTTP: &http.Client{Transport: s.Transport()},
	}
}

func create(t *testing.T, c *instagram.Client, caption string) string {
	t.Helper()
	k, err := c.CreateImage(t.Context(), instagram.Image{URL: picture, Caption: caption})
	require.NoError(t, err)
	return k.ID
}

func TestKindPublishes(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true, Seed: 1})
	me, err := c.Me(t.Context())
	require.NoError(t, err)
	require.Equal(t, c.UserID, me.UserID)
	require.NotEqual(t, me.ID, me.UserID, "the app-scoped id is another one")
	require.Equal(t, "shots", me.Username)

	k, err := c.CreateImage(t.Context(), instagram.Image{URL: picture, Caption: "Hello", AltText: "a hill"})
	require.NoError(t, err)
	st, err := c.Status(t.Context(), k.ID)
	require.NoError(t, err)
	require.Equal(t, instagram.Finished, st.Code)
	id, err := c.Publish(t.Context(), k.ID)
	require.NoError(t, err)
	require.NotEqual(t, k.ID, id)
	st, err = c.Status(t.Context(), k.ID)
	require.NoError(t, err)
	require.Equal(t, instagram.Published, st.Code)

	posts := s.Posts(c.UserID)
	require.Len(t, posts, 1)
	require.Equal(t, "Hello", posts[0].Caption)
	require.Equal(t, "a hill", posts[0].Slides[0].AltText)
	link, err := c.Permalink(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, posts[0].Permalink, link)
	recent, err := c.RecentMedia(t.Context(), k.At.Add(-time.Minute))
	require.NoError(t, err)
	require.Len(t, recent, 1)
	require.Equal(t, instagram.Media{ID: id, Caption: "Hello", Timestamp: recent[0].Timestamp, Permalink: link,
		ProductType: "FEED", Shortcode: posts[0].Shortcode}, recent[0])
	quota, err := c.Quota(t.Context())
	require.NoError(t, err)
	require.Equal(t, instagram.Quota{Used: 1, Total: 100, Duration: 24 * time.Hour}, quota)
	require.Equal(t, 1, s.CallCount("publish"))
	require.NotContains(t, fmt.Sprintf("%+v", s.Calls()), c.Token.Reveal())
}

func TestPublishingTwiceMakesTwoPosts(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true})
	k := create(t, c, "once")
	first, err := c.Publish(t.Context(), k)
	require.NoError(t, err)
	second, err := c.Publish(t.Context(), k)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.Len(t, s.Posts(c.UserID), 2)
}

func TestReelStoryCarousel(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true})
	ctx := t.Context()
	publish := func(k instagram.Created, err error) {
		t.Helper()
		require.NoError(t, err)
		_, err = c.Publish(ctx, k.ID)
		require.NoError(t, err)
	}
	publish(c.CreateReel(ctx, instagram.Reel{URL: "https://example.org/a.mp4", Caption: "reel"}))
	publish(c.CreateStory(ctx, instagram.Story{ImageURL: picture}))
	a, err := c.CreateCarouselItem(ctx, instagram.CarouselItem{ImageURL: picture, AltText: "one"})
	require.NoError(t, err)
	b, err := c.CreateCarouselItem(ctx, instagram.CarouselItem{VideoURL: "https://example.org/b.mp4"})
	require.NoError(t, err)
	publish(c.CreateCarousel(ctx, instagram.Carousel{Children: []string{a.ID, b.ID}, Caption: "both"}))

	posts := s.Posts(c.UserID)
	require.Len(t, posts, 3)
	require.Equal(t, "CAROUSEL_ALBUM", posts[0].MediaType)
	require.Len(t, posts[0].Slides, 2)
	require.Equal(t, "one", posts[0].Slides[0].AltText)
	require.Equal(t, a.ID, posts[0].Slides[0].ContainerID)
	require.True(t, posts[0].Slides[1].Video)
	require.Equal(t, "STORY", posts[1].ProductType)
	require.Equal(t, "REELS", posts[2].ProductType)

	recent, err := c.RecentMedia(ctx, time.Time{})
	require.NoError(t, err)
	require.Len(t, recent, 2, "stories are not among the media")
	stories, err := c.RecentStories(ctx, time.Time{})
	require.NoError(t, err)
	require.Len(t, stories, 1)

	_, err = c.Publish(ctx, a.ID)
	require.Error(t, err, "an item is not published by itself")
	_, err = c.CreateCarousel(ctx, instagram.Carousel{Children: []string{a.ID}})
	requireCode(t, err, 100, 2207028)
	_, err = c.CreateCarousel(ctx, instagram.Carousel{Children: []string{a.ID, "123"}})
	requireCode(t, err, 100, 0)
}

func requireCode(t *testing.T, err error, code, subcode int) {
	t.Helper()
	var e *instagram.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, fmt.Sprint(code, "/", subcode), fmt.Sprint(e.Code, "/", e.Subcode))
}

func TestUnreadableStateIsMovedAside(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sim.json")
	require.NoError(t, os.WriteFile(file, []byte("{half"), 0o600))
	s := simulator.New(simulator.Options{StateFile: file})
	require.Empty(t, s.Posts(""))
	require.FileExists(t, file+".unreadable")
}

func TestContainerLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := setup(t, simulator.Options{Seed: 7})
		// no random loss on the good call
		s.Fault(simulator.Fault{Kind: simulator.Slow, Op: "publish", Times: 0, Skip: 1})
		k := create(t, c, "x")
		_, err := c.Publish(t.Context(), k)
		require.True(t, instagram.IsNotReady(err), "an image is not ready at once")
		require.Empty(t, s.Posts(""))
		st, err := c.Status(t.Context(), k)
		require.NoError(t, err)
		require.Equal(t, instagram.InProgress, st.Code)
		time.Sleep(3 * time.Second)
		_, err = c.Publish(t.Context(), k)
		require.NoError(t, err)

		old := create(t, c, "y")
		time.Sleep(24 * time.Hour)
		st, err = c.Status(t.Context(), old)
		require.NoError(t, err)
		require.Equal(t, instagram.Expired, st.Code)
		_, err = c.Publish(t.Context(), old)
		requireCode(t, err, 24, 2207008)
	})
}

func TestQuotaRolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := setup(t, simulator.Options{Kind: true})
		k := create(t, c, "x")
		for range 100 {
			_, err := c.Publish(t.Context(), k)
			require.NoError(t, err)
		}
		_, err := c.Publish(t.Context(), k)
		require.True(t, instagram.IsQuotaSpent(err))
		require.Len(t, s.Posts(""), 100)
		recent, err := c.RecentMedia(t.Context(), time.Time{})
		require.NoError(t, err)
		require.Len(t, recent, 100, "read page by page")
		seen := map[string]bool{}
		for _, m := range recent {
			require.False(t, seen[m.ID])
			seen[m.ID] = true
		}
		time.Sleep(24 * time.Hour)
		_, err = c.Publish(t.Context(), create(t, c, "y"))
		require.NoError(t, err)
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := setup(t, simulator.Options{Kind: true})
		_, err := c.RefreshToken(t.Context())
		require.Error(t, err, "too young")
		time.Sleep(25 * time.Hour)
		fresh, err := c.RefreshToken(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5183944*time.Second, fresh.ExpiresIn)
		_, err = c.Me(t.Context())
		require.NoError(t, err, "the old token works for a while")
		time.Sleep(25 * time.Hour)
		_, err = c.Me(t.Context())
		require.True(t, instagram.IsTokenDead(err))
		c.Token = fresh.Token
		_, err = c.Me(t.Context())
		require.NoError(t, err)

		other := clientOf(s, s.AddAccount(simulator.Account{Username: "other"}))
		k := create(t, c, "x")
		_, err = other.Status(t.Context(), k)
		require.True(t, instagram.IsUnreadable(err), "another account's container")
		_, err = other.Publish(t.Context(), k)
		requireCode(t, err, 100, 33)
		other.UserID = c.UserID
		_, err = other.Quota(t.Context())
		requireCode(t, err, 100, 33)

		s.RevokeTokens(c.UserID)
		_, err = c.Me(t.Context())
		require.True(t, instagram.IsTokenDead(err))
		c.Token = "unknown"
		_, err = c.Me(t.Context())
		require.True(t, instagram.IsTokenDead(err))

		code := s.Authorize(c.UserID, "https://us/cb")
		_, err = c.ExchangeCode(t.Context(), "app", "secret", "https://us/other", code)
		require.Error(t, err)
		code = s.Authorize(c.UserID, "https://us/cb")
		grant, err := c.ExchangeCode(t.Context(), "app", "secret", "https://us/cb", code+"#_")
		require.NoError(t, err)
		require.Equal(t, c.UserID, grant.UserID)
		_, err = c.ExchangeCode(t.Context(), "app", "secret", "https://us/cb", code)
		require.Error(t, err, "a code works once")
		c.Token = grant.Token.Token
		_, err = c.Me(t.Context())
		require.NoError(t, err)
	})
}

// The same server behind a real listener, with its pages.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	files := origin{"/a.jpg": jpg(t, 1080, 1080)}
	s := simulator.New(simulator.Options{Kind: true, Fetch: &http.Client{Transport: files}})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.SetPublicURL(server.URL)
	c := clientOf(s, s.AddAccount(simulator.Account{Username: "shots", Name: "Shots & more"}))
	c.BaseURL, c.HTTP = server.URL, server.Client()

	s.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
	a, err := c.CreateImage(t.Context(),
		instagram.Image{URL: picture, Caption: "<b>Dawn</b>\nsecond line", AltText: "a \"hill\""})
	require.NoError(t, err)
	_, err = c.Publish(t.Context(), a.ID)
	require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
	require.Len(t, s.Posts(""), 1)
	require.Equal(t, 1, s.CallCount("publish"))

	get := func(path string) string {
		t.Helper()
		res, err := server.Client().Get(path)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		require.Equal(t, 200, res.StatusCode, path)
		require.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'self'")
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(b)
	}
	grid := get(server.URL + "/")
	post := s.Posts("")[0]
	require.Contains(t, grid, "Simulated.")
	require.Contains(t, grid, `http-equiv="refresh" content="5"`)
	require.Contains(t, grid, "Shots &amp; more")
	require.Contains(t, grid, `href="/p/`+post.Shortcode+`/"`)
	require.Contains(t, grid, "/-/media/"+post.Slides[0].File)
	require.NotContains(t, grid, "ZgotmplZ")
	page := get(post.Permalink)
	require.Contains(t, page, "&lt;b&gt;Dawn&lt;/b&gt;\nsecond line")
	require.Contains(t, page, "a &#34;hill&#34;")
	require.NotContains(t, page, "style=")
	require.Equal(t, string(files["/a.jpg"]), get(server.URL+"/-/media/"+post.Slides[0].File))
	require.Contains(t, get(server.URL+"/-/style.css"), ".grid")
	res, err := server.Client().Get(server.URL + "/-/media/..%2f..%2fetc%2fpasswd")
	require.NoError(t, err)
	_ = res.Body.Close()
	require.Equal(t, 404, res.StatusCode)
}

func TestTogether(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true, StateFile: filepath.Join(t.TempDir(), "sim.json")})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			k, err := c.CreateImage(t.Context(), instagram.Image{URL: picture, Caption: fmt.Sprint(i)})
			if err == nil {
				_, err = c.Publish(t.Context(), k.ID)
			}
			if err != nil {
				t.Error(err)
			}
			s.Fault(simulator.Fault{Kind: simulator.Slow, Op: "me"})
			_, _ = c.Me(t.Context())
			s.Posts("")
		})
	}
	all.Wait()
	require.Len(t, s.Posts(""), 8)
}
