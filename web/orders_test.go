package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/shape"
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
	require.Equal(t, "Publish now: it goes out at once."+passes, explained(page, held, "publish"))
	skipped := h.bring(h.entry("Skipped"), store.Skipped)
	page = b.get(publicationPath(skipped))
	require.Equal(t, "Put back in the queue: it goes out in its turn, keeping quiet hours and pace.",
		explained(page, skipped, "approve"))
	require.Equal(t, "Publish now: it goes out at once."+passes, explained(page, skipped, "publish"))
	page.Find("[aria-describedby]").Each(func(_ int, s *goquery.Selection) {
		require.Equal(t, 1, page.Find("#"+s.AttrOr("aria-describedby", "")).Length())
	})
	failed := h.bring(h.entry("Failed"), store.Failed)
	require.Equal(t, sayRetryNow, b.get(publicationPath(failed)).text(".orders"),
		"nothing is explained that is not offered")
	live := h.bring(h.entry("Live"), store.Published)
	require.Empty(t, b.get(publicationPath(live)).text(".orders"))
}

// passes is what an order to publish at once does not wait for.
const passes = " Its date, minimum age, cool-down, posts per day and quiet hours no longer apply. " +
	"Instagram's own limit does."

const sayRetryNow = "Retry: Postern tries the post again at once from the start." + passes

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
	require.Equal(t, "Publish now: it goes out after you resume Harbour on Accounts."+passes, page.text("#about-publish"))
	require.Equal(t, "Approve: it goes out in its turn after you resume Harbour on Accounts, keeping quiet hours and pace.",
		page.text("#about-approve"))
	skipped := h.bring(h.entry("Skipped"), store.Skipped)
	require.Equal(t, "Put back in the queue: it goes out in its turn after you resume Harbour on Accounts, keeping quiet "+
		"hours and pace.", b.get(publicationPath(skipped)).text("#about-approve"))
	require.Contains(t, page.submit(form(held, "publish"), nil).notice(),
		"It goes out after you resume Harbour on Accounts")
}

// A button does not promise that a post goes out which a check has found not fit.
func TestOrdersNameWhatIsInTheWay(t *testing.T) {
	h := furnished(t)
	h.set(func(s *store.Settings) { s.Truncate = new(false) })
	h.entry("Long")
	h.posts[len(h.posts)-1].Text = strings.Repeat("All the boats of the harbour. ", 100)
	h.save()
	list, err := h.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	held := h.bring(list[0].Publication, store.Held)
	page := h.owner().get(publicationPath(held))
	require.Regexp(t, `^Publish now: it goes out after you fix this problem: the caption has \d+ characters`,
		page.text("#about-publish"))
	require.Regexp(t, `^Approve: it goes out in its turn, keeping quiet hours and pace. Before that, fix this problem: `+
		`the caption has \d+ characters`, page.text("#about-approve"))
}

// A post that waits for its site to correct its date goes out by itself then, also while its feed is switched off. A
// paused feed is not read.
func TestAHeldPostMayGoByItself(t *testing.T) {
	h := furnished(t)
	h.entry("Ahead")
	h.posts[0].NotBefore, h.posts[0].PublishedAt = time.Now().AddDate(2, 0, 0), time.Now().AddDate(2, 0, 0)
	h.save()
	list, err := h.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	p := list[0].Publication
	require.True(t, p.DateAsked)
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}, store.CLI, ""))
	next := h.owner().get(publicationPath(p)).text(".next")
	require.Contains(t, next, "If your site corrects its date, it goes out in its turn.")
	require.Contains(t, next, "so no new post of it goes there. This post can still go out.")
	require.NotContains(t, next, "only if")
	require.NoError(t, h.store.PauseFeed(t.Context(), h.feed.ID, true, store.CLI))
	require.Contains(t, h.owner().get(publicationPath(p)).text(".next"),
		"If your site corrects its date, Postern reads the new date after you resume the feed.")
	shaped, err := shape.Publications(t.Context(), h.store, []store.Listed{h.listed(p.ID)})
	require.NoError(t, err)
	require.Contains(t, shaped[0].Remedy, "Postern reads it after you resume the feed. Run `postern feed resume")
	h.posts[0].NotBefore, h.posts[0].PublishedAt = time.Time{}, time.Now()
	h.save()
	require.Equal(t, store.Queued, h.state(p.ID).State, "as the page said")
}

