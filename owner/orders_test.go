package owner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/owner"
	"postern/reason"
	"postern/store"
)

// setup returns orders on an empty installation with one account, and a function that owes it one more publication.
func setup(t *testing.T) (o *owner.Orders, owe func(media ...store.Media) store.Publication) {
	t.Helper()
	t.Parallel()
	s := doors.Store(t, t.TempDir())
	_, err := s.AddAccount(t.Context(), store.Account{API: store.Instagram, UserID: "17841400000000007",
		Label: "Harbour"},
		func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
	require.NoError(t, err)
	f, err := s.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	var posts []store.Post
	return &owner.Orders{Store: s, By: store.CLI}, func(media ...store.Media) store.Publication {
		t.Helper()
		at := fmt.Sprintf("https://blog.example.org/%d", len(posts))
		if media == nil {
			media = []store.Media{{Type: store.Image, URL: at + ".jpg", Alt: "The quay"}}
		}
		posts = append(posts, store.Post{GUID: at, URL: at, Title: "Title " + at, Text: "Words about " + at,
			PublishedAt: time.Now().Add(time.Duration(len(posts)-100) * time.Hour), Decision: store.Publish,
			Media: media})
		_, err := s.SavePosts(t.Context(), f, posts, true)
		require.NoError(t, err)
		list, err := s.Publications(t.Context(), store.Filter{})
		require.NoError(t, err)
		require.Len(t, list, len(posts))
		return list[len(list)-1].Publication
	}
}

// A decision names what it has changed, also when it changed nothing.
func TestEffects(t *testing.T) {
	o, owe := setup(t)
	hold := func(p store.Publication) store.Publication {
		p, err := o.Store.Advance(t.Context(), p, store.Change{To: store.Held, Reason: reason.New(reason.Approval)})
		require.NoError(t, err)
		return p
	}
	order := func(p store.Publication, c store.Command) owner.Decided {
		t.Helper()
		d, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: c})
		require.NoError(t, err)
		return d
	}
	p := owe()
	for _, step := range []struct {
		command store.Command
		effect  owner.Effect
		state   store.State
	}{
		{store.CommandApprove, owner.AlreadyWaiting, store.Queued},
		{store.CommandHold, owner.Held, store.Held},
		{store.CommandApprove, owner.Approved, store.Queued},
		{store.CommandPublish, owner.Expedited, store.Queued},
		{store.CommandPublish, owner.AlreadyExpedited, store.Queued},
		{store.CommandApprove, owner.Approved, store.Queued}, // no longer at once
		{store.CommandSkip, owner.Skipped, store.Skipped},
		{store.CommandApprove, owner.PutBack, store.Queued},
	} {
		d := order(p, step.command)
		require.Equal(t, step.effect, d.Effect, step.command)
		require.Equal(t, step.state, d.After.State, step.command)
	}
	failed, err := o.Store.Advance(t.Context(), owe(), store.Change{To: store.Failed, Reason: reason.Text("refused")})
	require.NoError(t, err)
	require.Equal(t, owner.Retried, order(failed, store.CommandRetry).Effect)

	_, err = o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "approve", Text: "true"}})
	require.NoError(t, err)
	byHand := owe()
	require.Equal(t, owner.Approved, order(byHand, store.CommandApprove).Effect, "it would have waited for approval")
	require.Equal(t, owner.AlreadyWaiting, order(byHand, store.CommandApprove).Effect)
	waits := hold(owe())
	a, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "approve", Text: ""}})
	require.NoError(t, err)
	require.Equal(t, []int64{waits.ID}, a.StayHeld, "switching approval off lets nothing out")
}

