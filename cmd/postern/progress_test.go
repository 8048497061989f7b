package main

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"

	"postern/feed"
	"postern/media"
	"postern/store"
)

// Without a terminal long work writes a line now and then, and short work none.
func TestProgressWithoutTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		in := &invocation{ctx: t.Context(), stderr: &out}
		var done atomic.Int64
		done.Store(3)
		far := func() (string, int64, int64) { return "polling\x1b feeds", done.Load(), 40 }
		stop := in.progress(far)
		time.Sleep(lineAfter - time.Second)
		stop()
		stop()
		require.Empty(t, out.String())
		stop = in.progress(far)
		time.Sleep(lineAfter + 3*lineEvery + time.Second) // nothing happens
		done.Store(7)
		time.Sleep(lineEvery)
		stop()
		require.Equal(t, "postern: progress: polling feeds: 3 of 40\npostern: progress: polling feeds: 7 of 40\n",
			out.String())
		time.Sleep(time.Minute)
		require.Len(t, strings.Split(out.String(), "\n"), 3, "nothing after stop")
	})
}

func TestTablesAlignWideCharacters(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, table(&b, []string{"ID", "NAME", "STATE"}, [][]string{
		{"1", "港の写真", "queued"}, {"22", "Café\u0301", ""}, {"3", "👩‍👩‍👧 family", "held"}, {"4", "plain", "failed"},
	}))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	at := func(line, word string) int { return uniseg.StringWidth(line[:strings.Index(line, word)]) }
	for i, word := range []string{"STATE", "queued", "-", "held", "failed"} {
		require.Equal(t, at(lines[0], "STATE"), at(lines[i], word), lines[i])
	}
	require.Equal(t, "港の…", short("港の写真です", 6))
	require.Equal(t, "港の写真", short("港の写真", 8))
	require.Equal(t, "a lon…", short("a long name", 6))
}

// A GIF is planned alike with --out and without.
func TestPreviewAgreesOnAnimations(t *testing.T) {
	t.Parallel()
	film := &gif.GIF{}
	for i := range 3 {
		frame := image.NewPaletted(image.Rect(0, 0, 400, 400), color.Palette{color.Black, color.White})
		frame.SetColorIndex(i, i, 1)
		film.Image, film.Delay = append(film.Image, frame), append(film.Delay, 50)
	}
	still := &gif.GIF{Image: film.Image[:1], Delay: film.Delay[:1]}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = gif.EncodeAll(w, map[bool]*gif.GIF{true: film, false: still}[r.URL.Path == "/film.gif"])
	}))
	defer site.Close()
	doc := feed.Document{}
	for _, name := range []string{"/film.gif", "/still.gif"} {
		doc.Posts = append(doc.Posts,
			store.Post{GUID: name, Decision: store.Publish,
				Media: []store.Media{{Type: store.Image, URL: site.URL + name, Alt: "x"}}})
	}
	library, err := media.NewLibrary(t.TempDir(), site.Client(), media.Limits{})
	require.NoError(t, err)
	for _, public := range []string{"", site.URL} {
		with, without := previewOf(doc, public), previewOf(doc, public)
		_, err = writeFiles(t.Context(), library, t.TempDir(), with.Posts, public, new(atomic.Int64))
		require.NoError(t, err)
		require.NoError(t, findAnimations(t.Context(), library, without.Posts, public))
		for i := range doc.Posts {
			require.Equal(t, with.Posts[i].Kind, without.Posts[i].Kind, doc.Posts[i].GUID)
			require.Equal(t, with.Posts[i].Checks, without.Posts[i].Checks, doc.Posts[i].GUID)
			require.Empty(t, without.Posts[i].Files)
		}
	}
}

func TestPreviewSummary(t *testing.T) {
	t.Parallel()
	v := previewJSON{Posts: []previewPost{
		{Decision: store.Publish, Kind: store.KindImage}, {Decision: store.Publish, Kind: store.KindImage, waits: true},
		{Decision: store.Publish, Kind: store.KindStory}, {Decision: store.Skip},
	}}
	require.Equal(t, "4 posts: 3 would be published (2 images, 1 story), of which 1 would wait; 1 would be skipped.",
		v.summary())
	require.Equal(t, "0 posts: none would be published.", previewJSON{}.summary())
	require.Equal(t, "1 post: none would be published.", previewJSON{Posts: v.Posts[3:]}.summary())
}

func TestSettingsThatAreAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	warning, err := w.command("account", "set", "1", "quiet_hours=07:00-22:00").CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(warning), "For the night, use quiet_hours=22:00-07:00")
	warning, err = w.command("account", "set", "1", "quiet_hours=22:00-07:00").CombinedOutput()
	require.NoError(t, err)
	require.NotContains(t, string(warning), "warning")

	w.must(w.run("feed", "route", "1", "1", "posts_per_day=3"))
	shown := w.must(w.run("feed", "route", "1", "1")).stdout
	require.Regexp(t, `posts_per_day +3 +this feed`, shown)
	require.Regexp(t, `quiet_hours +22:00-07:00 +account`, shown)
	w.must(w.run("feed", "route", "1", "1", "--off"))
	require.Contains(t, w.must(w.run("feed", "route", "1", "1")).stdout, "Account 1 takes feed 1.")

	r := w.run("notify", "add", "ntfy://ntfy.sh/topic-of-mine")
	require.Equal(t, exitUsage, r.status)
	require.Contains(t, r.stderr, "| postern notify add")
	require.NotContains(t, r.stderr, "topic-of-mine")
}

func TestWaitingWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 14, 0, 0, 0, time.Local)
	deadline := now.Add(10 * time.Minute)
	queued := func(after time.Duration) (l store.Listed) {
		l.State, l.DueAt = store.Queued, now.Add(after)
		return l
	}
	paused, leased := queued(time.Minute), queued(time.Hour)
	paused.Account.Paused = true
	leased.State, leased.Leased, leased.StartedAt = store.Publishing, true, now.Add(-time.Second)
	for _, test := range []struct {
		open []store.Listed
		want string
	}{
		{nil, ""},
		{[]store.Listed{queued(7 * time.Minute), queued(5 * time.Minute)},
			"waiting for 2 publications; the next step is at 14:05:00"},
		{[]store.Listed{queued(5 * time.Minute), queued(time.Hour), paused},
			"waiting for 1 publication; the next step is at 14:05:00"},
		{[]store.Listed{queued(time.Hour), paused}, ""},
		{[]store.Listed{queued(5 * time.Minute), queued(0)}, ""},
		{[]store.Listed{queued(5 * time.Minute), leased}, ""},
	} {
		require.Equal(t, test.want, waitingWords(test.open, now, deadline))
	}
}