// What is asked for at once and waits all the same says for what: its account, Instagram's limit, or a post that the
// account has begun with.
func TestPublishNowSaysWhatItWaitsFor(t *testing.T) {
	for name, c := range map[string]struct {
		account func(*store.Account)
		want    string
	}{
		"rests": {func(a *store.Account) {
			a.Trouble, a.Problem, a.WaitUntil = store.Wait, reason.New(reason.CallsTooMany), time.Now().Add(time.Hour)
		}, "Postern publishes it when Instagram accepts calls for Harbour again, at about "},
		"full": {func(a *store.Account) { a.QuotaUsed, a.QuotaTotal, a.QuotaAt = 100, 100, time.Now() },
			"Postern publishes it when Instagram takes more posts. Instagram takes 100 posts in 24 hours, and 100 went out"},
		"begun": {nil, "Postern publishes it after another post of Harbour that it has begun with, at about "},
	} {
		t.Run(name, func(t *testing.T) {
			h := furnished(t)
			p := h.entry("Quay")
			if c.account == nil {
				p = h.bring(p, store.Held)
				h.bring(h.entry("Begun"), store.Staged)
			} else {
				_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
					func(a *store.Account) error { c.account(a); return nil })
				require.NoError(t, err)
			}
			page := h.owner().get(publicationPath(p))
			if name == "rests" {
				require.Equal(t, "Publish now: it goes out after Instagram accepts calls for Harbour again."+passes,
					page.text("#about-publish"))
			}
			require.Contains(t, page.submit(form(p, "publish"), nil).notice(), c.want)
		})
	}
}

// A notice is over when the publisher has found what the post waits for.
func TestNoticesEndWithWhatTheyWereSaidBeside(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	shown := h.owner().get(publicationPath(p)).submit(form(p, "publish"), nil)
	require.Equal(t, "Postern publishes it now.", shown.notice())
	again := func() *page {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			h.http.URL+shown.Find("#live").AttrOr("hx-get", ""), nil)
		require.NoError(t, err)
		req.Header.Set("HX-Request", "true")
		return shown.b.do(req)
	}
	require.False(t, again().has("#notice[hidden]"))
	claimed, err := h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	_, err = h.store.Advance(t.Context(), claimed, store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour),
		Reason: reason.New(reason.PublicAddress, "it does not answer")})
	require.NoError(t, err)
	require.True(t, again().has("#notice[hidden]"))
}

// While the publisher asks the gates of a post anew, the page repeats none of before.
func TestAStepInHandRepeatsNoGate(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	p, err := h.store.Advance(t.Context(), p, store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour),
		Reason: reason.New(reason.CoolDown, "2h", "14:00 UTC")})
	require.NoError(t, err)
	b := h.owner()
	page := b.get(publicationPath(p)).submit(form(p, "publish"), nil)
	require.Equal(t, "Postern publishes it now.", page.notice())
	_, err = h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	require.NotContains(t, b.get(publicationPath(p)).text(".next"), "rests")
}

// A post behind others says so where its own gates open earlier.
func TestAPostBehindOthersSaysSo(t *testing.T) {
	h := furnished(t)
	rest := store.Duration(3 * time.Hour)
	h.set(func(s *store.Settings) { s.CoolDown = &rest })
	h.bring(h.entry("Live"), store.Published)
	first, second := h.entry("First"), h.entry("Second")
	b := h.owner()
	require.NotContains(t, b.get(publicationPath(first)).text(".next"), "go out before it")
	require.Contains(t, b.get(publicationPath(second)).text(".next"),
		"Other posts of the account go out before it. Then Postern prepares it and sends it to Instagram.")
	require.Contains(t, b.get("/posts").text("li:contains(Second)"), "Other posts of the account go out before it.")
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
	h.set(func(s *store.Settings) { s.MinPictures = new(2) })
	page = page.b.get(publicationPath(few))
	require.Equal(t, "Found 1 of at least 2 pictures (“Minimum number of pictures” from the account).",
		page.Find(".next .lead").Text())
	require.Equal(t, "“Minimum number of pictures”", page.text(".next .lead a"))
}

