package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"postern/instagram"
	"postern/instagram/simulator"
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
		BaseURL: "http://simulated.invalid/base", Version: "v24.0", UserID: a.UserID, Token: instagram.Secret(a.Token),
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
	require.Equal(t, instagram.Media{ID: id, Caption: "Hello", Timestamp: recent[0].Timestamp, Permalink: link, ProductType: "FEED", Shortcode: posts[0].Shortcode}, recent[0])
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

func TestCreateRules(t *testing.T) {
	t.Parallel()
	_, c := setup(t, simulator.Options{Kind: true})
	tests := map[string]struct {
		form          url.Values
		code, subcode int
	}{
		"nothing":            {url.Values{}, 100, 0},
		"both":               {url.Values{"image_url": {picture}, "video_url": {picture}}, 100, 0},
		"relative address":   {url.Values{"image_url": {"/a.jpg"}}, 9004, 2207052},
		"not ASCII":          {url.Values{"image_url": {"https://example.org/ü.jpg"}}, 9004, 2207052},
		"unknown type":       {url.Values{"media_type": {"POLL"}, "image_url": {picture}}, 100, 2207023},
		"single VIDEO":       {url.Values{"media_type": {"VIDEO"}, "video_url": {picture}}, 100, 0},
		"video without type": {url.Values{"video_url": {picture}}, 100, 0},
		"reel of a picture":  {url.Values{"media_type": {"REELS"}, "image_url": {picture}}, 100, 0},
		"reel in a carousel": {url.Values{"media_type": {"REELS"}, "video_url": {picture}, "is_carousel_item": {"true"}}, 100, 0},
		"alt text of a reel": {url.Values{"media_type": {"REELS"}, "video_url": {picture}, "alt_text": {"x"}}, 100, 0},
		"caption of an item": {url.Values{"image_url": {picture}, "is_carousel_item": {"true"}, "caption": {"x"}}, 100, 0},
		"long caption":       {url.Values{"image_url": {picture}, "caption": {strings.Repeat("𝄞", 1101)}}, 36004, 2207010},
		"31 hashtags":        {url.Values{"image_url": {picture}, "caption": {strings.Repeat("#a ", 31)}}, 100, 0},
		"21 mentions":        {url.Values{"image_url": {picture}, "caption": {strings.Repeat("@a ", 21)}}, 100, 2207040},
		"long alt text":      {url.Values{"image_url": {picture}, "alt_text": {strings.Repeat("a", 1001)}}, 100, 0},
		"just right":         {url.Values{"image_url": {picture}, "caption": {strings.Repeat("#a @b ", 20) + "me@example.org &#39; " + strings.Repeat("a", 2000)}, "alt_text": {strings.Repeat("ä", 1000)}}, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := c.HTTP.PostForm("http://simulated.invalid/v24.0/"+c.UserID+"/media?access_token="+c.Token.Reveal(), test.form)
			require.NoError(t, err)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NotEmpty(t, res.Header.Get("Date"))
			require.JSONEq(t, `{"call_volume":0,"cpu_time":0}`, res.Header.Get("X-App-Usage"))
			if test.code == 0 {
				require.Equal(t, 200, res.StatusCode, string(body))
				return
			}
			require.Equal(t, 400, res.StatusCode)
			require.Contains(t, string(body), fmt.Sprintf(`"code":%d`, test.code))
			require.Contains(t, string(body), "fbtrace_id")
			if test.subcode != 0 {
				require.Contains(t, string(body), fmt.Sprintf(`"error_subcode":%d`, test.subcode))
			}
		})
	}
}

// origin is a site with media, in process.
type origin map[string][]byte

func (o origin) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	if b, ok := o[r.URL.Path]; ok && r.UserAgent() == "facebookexternalhit/1.1" {
		_, _ = rec.Write(b)
	} else {
		rec.WriteHeader(404)
	}
	return rec.Result(), nil
}

func jpg(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, stdimage.NewGray(stdimage.Rect(0, 0, w, h)), nil))
	return b.Bytes()
}

