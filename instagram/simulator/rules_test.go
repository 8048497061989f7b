package simulator_test

import (
	"bytes"
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
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
)

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
		"reel in a carousel": {url.Values{"media_type": {"REELS"}, "video_url": {picture},
			"is_carousel_item": {"true"}}, 100, 0},
		"alt text of a reel": {url.Values{"media_type": {"REELS"}, "video_url": {picture}, "alt_text": {"x"}}, 100, 0},
		"caption of an item": {url.Values{"image_url": {picture}, "is_carousel_item": {"true"}, "caption": {"x"}}, 100,
			0},
		"long caption": {url.Values{"image_url": {picture}, "caption": {strings.Repeat("𝄞", 1101)}},
			36004, 2207010},
		"31 hashtags": {url.Values{"image_url": {picture}, "caption": {strings.Repeat("#a ", 31)}}, 100, 0},
		"21 mentions": {url.Values{"image_url": {picture}, "caption": {strings.Repeat("@a ", 21)}},
			100, 2207040},
		"long alt text": {url.Values{"image_url": {picture}, "alt_text": {strings.Repeat("a", 1001)}}, 100, 0},
		"just right": {url.Values{"image_url": {picture},
			"caption":  {strings.Repeat("#a @b ", 20) + "me@example.org &#39; " + strings.Repeat("a", 2000)},
			"alt_text": {strings.Repeat("ä", 1000)}}, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := c.HTTP.PostForm(
				"http://simulated.invalid/v24.0/"+c.UserID+"/media?access_token="+c.Token.Reveal(), test.form)
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
		"/ok.jpg": jpg(t, 1080, 1350), "/tall.jpg": jpg(t, 1080, 1440), "/wide.jpg": jpg(t, 1080, 500),
		"/tiny.jpg": jpg(t, 200, 200),
		"/png.jpg":  []byte("\x89PNG\r\n\x1a\n"), "/huge.jpg": append(jpg(t, 1080, 1080), make([]byte, 8<<20)...),
		"/ok.mp4": []byte("\x00\x00\x00\x18ftypmp42....."), "/bad.mp4": []byte("<html>not a video</html>"),
	}
	dir := t.TempDir()
	s, c := setup(t, simulator.Options{Kind: true, Fetch: &http.Client{Transport: files},
		StateFile: filepath.Join(dir, "sim.json")})
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

	good, err := c.CreateReel(t.Context(),
		instagram.Reel{URL: "https://example.org/ok.mp4", CoverURL: "https://example.org/ok.jpg"})
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
