package page

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/owner"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// putBackView asks the owner to confirm that several skipped posts go back in the queue.
type putBackView struct {
	frame
	Heading string
	Word    string // label of the button
	Posts   []row
	Action  string
	Back    string
}

// canPutBack reports whether the store would put a skipped publication back in the queue.
func canPutBack(l store.Listed) bool {
	return l.State == store.Skipped && l.AskedAt.IsZero() && l.Account.RemovedAt.IsZero() &&
		!publisher.Why(l).Is(reason.AlreadyFromFeed)
}

// putBack handles the form in the list of skipped posts. It first shows the number of posts, and changes nothing
// until the owner confirms.
func (s *Server) putBack(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	query := r.URL.Query().Encode()
	back := "/posts?" + query
	list, err := s.chosenPosts(r)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return s.done(w, r, back, notice{Bad: true, Text: words.NotDoneNoneChosen})
	case r.PostForm.Get("sure") != "yes":
		v := putBackView{frame: s.frame(r, words.PutPostsBack, "posts"), Action: "/posts/back?" + query, Back: back}
		v.Heading, v.Word = words.PutBackAsk(len(list)), words.PutBackButton(len(list))
		now := time.Now()
		for _, l := range list {
			v.Posts = append(v.Posts, s.pictures.row(l, now))
		}
		return s.render(w, r, http.StatusOK, putBackTempl(v))
	}
	n, err := s.putAllBack(r.Context(), list)
	if err != nil {
		return err
	}
	return s.done(w, r, back, n)
}

// chosenPosts returns the publications that a form selects, the oldest post first: the ticked ones, or with "all"
// every one that the page listed.
func (s *Server) chosenPosts(r *http.Request) (list []store.Listed, err error) {
	for _, text := range r.PostForm[ifElse(r.PostForm.Get("all") == "yes", "listed", "id")] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || slices.ContainsFunc(list, func(l store.Listed) bool { return l.ID == id }) {
			continue
		}
		l, err := s.store.Listed(r.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b store.Listed) int {
		return cmp.Or(a.Post.PublishedAt.Compare(b.Post.PublishedAt), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// putAllBack puts skipped publications back in the queue and returns a summary of the results.
func (s *Server) putAllBack(ctx context.Context, list []store.Listed) (notice, error) {
	var n notice
	moved := 0
	for _, l := range list {
		f := finding{Check: title(l.Post)}
		done, err := s.orders.Decide(ctx, l.ID, owner.Decision{Command: store.CommandApprove, Shown: store.Skipped})
		switch {
		case errors.Is(err, store.ErrConflict):
			f.Detail = words.NotDoneChangedOther
		case errors.Is(err, store.ErrIllegal):
			f.Detail = words.NotDone(plain(err))
		case err != nil:
			return notice{}, err
		default:
			moved++
			f.OK, f.Detail = true, decidedWords(done, time.Now())
		}
		n.Findings = append(n.Findings, f)
	}
	n.Bad = moved < len(list)
	n.Text = words.DonePutAllBack(moved)
	if n.Bad {
		n.Text = words.DonePutSomeBack(moved, len(list))
	}
	return n, nil
}