func TestFetch(t *testing.T) {
	t.Parallel()
	files := origin{
		"/ok.jpg": jpg(t, 1080, 1350), "/tall.jpg": jpg(t, 1080, 1440), "/wide.jpg": jpg(t, 1080, 500), "/tiny.jpg": jpg(t, 200, 200),
		"/png.jpg": []byte("\x89PNG\r\n\x1a\n"), "/huge.jpg": append(jpg(t, 1080, 1080), make([]byte, 8<<20)...),
		"/ok.mp4": []byte("\x00\x00\x00\x18ftypmp42....."), "/bad.mp4": []byte("<html>not a video</html>"),
	}
	dir := t.TempDir()
	s, c := setup(t, simulator.Options{Kind: true, Fetch: &http.Client{Transport: files}, StateFile: filepath.Join(dir, "sim.json")})
	for path, want := range map[string][2]int{
		"/ok.jpg": {}, "/tall.jpg": {36003, 2207009}, "/wide.jpg": {36003, 2207009}, "/tiny.jpg": {36001, 2207005},
		"/png.jpg": {36001, 2207005}, "/huge.jpg": {36000, 2207004}, "/missing.jpg": {9004, 2207052},
	} {
		_, err := c.CreateImage(t.Context(), instagram.Image{URL: "https://example.org" + path})
		if want[0] == 0 {
			require.NoError(t, err, path)
			continue
		}
		requireCode(t, err, want[0], want[1])
	}
	_, err := c.CreateStory(t.Context(), instagram.Story{ImageURL: "https://example.org/tall.jpg"})
	require.NoError(t, err, "a story may have any shape")

	good, err := c.CreateReel(t.Context(), instagram.Reel{URL: "https://example.org/ok.mp4", CoverURL: "https://example.org/ok.jpg"})
	require.NoError(t, err)
	_, err = c.Publish(t.Context(), good.ID)
	require.NoError(t, err)
	bad, err := c.CreateReel(t.Context(), instagram.Reel{URL: "https://example.org/bad.mp4"})
	require.NoError(t, err, "videos are fetched later")
	st, err := c.Status(t.Context(), bad.ID)
	require.NoError(t, err)
	require.Equal(t, instagram.Errored, st.Code)
	require.Equal(t, "ERROR", st.Text, "the reason is not told")
	_, err = c.Publish(t.Context(), bad.ID)
	requireCode(t, err, 352, 2207026)

	slide := s.Posts("")[0].Slides[0]
	for _, name := range []string{slide.File, slide.Cover} {
		res, err := c.HTTP.Get("http://simulated.invalid/-/media/" + name)
		require.NoError(t, err)
		require.Equal(t, 200, res.StatusCode, name)
	}

	// Goes on after a restart, with the same token and without having kept it.
	state, err := os.ReadFile(filepath.Join(dir, "sim.json"))
	require.NoError(t, err)
	require.NotContains(t, string(state), c.Token.Reveal())
	again := simulator.New(simulator.Options{Kind: true, StateFile: filepath.Join(dir, "sim.json")})
	require.Equal(t, s.Seed(), again.Seed())
	require.Equal(t, s.Posts("")[0].ID, again.Posts("")[0].ID)
	c.HTTP = &http.Client{Transport: again.Transport()}
	recent, err := c.RecentMedia(t.Context(), time.Time{})
	require.NoError(t, err)
	require.Len(t, recent, 1)
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
		s.Fault(simulator.Fault{Kind: simulator.Slow, Op: "publish", Times: 0, Skip: 1}) // no random loss on the good call
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

// One publish answer in twenty is lost, the same ones with the same seed, and never the post.
func TestUnkindnessIsRepeatable(t *testing.T) {
	t.Parallel()
	run := func(seed int64) (lost string, posts int) {
		synctest.Test(t, func(t *testing.T) {
			s, c := setup(t, simulator.Options{Seed: seed})
			for i := range 90 {
				k := create(t, c, fmt.Sprint(i))
				time.Sleep(10 * time.Second)
				if _, err := c.Publish(t.Context(), k); err != nil {
					require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
					lost += fmt.Sprint(i, " ")
				}
			}
			posts = len(s.Posts(""))
		})
		return lost, posts
	}
	first, posts := run(3)
	require.Equal(t, 90, posts)
	require.NotEmpty(t, first)
	require.Less(t, strings.Count(first, " "), 15)
	again, _ := run(3)
	require.Equal(t, first, again)
	other, _ := run(4)
	require.NotEqual(t, first, other)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault simulator.Fault
		check func(error) bool
		now   int // posts when the call has ended
		later int // posts an hour later
	}{
		"never connected":   {simulator.Fault{Kind: simulator.NoConnect}, isAction(instagram.Retry), 0, 0},
		"dropped":           {simulator.Fault{Kind: simulator.Drop}, isAction(instagram.Ambiguous), 0, 0},
		"answer lost":       {simulator.Fault{Kind: simulator.Lost}, isAction(instagram.Ambiguous), 1, 1},
		"live and 500":      {simulator.Fault{Kind: simulator.LiveError}, isCode(2, 0), 1, 1},
		"not live and 500":  {simulator.Fault{Kind: simulator.Refuse}, isCode(2, 0), 0, 0},
		"a gateway's page":  {simulator.Fault{Kind: simulator.LiveError, Reply: simulator.Gateway}, isCode(0, 0), 1, 1},
		"live and blocked":  {simulator.Fault{Kind: simulator.LiveError, Reply: simulator.Blocked}, isCode(4, 2207051), 1, 1},
		"blocked":           {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.Blocked}, isCode(4, 2207051), 0, 0},
		"late":              {simulator.Fault{Kind: simulator.Late, After: 5 * time.Minute}, isAction(instagram.Ambiguous), 0, 1},
		"late with error":   {simulator.Fault{Kind: simulator.Late, After: 5 * time.Minute, Reply: simulator.Blocked}, isCode(4, 2207051), 0, 1},
		"not ready":         {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.NotReady}, instagram.IsNotReady, 0, 0},
		"quota":             {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.QuotaSpent}, instagram.IsQuotaSpent, 0, 0},
		"token dead":        {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.TokenDead}, instagram.IsTokenDead, 0, 0},
		"throttled":         {simulator.Fault{Kind: simulator.Refuse, Reply: simulator.ThrottledFor(7 * time.Minute)}, isCode(80002, 0), 0, 0},
		"held too long":     {simulator.Fault{Kind: simulator.Hold, After: 2 * time.Minute}, isAction(instagram.Ambiguous), 1, 1},
		"slow, too long":    {simulator.Fault{Kind: simulator.Slow, After: 2 * time.Minute}, isAction(instagram.Ambiguous), 0, 0},
		"slow, in time":     {simulator.Fault{Kind: simulator.Slow, After: 30 * time.Second}, nil, 1, 1},
		"container broken":  {simulator.Fault{Kind: simulator.Break}, isCode(352, 2207026), 0, 0},
		"container expired": {simulator.Fault{Kind: simulator.Expire}, isCode(24, 2207008), 0, 0},
		"another account":   {simulator.Fault{Kind: simulator.Drop, Account: "1"}, nil, 1, 1},
		"another container": {simulator.Fault{Kind: simulator.Drop, Container: "1"}, nil, 1, 1},
		"another caption":   {simulator.Fault{Kind: simulator.Drop, Caption: "dusk"}, nil, 1, 1},
		"this caption":      {simulator.Fault{Kind: simulator.Drop, Caption: "dawn"}, isAction(instagram.Ambiguous), 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := setup(t, simulator.Options{Kind: true})
				c.HTTP.Timeout = time.Minute
				k := create(t, c, "at dawn")
				test.fault.Op = "publish"
				s.Fault(test.fault)
				_, err := c.Publish(t.Context(), k)
				if test.check == nil {
					require.NoError(t, err)
				} else {
					require.True(t, test.check(err), "%v", err)
				}
				require.Len(t, s.Posts(""), test.now)
				time.Sleep(time.Hour)
				require.Len(t, s.Posts(""), test.later)
				st, err := c.Status(t.Context(), k)
				require.NoError(t, err)
				require.Equal(t, test.later == 1, st.Code == instagram.Published)
			})
		})
	}
}

