package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/shape"
	"postern/store"
)

const addAddress = `form[action="/notices/addresses"]`

func TestNoticesPageShowsWhatIsWrongAndWhatWas(t *testing.T) {
	h := furnished(t)
	v := h.owner()
	p := v.get("/notices")
	require.Contains(t, p.text("main"), "No notices.")
	require.Empty(t, p.text("#wrong .count"))

	_, err := h.acc.Failed(t.Context(), h.account,
		instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("The password was changed.")})
	require.NoError(t, err)
	require.NoError(t, h.options.Notices.Refresh(t.Context()))
	require.Contains(t, v.get("/feeds").text("#wrong .count"), "1", "on every page")
	p = v.get("/notices")
	require.Contains(t, p.text(".card"), "Harbour needs reconnecting: The password was changed.")
	require.Contains(t, p.text(".card"), "Make a new access token")
	require.Equal(t, 1, p.Find(`.card a[href="/accounts"]`).Length())
	require.Equal(t, "/help/instagram#generate-the-access-token", p.Find(".card a.guide").AttrOr("href", ""))

	_, err = h.acc.Reconnect(t.Context(), h.account.ID, token)
	require.NoError(t, err)
	require.NoError(t, h.options.Notices.Refresh(t.Context()))
	p = v.get("/notices")
	require.Contains(t, p.text("main"), "No notices.")
	require.Contains(t, p.text(".card"), "over")
	require.Empty(t, p.text("#wrong .count"))
}

// What Instagram refuses while an account runs leads to the step of the guide that helps, in the notice and on
// the account's card.
func TestRefusalsOfARunningAccountLeadToTheGuide(t *testing.T) {
	h := furnished(t)
	v := h.owner()
	for step, answer := range map[string]instagram.Error{
		"add-the-permissions": {Op: "publish", HTTPStatus: 403, Code: 10,
			Message: "Application does not have permission for this action"},
		"the-token-has-expired": {Op: "create", HTTPStatus: 400, Code: 190, Subcode: 463,
			Message: "Session has expired"},
		"generate-the-access-token": {Op: "create", HTTPStatus: 400, Code: 190, Message: "Cannot parse access token"},
		"the-app-was-deactivated":   {Op: "create", HTTPStatus: 400, Code: 200, Message: "API access deactivated."},
	} {
		a, err := h.store.Account(t.Context(), h.account.ID)
		require.NoError(t, err)
		_, err = h.acc.Failed(t.Context(), a, instagram.Classify(&answer))
		require.NoError(t, err)
		require.NoError(t, h.options.Notices.Refresh(t.Context()))
		require.Equal(t, "/help/instagram#"+step, v.get("/notices").Find(".card a.guide").AttrOr("href", ""))
		require.Equal(t, "/help/instagram#"+step, v.get("/accounts").Find(".card a.guide").AttrOr("href", ""))

		_, err = h.acc.Reconnect(t.Context(), h.account.ID, token)
		require.NoError(t, err)
		require.Zero(t, v.get("/accounts").Find(".card a.guide").Length())
	}
}

func TestAddressesAreAddedTestedAndRemoved(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const secret = "my-secret-topic-4711"
	p := v.get("/notices").submit(addAddress, url.Values{"address": {"https://hooks.example.org/" + secret}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "put generic+ before the address")
	require.NotContains(t, p.Body, secret)

	p = v.get("/notices").submit(addAddress, url.Values{"address": {" ntfy://ntfy.sh/" + secret + "\n"}})
	require.Contains(t, p.notice(), "Postern now also sends notices to ntfy at ntfy.sh.")
	require.NotContains(t, p.Body, secret)
	p = p.submit(`form[action="/notices/addresses/1/test"]`, nil)
	require.Contains(t, p.notice(), "Sent a test to ntfy at ntfy.sh.")
	require.Len(t, h.told, 1)

	h.mute = errors.New("403 for " + secret)
	p = p.submit(`form[action="/notices/addresses/1/test"]`, nil)
	require.Contains(t, p.notice(), "did not take the test: 403 for [secret].")
	require.Contains(t, p.text(".card"), "The last message did not arrive: 403 for [secret].")

	p = p.submit(`form[action="/notices/addresses/1/remove"]`, nil)
	require.Contains(t, p.text("main"), "Notices are shown on this page only.")

	require.NoError(t, h.options.Notices.Configure(t.Context(), []redact.Secret{"ntfy://ntfy.sh/" + secret}))
	all, err := h.store.Addresses(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.FromConfig, all[0].Origin)
	require.Zero(t, v.get("/notices").Find(`form[action$="/remove"]`).Length(), "removed where it is written")
}

// A feed that failed too few times in a row for a notice is told of on the page and in the API alike.
func TestPendingNoticesAreTheSameEverywhere(t *testing.T) {
	h := furnished(t)
	next := time.Now().Add(time.Hour)
	require.NoError(t, h.store.SavePoll(t.Context(), store.Feed{ID: h.feed.ID, Problem: reason.New(reason.FeedNotFound),
		Failures: 1, NextPollAt: next, LastPolledAt: time.Now()}))
	var told []shape.Notice
	h.program(store.ReadScope).get("/api/v1/notices").into(&told)
	require.Len(t, told, 1)
	require.Equal(t, []any{"feed:1", store.Info, ""}, []any{told[0].Cause, told[0].Severity, told[0].OpenedAt})
	require.Contains(t, told[0].Remedy, draft.UpToMinute(next.UTC()).Format("15:04 MST"))
	page := h.owner().get("/notices").text("main")
	require.Contains(t, page, told[0].Text)
	require.Contains(t, page, told[0].Remedy)
	require.NotContains(t, page, "Since")

	require.NoError(t, h.store.SavePoll(t.Context(), store.Feed{ID: h.feed.ID, NextPollAt: next, LastPolledAt: time.Now()}))
	h.program(store.ReadScope).get("/api/v1/notices").into(&told)
	require.Empty(t, told)
}