// A post that another feed brought names the other publication, with a link, and offers no order that the store refuses
// as long as that one stands.
func TestAPostFromAnotherFeedNamesTheOther(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	first := h.entry("Quay")
	other, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://other.example/feed", StartRule: "all"})
	require.NoError(t, err)
	other.NextPollAt, other.LastPolledAt = time.Now().Add(time.Hour), time.Now()
	_, err = h.store.SavePosts(t.Context(), other, h.posts, true)
	require.NoError(t, err)
	list, err := h.store.Publications(t.Context(), store.Filter{FeedID: other.ID})
	require.NoError(t, err)
	twin := list[0].Publication
	offers := func(page *page) bool {
		return page.has(`button[formaction$="/publish"], button[formaction$="/approve"]`)
	}
	page := b.get(publicationPath(twin))
	require.Equal(t, fmt.Sprintf("The feed Blog brought the same post: publication %d, waiting to be published.", first.ID),
		page.Find(".next .lead").Text())
	require.Equal(t, fmt.Sprint(first.ID), page.text(`.next .lead a[href="`+publicationPath(first)+`"]`))
	require.Contains(t, page.text(".next"), "To publish this one instead, skip the other one before it goes out.")
	require.False(t, offers(page))
	require.False(t, b.get("/posts?state=skipped").has(`input[name=id]`), "it cannot be put back")
	_, err = h.store.Do(t.Context(), first.ID, store.Order{Command: store.CommandSkip})
	require.NoError(t, err)
	page = b.get(publicationPath(twin))
	require.Contains(t, page.text(".next"), "which was skipped since.")
	require.True(t, offers(page))
	require.Contains(t, page.submit(form(twin, "approve"), nil).notice(), "goes out in its turn")
}

// A skipped post whose filter was taken back says so wherever it is listed, and how it goes out.
func TestAFilterThatIsOverSaysSo(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	h.set(func(s *store.Settings) { s.MinPictures = new(2) })
	few := h.entry("Few")
	few, err := h.store.Advance(t.Context(), h.state(few.ID),
		store.Change{To: store.Skipped, Reason: reason.New(reason.FilterPictures, 1, 2, "account")})
	require.NoError(t, err)
	places := map[string]string{"/": `section[aria-labelledby=skipped]`, "/posts?state=skipped": "#live",
		publicationPath(few): ".next"}
	const over = "Your settings no longer skip it. Postern skipped it earlier for this reason: found 1 of at least 2 " +
		"pictures"
	for path, list := range places {
		require.NotContains(t, b.get(path).text(list), "no longer skip", path)
	}
	h.set(func(s *store.Settings) { s.MinPictures = nil })
	for path, list := range places {
		require.Contains(t, b.get(path).text(list), over, path)
	}
	page := b.get(publicationPath(few))
	require.Contains(t, page.text(".next"), "Postern does not put a skipped post back in the queue by itself.")
	require.NotContains(t, page.text(".next"), "A later change of the filters")
	require.Contains(t, page.submit(form(few, "approve"), nil).notice(), "goes out in its turn")
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
	require.Contains(t, waiting, "When its turn comes, Postern puts it on hold.")
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
	require.False(t, page.has(".phone"), "there is nothing to show")
	require.True(t, page.has("#sent[hidden]"))
	require.Equal(t, "“Publish” is off, from the account; switch it on there, then approve it.",
		page.Find(".next .lead").Text(), "one name for the setting")
	require.NotContains(t, page.text(".next"), "syndicate")
	require.False(t, page.has(".checks"), "the reason says it")
	require.Contains(t, page.text(".settings"), "Publish syndicate no from the account")
	require.Contains(t, page.text(".next"),
		"It stays here until you switch the setting on and approve it, or skip it.")
	require.Contains(t, b.get("/").text("main"), "switch")
	set(nil)
	page = b.get(publicationPath(p))
	require.True(t, page.has("#sent:not([hidden]) .phone"))
	require.True(t, offers("approve"))
	require.Contains(t, b.get("/").text("main"), "fixed")
	require.NotContains(t, b.get("/").text("main"), "switch")
}

// A post that its site removed goes on by itself when it comes back: both lines of its page say so.
func TestARemovedPostWaitsForItsSiteToo(t *testing.T) {
	h := furnished(t)
	p, err := h.store.Advance(t.Context(), h.entry("Quay"), store.Change{To: store.Held, Reason: reason.New(reason.Gone)})
	require.NoError(t, err)
	require.Contains(t, h.owner().get(publicationPath(p)).text(".next"),
		"It stays here until the post comes back to the site, or you approve, publish or skip it.")
}