// An order does not promise what is known to be impossible.
func TestDecisionsNameWhatKeepsAPostFromGoingOut(t *testing.T) {
	o, owe := setup(t)
	_, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "truncate", Text: "no"},
		{Setting: "format_string", Text: strings.Repeat("long ", 600)}})
	require.NoError(t, err)
	fits := "Low tide"
	for _, c := range []store.Command{store.CommandApprove, store.CommandPublish} {
		p, err := o.Store.Advance(t.Context(), owe(),
			store.Change{To: store.Held, Reason: reason.New(reason.CaptionTooLong, 3000, 2200, "account")})
		require.NoError(t, err)
		d, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: c})
		require.NoError(t, err)
		require.Equal(t, store.Queued, d.After.State)
		require.Equal(t, reason.CaptionTooLong, d.Stopped.Code, c)

		d, err = o.Decide(t.Context(), p.ID, owner.Decision{Command: c, Edit: &owner.Edit{Caption: &fits}})
		require.NoError(t, err)
		require.Zero(t, d.Stopped, "with a caption that fits it goes out")
	}
	_, err = o.SetAccount(t.Context(), 1, []owner.Value{{Setting: "truncate"}, {Setting: "format_string"}})
	require.NoError(t, err)
	for _, c := range []store.Command{store.CommandApprove, store.CommandPublish} {
		p := owe()
		look, err := o.Store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
		require.NoError(t, err)
		look.Checks = []store.Check{{ID: "media.url.not-found", Severity: store.Blocks,
			Text: "there is no picture at a.jpg"}}
		require.NoError(t, o.Store.SavePreflight(t.Context(), look))
		d, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: c})
		require.NoError(t, err)
		require.Zero(t, d.Stopped)
		require.Equal(t, "there is no picture at a.jpg", d.Blocked.Text, c)
		queue, err := o.Store.QueueOf(t.Context(), 1, 10)
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(queue, func(w store.Waiting) bool { return w.ID == p.ID && w.Blocked }))
		_, err = o.Edit(t.Context(), p.ID, store.Queued,
			owner.Edit{Pictures: &[]store.EditedMedia{{URL: d.After.Post.Media[0].URL, Alt: &fits}}})
		require.NoError(t, err)
		queue, err = o.Store.QueueOf(t.Context(), 1, 10)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(queue, func(w store.Waiting) bool { return w.Blocked }),
			"it is looked at anew")
	}
	d, err := o.Decide(t.Context(), owe().ID, owner.Decision{Command: store.CommandHold})
	require.NoError(t, err)
	require.Zero(t, d.Stopped, "it was not to go out")
}

// An answer says what will happen: a setting that stops the post, a filter that no longer does, whose hold it is.
func TestDecisionsSayWhatHappens(t *testing.T) {
	o, owe := setup(t)
	set := func(setting, text string) {
		_, err := o.SetAccount(t.Context(), 1, []owner.Value{{Setting: setting, Text: text}})
		require.NoError(t, err)
	}
	order := func(p store.Publication, c store.Command) owner.Decided {
		t.Helper()
		d, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: c})
		require.NoError(t, err)
		return d
	}
	set("exclude_keywords", "words")
	p := owe()
	require.Equal(t, reason.FilterExcluded, order(p, store.CommandApprove).Overrides.Code)
	require.Zero(t, order(p, store.CommandPublish).Overrides, "said once")
	require.Equal(t, reason.FilterExcluded, order(owe(), store.CommandPublish).Overrides.Code)
	require.Zero(t, order(owe(), store.CommandHold).Overrides)
	set("exclude_keywords", "")

	set("syndicate", "false")
	for _, c := range []store.Command{store.CommandApprove, store.CommandPublish} {
		d := order(owe(), c)
		require.Equal(t, store.Queued, d.After.State)
		require.Equal(t, reason.SyndicateOff, d.Stopped.Code, c)
	}
	set("syndicate", "")
	require.Zero(t, order(owe(), store.CommandApprove).Stopped)

	p, err := o.Store.Advance(t.Context(), owe(), store.Change{To: store.Held, Reason: reason.New(reason.Approval)})
	require.NoError(t, err)
	require.Equal(t, reason.HeldByOwner, order(p, store.CommandHold).After.Reason.Code)
	_, err = o.Decide(t.Context(), p.ID, owner.Decision{Command: store.CommandHold})
	require.ErrorIs(t, err, store.ErrIllegal)
	p, err = o.Store.Advance(t.Context(), owe(), store.Change{To: store.Held, Reason: reason.New(reason.MediaRemoved)})
	require.NoError(t, err)
	_, err = o.Decide(t.Context(), p.ID, owner.Decision{Command: store.CommandHold})
	require.ErrorContains(t, err, "is already on hold: the site removed its pictures and videos")
}

