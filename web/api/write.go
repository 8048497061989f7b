package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"postern/owner"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// What a program decides is told in the history as the owner's: it has the owner's token.

// decision is what a command about a publication needs.
type decision struct {
	State     store.State `json:"state"`     // as it was read: nobody decides about a state they have not seen
	NotLive   bool        `json:"not_live"`  // retry of an unconfirmed one
	Permalink string      `json:"permalink"` // confirm, if known
	Caption   *string     `json:"caption"`   // publish, approve, hold: instead of the one there is; nil leaves it
}

// decisionOf reads a body with the state, and other fields for those commands that know them.
func decisionOf(r *http.Request, c store.Command) (d decision, err error) {
	switch c {
	case store.CommandRetry:
		var b struct {
			State   store.State `json:"state"`
			NotLive bool        `json:"not_live"`
		}
		err = readBody(r, &b)
		d.State, d.NotLive = b.State, b.NotLive
	case store.CommandConfirm:
		var b struct {
			State     store.State `json:"state"`
			Permalink string      `json:"permalink"`
		}
		err = readBody(r, &b)
		d.State, d.Permalink = b.State, strings.TrimSpace(b.Permalink)
	case store.CommandPublish, store.CommandApprove, store.CommandHold:
		var b struct {
			State   store.State `json:"state"`
			Caption *string     `json:"caption"`
		}
		err = readBody(r, &b)
		d.State, d.Caption = b.State, b.Caption
	default:
		var b struct {
			State store.State `json:"state"`
		}
		err = readBody(r, &b)
		d.State = b.State
	}
	switch {
	case err != nil:
		return d, err
	case !slices.Contains(store.States, d.State):
		return d, refuse(http.StatusUnprocessableEntity, words.APIStateMissing(stateNames()))
	case len(d.Permalink) > maxText:
		return d, decisionRefused(owner.ErrPermalink)
	}
	return d, nil
}

// decisionRefused returns what a program is told about a decision that is not carried out.
func decisionRefused(err error) error {
	var edit *owner.EditError
	switch {
	case errors.Is(err, owner.ErrMayBeLive):
		return refuse(http.StatusUnprocessableEntity, words.APIMayBeLive)
	case errors.Is(err, owner.ErrPermalink):
		return refuse(http.StatusUnprocessableEntity, words.APIPermalinkInvalid)
	case errors.As(err, &edit):
		return refuse(http.StatusUnprocessableEntity, err.Error())
	}
	return err
}

// decide carries out a person's command on a publication.
func (s *Server) decide(c store.Command) handler {
	return func(r *http.Request, _ query) (int, any, error) {
		id, err := s.publicationID(r)
		if err != nil {
			return 0, nil, err
		}
		d, err := decisionOf(r, c)
		if err != nil {
			return 0, nil, err
		}
		o := owner.Decision{Command: c, Shown: d.State, NotLive: d.NotLive, Permalink: d.Permalink}
		if d.Caption != nil {
			o.Edit = &owner.Edit{Caption: d.Caption}
		}
		done, err := s.orders.Decide(r.Context(), id, o)
		if err != nil {
			return 0, nil, decisionRefused(err)
		}
		return s.listed(r.Context(), done.After)
	}
}

// checkAgain looks once more for an unconfirmed publication.
func (s *Server) checkAgain(r *http.Request, _ query) (int, any, error) {
	id, err := s.publicationID(r)
	if err != nil {
		return 0, nil, err
	}
	d, err := decisionOf(r, "check")
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.orders.AskTime)
	defer cancel()
	_, err = s.orders.CheckAgain(ctx, id, d.State)
	var check *owner.CheckError
	switch {
	case errors.As(err, &check):
		return 0, nil, refuse(http.StatusBadGateway, words.APINotChecked(err.Error()))
	case err != nil:
		return 0, nil, err
	}
	l, err := s.store.Listed(r.Context(), id)
	if err != nil {
		return 0, nil, err
	}
	return s.listed(r.Context(), l)
}

