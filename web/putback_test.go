package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// older leaves posts that the start of the feed did not take, and returns their publications.
func (h *house) older(titles ...string) (list []store.Publication) {
	h.t.Helper()
	for _, title := range titles {
		p := h.entry(title)
		p, err := h.store.Advance(h.t.Context(), p,
			store.Change{To: store.Skipped, Reason: reason.New(reason.BeforeFeed)})
		require.NoError(h.t, err)
		list = append(list, p)
	}
	return list
}

func (h *house) states(list ...store.Publication) (states []store.State) {
	h.t.Helper()
	for _, p := range list {
		states = append(states, h.state(p.ID).State)
	}
	return states
}

// ids are the fields of a form that name publications.
func ids(name string, list ...store.Publication) url.Values {
	form := url.Values{}
	for _, p := range list {
		form.Add(name, strconv.FormatInt(p.ID, 10))
	}
	return form
}

// The owner ticks several skipped posts, reads how many they are, and only the answer puts them back.
func TestSeveralSkippedPostsArePutBack(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	all := h.older("Low tide", "Ferry", "Ropes")
	list := b.get("/posts?state=skipped&feed=1")
	require.Equal(t, 3, list.Find(`.rows input[name=id]`).Length())
	require.Equal(t, "Put all 3 back", list.Find(`button[name=all]`).Text())
	require.False(t, list.Find("#live").Is("[hx-get]"), "what is read again loses its ticks")

	asked := b.post("/posts/back?state=skipped&feed=1", ids("id", all[0], all[2]))
	require.Equal(t, "Put 2 posts back in the queue?", asked.text("h1"))
	require.NotContains(t, asked.text("main"), "Ferry")
	require.Equal(t, []store.State{store.Skipped, store.Skipped, store.Skipped}, h.states(all...),
		"asking changes nothing")

	answer := asked.submit(`form[action^="/posts/back"]`, nil)
	require.Equal(t, "/posts", answer.Path)
	require.Equal(t, "skipped", answer.Find(`select[name=state] option[selected]`).AttrOr("value", ""),
		"the list is narrowed as before")
	require.Contains(t, answer.text(".notice"), "2 posts went back in the queue.")
	require.Contains(t, answer.text(".notice"), "Low tide : Back in the queue. It goes out in its turn.")
	require.Equal(t, []store.State{store.Queued, store.Skipped, store.Queued}, h.states(all...))

	asked = b.post("/posts/back?state=skipped", url.Values{"all": {"yes"}, "listed": ids("listed", all[1])["listed"]})
	require.Equal(t, "Put 1 post back in the queue?", asked.text("h1"))
}

// What cannot go back is answered by itself, and keeps nothing else from going back.
func TestPutBackAnswersEach(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	all := h.older("Low tide", "Ferry")
	live := h.bring(h.entry("Quay"), store.Published)
	form := ids("id", all[0], all[1], live)
	form.Set("sure", "yes")
	form.Add("id", "999")
	answer := b.post("/posts/back?state=skipped", form)
	require.Contains(t, answer.text(".notice"), "2 of 3 posts went back in the queue.")
	require.Contains(t, answer.text(".notice"), "Quay : Nothing was done. This post changed meanwhile.")
	require.Equal(t, []store.State{store.Queued, store.Queued, store.Published}, h.states(all[0], all[1], live))

	answer = b.post("/posts/back?state=skipped", url.Values{"sure": {"yes"}})
	require.Contains(t, answer.text(".notice.bad"), "Choose at least one post.")
	require.Equal(t, 0, b.get("/posts").Find(`input[name=id]`).Length(), "only the list of skipped posts offers it")
	require.Equal(t, 0, b.get("/posts?state=skipped").Find(`button[name=all]`).Length(), "nothing is left")
	require.Equal(t, http.StatusOK, answer.Status)
}

// On a phone, with and without script.
func TestPutBackInABrowser(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	all := h.older("Low tide", "Ferry", "Three gulls and a bollard in the last light of a long afternoon", "Ropes")
	ctx, complaints := window(t, path, 390, true)
	enter(ctx, t, h.http.URL)
	for n, pair := range [][]store.Publication{all[:2], all[2:]} {
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/posts?state=skipped&feed=1")))
		arrive(ctx, t, "", `.rows input[name=id]`)
		if n == 0 {
			fits(ctx, t, "posts to put back")
			accessible(ctx, t, "posts to put back")
		}
		for _, p := range pair {
			click(ctx, t, `input[name=id][value="`+strconv.FormatInt(p.ID, 10)+`"]`)
		}
		press(ctx, t, `form[action^="/posts/back"] button.main`, `form[action^="/posts/back"] input[name=sure] `+
			`~ .actions`)
		require.Equal(t, "Put 2 posts back in the queue?", text(ctx, t, "h1"))
		if n == 0 {
			fits(ctx, t, "put back is asked")
			accessible(ctx, t, "put back is asked")
		}
		require.Equal(t, []store.State{store.Skipped, store.Skipped}, h.states(pair...))
		press(ctx, t, `form[action^="/posts/back"] button.main`, `main > .notice`)
		require.Contains(t, text(ctx, t, `main > .notice`), "2 posts went back in the queue.")
		require.Equal(t, []store.State{store.Queued, store.Queued}, h.states(pair...))
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		require.NoError(t, err)
	}
	require.Empty(t, complaints())
}
