package page

import (
	"net/http"
	"slices"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

type styleguideView struct {
	frame
	Colours  []string
	Icons    []string
	Badges   []badge
	Notices  []notice
	Rows     []row
	Cards    []card
	Phone    phone
	History  []happening
	Feeds    []feedCard
	Form     feedForm
	Moments  []moment
	Checks   []checkView
	Accounts []accountCard
	States   []choice
}

// styleguide shows every component in every state, with invented data. Only the demo serves it.
func (s *Server) styleguide(w http.ResponseWriter, r *http.Request) error {
	now := time.Now()
	list, err := s.store.LastPublications(r.Context(), 4)
	if err != nil {
		return err
	}
	v := newStyleguide(now)
	for _, l := range list { // use real pictures as soon as there are some
		v.Cards = append(v.Cards, s.pictures.card(l, now))
	}
	v.Accounts[0].Latest = v.Cards
	v.Cards = append(v.Cards, card{Link: "#", Title: words.GuideReel,
		Thumb: thumb{Video: true, File: "waves.mp4"}, Account: "Harbour", At: newMoment(now.Add(-26*time.Hour), now)})
	v.frame = s.frame(r, "Style guide", "")
	return s.render(w, r, http.StatusOK, styleguideTempl(v))
}

func newStyleguide(now time.Time) styleguideView {
	v := styleguideView{
		Colours: []string{"paper", "raise", "ink", "soft", "line", "accent", "good", "ask", "bad"},
		Form:    feedForm{Address: "https://example.org", Label: "Harbour light", Start: "last", Last: "3"},
		Notices: []notice{
			{Text: words.DoneEditCaption},
			{Bad: true, Text: words.NotDoneChanged},
			{Bad: true, Text: words.CheckedBad("Harbour", 1), Findings: []finding{
				{Check: "token", OK: true, Detail: words.GuideToken},
				{Check: "quota", Detail: words.GuideQuota, Remedy: words.TryLater},
			}},
		},
		Phone: phone{Name: "harbour", Start: words.GuideCaption, Rest: words.GuideLink,
			Slides: []slide{{Thumb: thumb{File: "quay.jpg"}, Nth: "1/2"},
				{Thumb: thumb{Video: true, File: "gulls.mp4"}, Nth: "2/2"}}},
		Feeds: []feedCard{
			{ID: 1, Name: "Harbour light", Address: "https://example.org/feed.xml",
				Link: "https://example.org/feed.xml", Last: newMoment(now.Add(-4*time.Minute), now),
				Next: newMoment(now.Add(time.Minute), now), Start: words.StartsWithAll, TakenBy: []string{"Harbour"},
				PauseVerb: "pause", PauseWord: "Pause"},
			{ID: 2, Name: words.GuideFeed, Address: "https://example.net/feed", Problem: words.GuideProblem,
				Failures: words.PageFeedFailures(3),
				Paused:   true, Start: words.StartsFrom(now), PauseVerb: "resume", PauseWord: "Resume"},
		},
		States: []choice{{"", "everything", true}, {"held", "held", false}},
	}
	v.Checks = newChecks([]store.Check{
		{ID: "media.url.not-found", Severity: store.Blocks, Text: words.GuideMissing,
			Remedy: words.FixMediaURLNotFound},
		{ID: "media.image.format", Severity: store.Repaired, Text: words.FoundNeedsConverting("quay.png")},
		{ID: "alt.missing", Severity: store.Noted, Text: words.FoundAltMissing("quay.png"),
			Remedy: words.FixAltMissing},
	})
	v.Accounts = newAccountsView([]store.Account{
		{ID: 901, Label: "Harbour", Username: "harbour", UserID: "17841400000000007",
			TokenExpiresAt: now.Add(51*24*time.Hour + time.Hour), TokenAt: now.Add(-9 * 24 * time.Hour), QuotaUsed: 12,
			QuotaTotal: 100, QuotaAt: now.Add(-20 * time.Minute)},
		{ID: 902, Label: "In trouble", Username: "second.light", API: store.Sandbox, Trouble: store.Reconnect,
			Problem: reason.New(reason.InstagramTokenPassword, "", "")},
	}, 0, now).Accounts
	for name := range icons {
		v.Icons = append(v.Icons, name)
	}
	slices.Sort(v.Icons)
	thumbs := []thumb{{File: "quay.jpg"}, {Video: true, File: "gulls.mp4"}}
	for i, state := range store.States {
		l := store.Listed{Publication: store.Publication{State: state}, Account: store.Account{Label: "Harbour"}}
		v.Badges = append(v.Badges, newBadge(state))
		v.Rows = append(v.Rows, row{Link: "#", Title: words.GuideTitle, Thumb: thumbs[i%2], Account: "Harbour",
			Feed: "Harbour light", Badge: newBadge(state), Then: newPictures(nil).nextWords(l, "", now)})
	}
	v.Rows[0].Due = newMoment(now.Add(12*time.Minute), now)
	v.Rows[1].Reason = sayingIn(words.GuideReason)
	for _, d := range []time.Duration{0, 12 * time.Minute, -3 * time.Hour, -60 * 24 * time.Hour} {
		v.Moments = append(v.Moments, newMoment(now.Add(d), now))
	}
	for _, e := range []store.Event{
		{At: now, Actor: store.System, Kind: "found", To: store.Queued},
		{At: now, Actor: store.Visitor, Kind: "note", From: store.Queued, To: store.Held, Message: words.GuideHeld},
		{At: now, Actor: store.System, From: store.Queued, To: store.Failed, Code: 352, Subcode: 2207026,
			TraceID: "AbCdEf", Message: words.GuideRefusal},
		{At: now, Actor: store.System, From: store.Publishing, To: store.Published, Message: "published"},
	} {
		v.History = append([]happening{newHappening(e, now)}, v.History...)
	}
	return v
}