func (s *Server) listed(ctx context.Context, l store.Listed) (int, any, error) {
	views, err := shape.Publications(ctx, s.store, []store.Listed{l})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, views[0], nil
}

// addedFeed is a feed that was added, with what goes out of the posts that were there.
type addedFeed struct {
	shape.Feed
	WillPublish shape.WillPublish `json:"will_publish"`
}

func (s *Server) addFeed(r *http.Request, _ query) (int, any, error) {
	var b struct {
		URL   string `json:"url"`
		Label string `json:"label"`
		Start string `json:"start"`
		Daily bool   `json:"daily"`
		Hold  bool   `json:"hold"`
	}
	if err := readBody(r, &b); err != nil {
		return 0, nil, err
	}
	b.URL, b.Label, b.Start = strings.TrimSpace(b.URL), strings.TrimSpace(b.Label), strings.TrimSpace(b.Start)
	switch {
	case b.URL == "":
		return 0, nil, refuse(http.StatusUnprocessableEntity, words.APIURLMissing)
	case len(b.URL) > maxText, len(b.Label) > maxText:
		return 0, nil, refuse(http.StatusUnprocessableEntity, words.APIFieldsTooLong(maxText))
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	added, err := s.orders.AddFeed(ctx,
		owner.NewFeed{Address: b.URL, Label: b.Label, Start: store.StartRule(b.Start, b.Daily, b.Hold)})
	var not *owner.AddFeedError
	switch isNot := errors.As(err, &not); {
	case isNot && errors.Is(err, store.ErrConflict):
		return 0, nil, refuse(http.StatusConflict, words.APINotAdded(bare(err)))
	case isNot && r.Context().Err() == nil:
		return 0, nil, refuse(http.StatusUnprocessableEntity, words.APINotAdded(err.Error()))
	case err != nil:
		return 0, nil, err
	}
	return http.StatusCreated, created{fmt.Sprintf("/api/v1/feeds/%d", added.Feed.ID),
		addedFeed{shape.FeedOf(added.Feed), shape.WillPublishOf(added.Will)}}, nil
}

func (s *Server) removeFeed(r *http.Request, _ query) (int, any, error) {
	if err := noBody(r); err != nil {
		return 0, nil, err
	}
	id, err := pathID(r)
	if err != nil {
		return 0, nil, err
	}
	if _, err := s.orders.RemoveFeed(r.Context(), id); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, nil
}

// pollFeed reads a feed now and answers when that is done. What is wrong with it is in its "problem".
func (s *Server) pollFeed(r *http.Request, _ query) (int, any, error) {
	if err := noBody(r); err != nil {
		return 0, nil, err
	}
	id, err := pathID(r)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	f, err := s.orders.PollFeed(ctx, id)
	switch {
	case errors.Is(err, owner.ErrPaused):
		return 0, nil, refuse(http.StatusConflict, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return 0, nil, refuse(http.StatusGatewayTimeout, words.APIFeedTakesLong)
	case err != nil:
		return 0, nil, err
	}
	return http.StatusOK, shape.FeedOf(f), nil
}

func (s *Server) pauseFeed(paused bool) handler {
	return func(r *http.Request, _ query) (int, any, error) {
		if err := noBody(r); err != nil {
			return 0, nil, err
		}
		id, err := pathID(r)
		if err != nil {
			return 0, nil, err
		}
		f, err := s.orders.PauseFeed(r.Context(), id, paused)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, shape.FeedOf(f), nil
	}
}

func (s *Server) pauseAccount(paused bool) handler {
	return func(r *http.Request, _ query) (int, any, error) {
		if err := noBody(r); err != nil {
			return 0, nil, err
		}
		id, err := pathID(r)
		if err != nil {
			return 0, nil, err
		}
		a, err := s.orders.PauseAccount(r.Context(), id, paused)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, shape.AccountOf(a), nil
	}
}