func isAction(a instagram.Action) func(error) bool {
	return func(err error) bool { return instagram.Classify(err).Action == a }
}

func isCode(code, subcode int) func(error) bool {
	return func(err error) bool {
		var e *instagram.Error
		return errors.As(err, &e) && e.Code == code && e.Subcode == subcode
	}
}

func TestFaultQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := setup(t, simulator.Options{Kind: true})
		k := create(t, c, "x")

		s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, For: time.Hour})
		for range 3 {
			_, err := c.Status(t.Context(), k)
			require.True(t, instagram.IsUnreadable(err))
		}
		time.Sleep(time.Hour)
		_, err := c.Status(t.Context(), k)
		require.NoError(t, err)

		s.Fault(simulator.Fault{Kind: simulator.Break, Op: "create", Reply: simulator.Reply{Subcode: 2207082}})
		broken := create(t, c, "broken")
		st, err := c.Status(t.Context(), broken)
		require.NoError(t, err)
		require.Equal(t, instagram.Errored, st.Code)
		require.Equal(t, 2207082, st.Subcode)

		// Lost waits for a publish that works.
		s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.NotReady})
		s.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
		_, err = c.Publish(t.Context(), broken)
		require.True(t, instagram.IsNotReady(err))
		_, err = c.Publish(t.Context(), broken)
		require.Error(t, err)
		require.Empty(t, s.Posts(""))
		_, err = c.Publish(t.Context(), k)
		require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
		require.Len(t, s.Posts(""), 1)

		// Held until let go.
		open := make(chan struct{})
		s.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: open})
		var held sync.WaitGroup
		held.Go(func() {
			_, err := c.Publish(context.Background(), k)
			require.NoError(t, err)
		})
		synctest.Wait()
		require.Len(t, s.Posts(""), 2)
		close(open)
		held.Wait()

		s.Fault(simulator.Fault{Kind: simulator.Drop, Times: simulator.Forever})
		for range 3 {
			_, err = c.Me(t.Context())
			require.Error(t, err)
		}
		s.ClearFaults()
		_, err = c.Me(t.Context())
		require.NoError(t, err)
	})
}

