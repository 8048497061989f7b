package web_test

import (
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// Each of the buttons that let a post go says beside it how it goes, and is read out with it.
func TestOrdersAreExplained(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	explained := func(page *page, p store.Publication, command string) string {
		button := page.Find(asButton(form(p, command)))
		require.Equal(t, 1, button.Length(), command)
		return page.text("#" + button.AttrOr("aria-describedby", "none"))
	}
	held := h.bring(h.entry("Held"), store.Held)
	page := b.get(publicationPath(held))
	require.Equal(t, "Approve: it goes out in its turn, keeping quiet hours and pace.",
		explained(page, held, "approve"))
	require.Equal(t, "Publish now: it goes out at once, also in quiet hours.", explained(page, held, "publish"))
	skipped := h.bring(h.entry("Skipped"), store.Skipped)
	page = b.get(publicationPath(skipped))
	require.Equal(t, "Put back in the queue: it goes out in its turn, keeping quiet hours and pace.",
		explained(page, skipped, "approve"))
	require.Equal(t, "Publish now: it goes out at once, also in quiet hours.", explained(page, skipped, "publish"))
	page.Find("[aria-describedby]").Each(func(_ int, s *goquery.Selection) {
		require.Equal(t, 1, page.Find("#"+s.AttrOr("aria-describedby", "")).Length())
	})
	failed := h.bring(h.entry("Failed"), store.Failed)
	require.Equal(t, sayRetryNow, b.get(publicationPath(failed)).text(".orders"),
		"nothing is explained that is not offered")
	live := h.bring(h.entry("Live"), store.Published)
	require.Empty(t, b.get(publicationPath(live)).text(".orders"))
}

const sayRetryNow = "Retry: Postern tries the post again at once from the start, also in quiet hours."

// While nothing goes out, the button that lets a post go at once says what it goes out after; pressed, the page says
// the same.
func TestPublishNowOfAHaltedAccount(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	held := h.bring(h.entry("Held"), store.Held)
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error {
		a.Paused = true
		return nil
	})
	require.NoError(t, err)
	page := b.get(publicationPath(held))
	require.Equal(t, "Publish now: it goes out after you resume Harbour, also in quiet hours.",
		page.text("#about-publish"))
	require.Contains(t, page.submit(form(held, "publish"), nil).notice(),
		"It goes out after you resume Harbour on Accounts")
}

// Publish now of a post without its picture names that, and not Instagram.
func TestPublishNowWithoutThePicture(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	p, err := h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	p, err = h.store.Advance(t.Context(), p, store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour), Try: true,
		Reason: reason.New(reason.Media, "not there").ByRule("media.url.not-found")})
	require.NoError(t, err)
	require.Equal(t, "Postern tries it again now. It goes out when the problem with its media is fixed.",
		h.owner().get(publicationPath(p)).submit(form(p, "publish"), nil).notice())
}

func TestHistoryTellsWhatWasOrdered(t *testing.T) {
	for _, c := range []struct {
		from            store.State
		command         string
		answer, history string
	}{
		{store.Skipped, "approve", "Back in the queue. It goes out in its turn.", "You put it back in the queue."},
		{store.Held, "approve", "Approved. It goes out in its turn.", "You approved it."},
		{store.Skipped, "publish", "Postern publishes it now.",
			"You asked to publish it now."},
		{store.Failed, "retry", "Postern tries it again from the start.", "You asked to retry it."},
	} {
		t.Run(c.command+" "+string(c.from), func(t *testing.T) {
			h := furnished(t)
			p := h.bring(h.entry("Quay"), c.from)
			page := h.owner().get(publicationPath(p)).submit(form(p, c.command), nil)
			require.Equal(t, c.answer, page.notice())
			require.Contains(t, page.text(".history li:first-child"), c.history)
		})
	}
}

// A button that would change nothing is not offered; nor is one emphasised where there is nothing to decide.
func TestOrdersThatChangeNothingAreNotOffered(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	offers := func(p store.Publication, want ...string) {
		t.Helper()
		page := b.get(publicationPath(p))
		for _, c := range []string{"approve", "publish", "hold", "skip"} {
			require.Equal(t, contains(want, c), page.has(asButton(form(p, c))), "%s: %s", p.State, c)
		}
		require.False(t, page.has(".next button.main"), "%s", p.State)
	}
	p := h.entry("Quay")
	offers(p, "publish", "hold", "skip")
	order := func(c store.Command) {
		t.Helper()
		var err error
		p, err = h.store.Do(t.Context(), p.ID, store.Order{Command: c, By: store.CLI})
		require.NoError(t, err)
	}
	order(store.CommandPublish)
	offers(p, "hold", "skip")
	p = h.bring(p, store.Failed)
	order(store.CommandRetry)
	offers(p, "hold", "skip")
	// Publishing again does something where it waits to be tried again.
	p, err := h.store.Advance(t.Context(), p,
		store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour), Try: true})
	require.NoError(t, err)
	offers(p, "publish", "hold", "skip")
	order(store.CommandSkip)
	offers(p, "approve", "publish")
	h.set(func(s *store.Settings) { s.Approve = new(true) })
	waits := h.entry("Waits")
	offers(waits, "approve", "publish", "hold", "skip")
}

// The number of another publication in a reason is a link to it, and a setting a link to its field. No spaces come
// between them and the words.
func TestReasonsLink(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	p, err := h.store.Advance(t.Context(), p,
		store.Change{To: store.Skipped, Reason: reason.New(reason.SameAsPublication, int64(12))})
	require.NoError(t, err)
	page := h.owner().get(publicationPath(p))
	require.Equal(t, "The same as publication 12, as you said.", page.Find(".next .lead").Text())
	require.Equal(t, "12", page.text(`.next .lead a[href="/publications/12"]`))
	few := h.entry("Few")
	_, err = h.store.Advance(t.Context(), few,
		store.Change{To: store.Skipped, Reason: reason.New(reason.FilterPictures, 1, 2, "account")})
	require.NoError(t, err)
	page = page.b.get(publicationPath(few))
	require.Equal(t, "Found 1 of at least 2 pictures (“Minimum number of pictures” from the account).",
		page.Find(".next .lead").Text())
	require.Equal(t, "“Minimum number of pictures”", page.text(".next .lead a"))
}

// Where a setting keeps a post from going out, the page names the setting and offers no order that would fail; Home
// says it is over as soon as it is.
func TestASettingThatIsOffOffersNoOrder(t *testing.T) {
	h := furnished(t)
	off := false
	set := func(v *bool) {
		_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
			a.Settings.Syndicate = v
			return nil
		})
		require.NoError(t, err)
	}
	set(&off)
	p := h.entry("Quay")
	b := h.owner()
	waiting := b.get(publicationPath(p)).text(".next")
	require.Contains(t, waiting, "In its turn, Postern puts it on hold.")
	require.NotContains(t, waiting, "sends it to")
	p, err := h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Held,
		Reason: reason.New(reason.SyndicateOff, "account")})
	require.NoError(t, err)
	page := b.get(publicationPath(p))
	offers := func(order string) bool {
		return page.has(`button[formaction$="/` + order + `"], form[action$="/` + order + `"]`)
	}
	require.False(t, offers("publish") || offers("approve"))
	require.True(t, offers("skip"))
	require.Contains(t, page.text(".next"), "switch")
	require.Contains(t, b.get("/").text("main"), "switch")
	set(nil)
	page = b.get(publicationPath(p))
	require.True(t, offers("approve"))
	require.Contains(t, b.get("/").text("main"), "fixed")
	require.NotContains(t, b.get("/").text("main"), "switch")
}
