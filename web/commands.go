package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"postern/draft"
	"postern/owner"
	"postern/reason"
	"postern/store"
)

// effectWords says what a button has done.
var effectWords = map[owner.Effect]string{
	owner.Expedited:        "Postern publishes it now.",
	owner.AlreadyExpedited: "Postern publishes it now.",
	owner.Approved:         "Approved. It goes out in its turn.",
	owner.AlreadyWaiting:   "Approved. It goes out in its turn.",
	owner.PutBack:          "Back in the queue. It goes out in its turn.",
	owner.Held:             "On hold. It stays here until you approve, publish or skip it.",
	owner.Skipped:          "Skipped. It will not be published unless you say so.",
	owner.Retried:          "Postern tries it again from the start.",
	owner.Confirmed:        "Kept as published.",
}

// blockedWords says what a button has done where the media of the publication cannot be taken as they are.
var blockedWords = map[owner.Effect]string{
	owner.Approved: "Approved.", owner.AlreadyWaiting: "Approved.", owner.PutBack: "Back in the queue.",
}

// decidedWords says what a decision has changed, and what the publication waits for.
func decidedWords(d owner.Decided, now time.Time) string {
	if !d.Stopped.IsZero() {
		return "It does not go out: " + d.Stopped.String() + "."
	}
	words := effectWords[d.Effect]
	if d.After.State != store.Queued {
		return words
	}
	if date := dateAhead(d.After, now); date != "" {
		words = strings.Replace(words, "in its turn", "in its turn after its date, "+date, 1)
	}
	switch d.Effect {
	case owner.Expedited, owner.AlreadyExpedited, owner.Retried:
		words = cmp.Or(waitsFirst(d.After, now), words)
	}
	if d.Blocked.ID != "" {
		words = cmp.Or(blockedWords[d.Effect], "Postern tries it again now.") +
			" It goes out when the problem with its media is fixed."
	}
	words = cmp.Or(haltedWords(d.After, now), words)
	if !d.Overrides.IsZero() {
		words += " This overrides a filter: " + d.Overrides.String() + "."
	}
	return words
}

// dateAhead returns the date that keeps a post waiting in its turn; "" when its date has come.
func dateAhead(l store.Listed, now time.Time) string {
	if !l.Post.NotBefore.After(now) {
		return ""
	}
	return newMoment(l.Post.NotBefore, now).At
}

// waitsFirst says what a publication that was asked for at once waits for all the same: its account, Instagram's
// limit or what the account has in flight; "" for nothing. Forecast has computed when it goes out.
func waitsFirst(l store.Listed, now time.Time) string {
	at := draft.Clock(l.ReadyAt.In(now.Location()), now)
	switch {
	case isResting(l.Account, now):
		return "Postern publishes it when Instagram takes calls for " + l.Account.Name() + " again, at about " + at +
			"."
	case l.ReasonNow.Is(reason.QuotaFull, reason.QuotaAsked):
		return "Postern publishes it when Instagram takes more posts. " + sentence(l.ReasonNow.String())
	case l.ReadyAt.After(now.Add(time.Minute)):
		return "Postern publishes it after another post of " + l.Account.Name() + " that it has begun with, at about " +
			at + "."
	}
	return ""
}

// isResting reports whether Instagram wants no calls for an account for a while.
func isResting(a store.Account, now time.Time) bool {
	return a.Trouble == store.Wait && a.WaitUntil.After(now)
}

// command answers one of the buttons of a publication.
func (s *Server) command(c store.Command) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, shown, err := s.publicationForm(r)
		if err != nil {
			return err
		}
		d := owner.Decision{Command: c, Shown: shown, Edit: editOf(r)}
		switch c {
		case store.CommandRetry:
			d.NotLive = r.PostForm.Get("not_live") == "yes"
		case store.CommandConfirm:
			d.Permalink = strings.TrimSpace(r.PostForm.Get("permalink"))
		}
		done, err := s.orders.Decide(r.Context(), id, d)
		var edit *owner.EditError
		if errors.As(err, &edit) && edit.State != shown { // that it has changed comes first
			d.Edit = nil
			done, err = s.orders.Decide(r.Context(), id, d)
		}
		bad := func(message string) error {
			return s.showPublication(w, r, id, http.StatusUnprocessableEntity, &notice{Bad: true, Text: message}, nil)
		}
		switch {
		case errors.Is(err, owner.ErrMayBeLive):
			return bad("Nothing was done. It may be live: look at the profile, then tick the box if it is not there.")
		case errors.Is(err, owner.ErrPermalink):
			return bad("Nothing was done. The address of the post starts with https://. Leave it empty if you do not know it.")
		case errors.As(err, &edit):
			return s.refuseEdits(w, r, id, err)
		case err != nil:
			return s.overtaken(w, r, id, err)
		}
		words := naming(decidedWords(done, time.Now()), s.pictures.instagram(done.After.Account), true)
		if done.Unsaved != nil {
			words += " Your changes were not saved: " + sentence(done.Unsaved.Error())
			return s.showPublication(w, r, id, http.StatusOK, &notice{Text: words}, typedCaption(r))
		}
		return s.done(w, r, publicationLink(id), notice{Text: words})
	}
}

// publicationForm reads what every form about a publication sends. A form without the state it showed could decide
// about something its sender never saw.
func (s *Server) publicationForm(r *http.Request) (id int64, shown store.State, err error) {
	if id, err = pathID(r); err != nil {
		return 0, "", err
	}
	if err := r.ParseForm(); err != nil {
		return 0, "", err
	}
	// A button of the part that is read again says the state it shows; the form around the fields may be older.
	if shown = store.State(cmp.Or(r.PostForm.Get("shown"), r.PostForm.Get("state"))); shown == "" {
		shown = "not shown"
	}
	return id, shown, nil
}

// overtaken shows the publication as it stands when a form came too late for it.
// A caption that was typed there is not lost.
func (s *Server) overtaken(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	var typed *string
	if text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n"); r.PostForm.Has("caption") &&
		owner.CaptionMark(text) != r.PostForm.Get("caption_shown") {
		typed = &text
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true,
			Text: "Nothing was done. This post changed meanwhile. Here is its current state."}, typed)
	case errors.Is(err, store.ErrIllegal):
		return s.showPublication(w, r, id, http.StatusConflict,
			&notice{Bad: true, Text: "Nothing was done. " + plain(err)}, typed)
	}
	return err
}

// plain is an error of the store for its reader, without the words that programs match.
func plain(err error) string {
	return sentence(strings.TrimSuffix(err.Error(), ": "+store.ErrIllegal.Error()))
}

func (s *Server) checkAgain(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	p, err := s.orders.CheckAgain(r.Context(), id, shown)
	var check *owner.CheckError
	switch {
	case errors.As(err, &check):
		return s.showPublication(w, r, id, http.StatusBadGateway,
			&notice{Bad: true, Text: "Postern could not look: " + sentence(err.Error())}, nil)
	case err != nil:
		return s.overtaken(w, r, id, err)
	}
	if p.State == store.Published {
		return s.done(w, r, publicationLink(id), notice{Text: "It is live. Kept as published."})
	}
	return s.done(w, r, publicationLink(id), notice{Text: "Postern looked again and found no sign that settles it."})
}