func TestCaptionTags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ first, second, posts int }{ // 0: answered, else something went wrong
		"#sim-lost": {1, 1, 2}, "#sim-500": {1, 0, 1}, "#sim-500-live": {1, 1, 2}, "#sim-2207051": {1, 1, 0},
		"#sim-2207051-live": {1, 1, 2}, "#sim-9007": {1, 0, 1}, "#sim-quota": {1, 0, 1}, "#sim-late": {1, 0, 2},
		"#sim-slow": {1, 1, 0}, "#sim-error": {1, 1, 0}, "#sim-expired": {1, 1, 0}, "#sim-2207082": {1, 1, 0}, "#sim-nothing": {0, 0, 2},
	}
	for caption, test := range tests {
		t.Run(caption, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := setup(t, simulator.Options{Kind: true})
				k := create(t, c, "Dawn "+caption)
				for _, want := range []int{test.first, test.second} {
					_, err := c.Publish(t.Context(), k)
					require.Equal(t, want != 0, err != nil, "%v", err)
				}
				time.Sleep(time.Hour)
				require.Len(t, s.Posts(""), test.posts)
			})
		})
	}
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
	a, err := c.CreateImage(t.Context(), instagram.Image{URL: picture, Caption: "<b>Dawn</b>\nsecond line", AltText: "a \"hill\""})
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