func TestRefusals(t *testing.T) {
	o, owe := setup(t)
	p := owe()
	long := strings.Repeat("long ", 600)
	for _, c := range []struct {
		owner.Decision
		want error
	}{
		{owner.Decision{Command: store.CommandRetry, Shown: store.Unconfirmed}, owner.ErrMayBeLive},
		{owner.Decision{Command: store.CommandConfirm, Permalink: "instagram.com/p/ABC"}, owner.ErrPermalink},
		{owner.Decision{Command: store.CommandConfirm}, store.ErrIllegal},
		{owner.Decision{Command: store.CommandSkip, Shown: store.Held}, store.ErrConflict},
		{owner.Decision{Command: store.CommandHold, Edit: &owner.Edit{Pictures: &[]store.EditedMedia{}}},
			owner.ErrNoPicture},
	} {
		_, err := o.Decide(t.Context(), p.ID, c.Decision)
		require.ErrorIs(t, err, c.want)
	}
	_, err := o.Decide(t.Context(), p.ID, owner.Decision{Command: store.CommandHold, Edit: &owner.Edit{Caption: &long}})
	edit := new(owner.EditError)
	require.ErrorAs(t, err, &edit)
	require.Equal(t, store.Queued, edit.State)
	now, err := o.Store.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, p, now, "nothing was changed")
	_, err = o.Decide(t.Context(), 99, owner.Decision{Command: store.CommandHold})
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = o.AnswerStart(t.Context(), 1, "perhaps")
	require.ErrorIs(t, err, owner.ErrStartAnswer)
	unknown := new(owner.SettingError)
	_, err = o.SetRoute(t.Context(), 1, 1, true, []owner.Value{{Setting: "quiet", Text: "22:00-07:00"}})
	require.ErrorAs(t, err, &unknown)
	require.True(t, unknown.Unknown)
}

// A form that is sent back as it was shown is no edit: caption and pictures go on following the site.
func TestUnchangedFormsAreNoEdits(t *testing.T) {
	o, owe := setup(t)
	p := owe(store.Media{Type: store.Image, URL: "https://blog.example.org/a.jpg", Alt: "A boat"},
		store.Media{Type: store.Image, URL: "https://blog.example.org/b.jpg", Alt: "A quay"})
	pictures := func(alts ...string) *[]store.EditedMedia {
		return &[]store.EditedMedia{{URL: "https://blog.example.org/a.jpg", Alt: &alts[0]},
			{URL: "https://blog.example.org/b.jpg", Alt: &alts[1]}}
	}
	shown, other := "as it was shown", "another one"
	for _, c := range []struct {
		name string
		edit owner.Edit
		want owner.Edited
	}{
		{"nothing", owner.Edit{}, owner.Edited{}},
		{"caption as shown", owner.Edit{IsForm: true, Caption: &shown, ShownCaption: owner.CaptionMark(shown)},
			owner.Edited{}},
		{"pictures as shown", owner.Edit{IsForm: true, Pictures: pictures("A boat", "A quay")}, owner.Edited{}},
		{"another caption", owner.Edit{IsForm: true, Caption: &other, ShownCaption: owner.CaptionMark(shown)},
			owner.Edited{Caption: true}},
		{"another alt text", owner.Edit{IsForm: true, Pictures: pictures("A boat", "The quay")},
			owner.Edited{Pictures: true}},
		{"both follow the site", owner.Edit{IsForm: true, CaptionFollows: true, PicturesFollow: true},
			owner.Edited{Caption: true, Pictures: true}},
		{"a program's caption", owner.Edit{Caption: &shown}, owner.Edited{Caption: true}},
	} {
		got, err := o.Edit(t.Context(), p.ID, store.Queued, c.edit)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	old := int64(0)
	_, err := o.Edit(t.Context(), p.ID, store.Queued, owner.Edit{Caption: &other, Revision: &old})
	require.ErrorIs(t, err, store.ErrConflict, "someone edited it meanwhile")
	_, err = o.Edit(t.Context(), p.ID, store.Held, owner.Edit{})
	require.ErrorIs(t, err, store.ErrConflict)
}
