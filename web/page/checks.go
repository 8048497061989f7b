package page

import (
	"context"
	"errors"
	"slices"
	"strings"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// checkView is one finding of the preflight.
type checkView struct {
	ID     string
	Tone   string // tone of its badge
	Word   string
	Text   saying
	Remedy saying
}

// checks returns the preflight findings of a publication, with only those remedies that are still possible.
func (s *Server) checks(ctx context.Context, d publicationData) ([]store.Check, error) {
	all, err := s.found(ctx, d)
	return draft.Possible(all, d.listed.State), err
}

// found returns the preflight findings of a publication, the most serious first.
func (s *Server) found(ctx context.Context, d publicationData) ([]store.Check, error) {
	sent := d.listed.Kind != "" // Once media are at Instagram, only findings about converted files still matter.
	all := append(slices.Clone(d.draft.Checks), d.listed.Preflight.Checks...)
	if !sent {
		all = draft.Checks(d.draft, d.fault, d.listed.Preflight, s.address.For(d.listed.Account.API).Folder())
	}
	if !s.address.None() {
		all = slices.DeleteFunc(all, func(c store.Check) bool { return c.ID == draft.OnlyHere })
	}
	if sent || d.draft.Caption.Text == "" {
		return all, nil
	}
	same, err := s.store.SameCaption(ctx, d.listed.AccountID, d.draft.Caption.Text, d.listed.PostID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return all, nil
	case err != nil:
		return nil, err
	}
	return append(all, draft.Repeated(same)), nil
}

// unsaid returns the checks without those that the publication's reason already states together with a remedy.
func unsaid(checks []store.Check, l store.Listed) []store.Check {
	switch why := publisher.Why(l); {
	case why.Is(reason.SyndicateOff):
		checks = slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool { return c.ID == "post.syndicate" })
	case why.Is(reason.CaptionTooLong, reason.EditTooLong):
		checks = slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool {
			return c.ID == "caption.too-long" && c.Severity == store.Blocks
		})
	}
	if _, remedy := l.Reason.Parts(); remedy == "" {
		return checks
	}
	said := l.Reason.String()
	return slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool {
		return c.Severity == store.Blocks && c.ID == l.Reason.Rule() && strings.Contains(said, c.Text)
	})
}

func newChecks(all []store.Check) []checkView {
	tones := map[store.CheckSeverity][2]string{store.Blocks: {"bad", words.PageInTheWay},
		store.Repaired: {"good", "repaired"}, store.Noted: {"off", "note"}}
	var views []checkView
	for _, c := range all {
		t, text := tones[c.Severity], sayingIn
		if draft.NamesPublication(c.ID) {
			text = linkedSayingIn
		}
		views = append(views, checkView{ID: c.ID, Tone: t[0], Word: t[1], Text: text(sentence(c.Text)).labelled(),
			Remedy: sayingIn(sentence(c.Remedy)).labelled()})
	}
	return views
}

// obstacle returns the preflight finding that would keep a waiting publication from being published. It returns ""
// when there is none or when the publication's reason already states it.
func obstacle(l store.Listed) string {
	c, blocked := publisher.InTheWay(l)
	if !blocked || publisher.Why(l).SaysWhatIsInTheWay() || len(unsaid([]store.Check{c}, l)) == 0 {
		return ""
	}
	return sentence(c.Text)
}
