package page

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
	"postern/words"
)

// effectWords describes the result of a button. date is the post's date while it is in the future, else "".
func effectWords(e owner.Effect, date string) string {
	switch e {
	case owner.Expedited, owner.AlreadyExpedited:
		return words.DonePublish
	case owner.Approved, owner.AlreadyWaiting:
		return words.DoneApprove(date)
	case owner.PutBack:
		return words.DonePutBack(date)
	case owner.Held:
		return words.DoneHold
	case owner.Skipped:
		return words.DoneSkip
	case owner.Retried:
		return words.DoneRetry
	case owner.Confirmed:
		return words.DoneConfirm
	}
	return ""
}

// blockedWords is effectWords for a publication whose media cannot be published as they are.
func blockedWords(e owner.Effect) string {
	switch e {
	case owner.Approved, owner.AlreadyWaiting:
		return words.DoneApproveBlocked
	case owner.PutBack:
		return words.DonePutBackBlocked
	}
	return words.DoneRetryBlocked
}

// decidedWords describes what a decision changed and what the publication waits for now.
func decidedWords(d owner.Decided, now time.Time) string {
	if !d.Stopped.IsZero() {
		return words.DoneStopped(clauseFor(d.After, d.Stopped))
	}
	now = inZone(d.After, now)
	text := effectWords(d.Effect, dateAhead(d.After, now))
	if d.After.State != store.Queued {
		return text
	}
	switch d.Effect {
	case owner.Expedited, owner.AlreadyExpedited, owner.Retried:
		text = cmp.Or(waitsFirst(d.After, now), text)
	}
	if d.Blocked.ID != "" {
		text = blockedWords(d.Effect)
	}
	text = cmp.Or(haltedWords(d.After, now), text)
	if !d.Overrides.IsZero() {
		text = words.Text(text, words.DoneOverrides(clauseFor(d.After, d.Overrides)))
	}
	return text
}

// clauseFor returns a publication's reason as a clause for use within another sentence, with settings named by the
// labels of their form fields.
func clauseFor(l store.Listed, why reason.Reason) string {
	return clauseOf(why).onForm(l.AccountID, l.Post.FeedID).String()
}

// dateAhead returns the date until which a queued post is held back; "" when the date has passed.
func dateAhead(l store.Listed, now time.Time) string {
	if !l.Post.NotBefore.After(now) {
		return ""
	}
	return newMoment(l.Post.NotBefore, now).At
}

// waitsFirst returns why a publication with "publish now" still has to wait: its account, Instagram's limit, or
// another publication of the account that is in progress. It returns "" for none. Forecast must have computed l's
// next step.
func waitsFirst(l store.Listed, now time.Time) string {
	at := draft.Clock(l.ReadyAt.In(now.Location()), now)
	switch {
	case isResting(l.Account, now):
		return words.DoneAfterRest(l.Account.Name(), at)
	case l.ReasonNow.Is(reason.QuotaFull, reason.QuotaAsked):
		return words.DoneAfterQuota(sentence(l.ReasonNow.String()))
	case l.ReadyAt.After(now.Add(time.Minute)):
		return words.DoneAfterBegun(l.Account.Name(), at)
	}
	return ""
}

// isResting reports whether Instagram has asked for a pause of all calls for this account.
func isResting(a store.Account, now time.Time) bool {
	return a.Trouble == store.Wait && a.WaitUntil.After(now)
}

// command returns the handler of one of a publication's buttons.
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
		if asked, err := s.asksAboutDate(w, r, id, d); asked || err != nil {
			return err
		}
		done, err := s.orders.Decide(r.Context(), id, d)
		var edit *owner.EditError
		// A change of state in the meantime takes precedence over the edit's own error.
		if errors.As(err, &edit) && edit.State != shown {
			d.Edit = nil
			done, err = s.orders.Decide(r.Context(), id, d)
		}
		bad := func(message string) error {
			return s.showPublication(w, r, id, http.StatusUnprocessableEntity, &notice{Bad: true, Text: message}, nil)
		}
		switch {
		case errors.Is(err, owner.ErrMayBeLive):
			return bad(words.NotDoneMayBeLive)
		case errors.Is(err, owner.ErrPermalink):
			return bad(words.NotDonePermalink)
		case errors.As(err, &edit):
			return s.refuseEdits(w, r, id, err)
		case err != nil:
			return s.overtaken(w, r, id, err)
		}
		text := naming(decidedWords(done, time.Now()), s.pictures.instagram(done.After.Account), true)
		if done.Unsaved != nil {
			text = words.Text(text, words.NotSavedBecause(sentence(done.Unsaved.Error())))
			return s.showPublication(w, r, id, http.StatusOK, &notice{Text: text}, typedCaption(r))
		}
		return s.done(w, r, publicationLink(id), notice{Text: text})
	}
}

// asksAboutDate shows the page again with a question when Approve would schedule a post more than a year ahead and
// the owner has not confirmed the date.
func (s *Server) asksAboutDate(w http.ResponseWriter, r *http.Request, id int64, d owner.Decision) (bool, error) {
	if d.Command != store.CommandApprove {
		return false, nil
	}
	l, err := s.store.Listed(r.Context(), id)
	if err != nil {
		return false, err
	}
	date := farDate(l, time.Now())
	if date == "" || date == r.URL.Query().Get(dateMeant) || l.State != d.Shown {
		return false, nil
	}
	button := ifElse(l.State == store.Skipped, words.PagePutBackInTheQueue, words.PageApprove)
	asks := r.Clone(r.Context())
	asks.URL.RawQuery = dateMeant + "=" + date
	return true, s.showPublication(w, asks, id, http.StatusUnprocessableEntity, &notice{Bad: true,
		Text: words.DateFarAhead(dateAhead(l, time.Now()), button)}, typedCaption(r))
}

// publicationForm reads the fields that every form about a publication sends: its id and the state that the page
// showed. A form without that state is refused, because its sender may not have seen the current one.
func (s *Server) publicationForm(r *http.Request) (id int64, shown store.State, err error) {
	if id, err = pathID(r); err != nil {
		return 0, "", err
	}
	if err := r.ParseForm(); err != nil {
		return 0, "", err
	}
	// A button in a part that htmx replaces sends its own state; the form around it may be older.
	if shown = store.State(cmp.Or(r.PostForm.Get("shown"), r.PostForm.Get("state"))); shown == "" {
		shown = "not shown"
	}
	return id, shown, nil
}

// overtaken shows the current publication when the form was sent for an older state. It keeps the caption that was
// typed.
func (s *Server) overtaken(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	var typed *string
	if text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n"); r.PostForm.Has("caption") &&
		owner.CaptionMark(text) != r.PostForm.Get("caption_shown") {
		typed = &text
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true,
			Text: words.NotDoneChanged}, typed)
	case errors.Is(err, store.ErrIllegal):
		return s.showPublication(w, r, id, http.StatusConflict,
			&notice{Bad: true, Text: words.NotDone(plain(err))}, typed)
	}
	return err
}

// plain returns a store error for people, without the sentinel text that programs match.
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
			&notice{Bad: true, Text: words.NotChecked(sentence(err.Error()))}, nil)
	case err != nil:
		return s.overtaken(w, r, id, err)
	}
	if p.State == store.Published {
		return s.done(w, r, publicationLink(id), notice{Text: words.DoneCheckLive})
	}
	return s.done(w, r, publicationLink(id), notice{Text: words.DoneCheck})
}
