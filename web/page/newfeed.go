package page

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"postern/draft"
	"postern/feed"
	"postern/store"
	"postern/words"
)

// fewPreviewed is how many posts of a feed are shown before it is added.
const fewPreviewed = 10

// feedPreview shows a feed before it is added.
type feedPreview struct {
	frame
	Name     string
	Address  string
	Problems []string
	Others   []otherFeed
	Posts    []previewedPost
	Add      feedForm
}

type otherFeed struct{ Name, Address string }

// previewedPost shows a post as it would be published.
type previewedPost struct {
	Title   string
	Thumb   thumb
	At      moment
	Badge   badge
	Reason  saying
	Caption string
}

func (s *Server) newFeedPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, newFeedTempl(s.frame(r, words.AddFeedTitle, "feeds"), feedForm{Start: "now"}))
}

// previewFeed fetches a feed and shows what would be published. It stores nothing.
func (s *Server) previewFeed(w http.ResponseWriter, r *http.Request) error {
	f, err := readFeedForm(r)
	if err != nil {
		return err
	}
	again := func(err error) error {
		f.Address = s.kept.hide(f.Address)
		frame := s.frame(r, words.AddFeedTitle, "feeds")
		frame.Notice, frame.Here = &notice{Bad: true, Text: words.PageFeedNotPreviewed(sentence(err.Error()))}, "/feeds/new"
		return s.render(w, r, http.StatusUnprocessableEntity, newFeedTempl(frame, f))
	}
	if f.Address == "" {
		return again(errors.New(words.PageFeedNoAddress))
	}
	if f.Address, err = s.kept.reveal(f.Address); err != nil {
		return again(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	doc, err := s.poller.Inspect(ctx, f.Address)
	if err != nil {
		return again(err)
	}
	accounts, err := s.store.Accounts(ctx)
	if err != nil {
		return err
	}
	var account store.Account // the account whose settings apply; without one the defaults apply
	if len(accounts) > 0 {
		account = accounts[0]
	}
	v := newFeedPreview(doc, account, s.pictures, time.Now())
	v.Add = f
	v.Add.Address = s.kept.hide(doc.URL)
	for i, o := range v.Others {
		v.Others[i].Address = s.kept.hide(o.Address)
	}
	v.frame = s.frame(r, words.AddFeedNamed(v.Name), "feeds")
	v.Here = "/feeds/new"
	return s.render(w, r, http.StatusOK, feedPreviewTempl(v))
}

func newFeedPreview(doc feed.Document, account store.Account, p *pictures, now time.Time) feedPreview {
	v := feedPreview{Name: cmp.Or(doc.Title, shown(doc.URL)), Address: shown(doc.URL)}
	for _, problem := range doc.Problems {
		v.Problems = append(v.Problems, sentence(problem.String()))
	}
	for _, o := range doc.Others {
		v.Others = append(v.Others, otherFeed{Name: cmp.Or(o.Title, shown(o.URL)), Address: o.URL})
	}
	for _, post := range doc.Posts[:min(len(doc.Posts), fewPreviewed)] {
		x := previewedPost{Title: title(post), Thumb: p.ofPost(post.Media), At: newMoment(post.PublishedAt, now),
			Reason: sayingOf(post.Reason)}
		plan, err := draft.Plan(post, store.Edits{}, draft.Layers(account, store.Route{}, post)...)
		switch {
		case post.Decision == store.Skip:
			x.Badge = badge{"skipped", "off"}
		case err != nil:
			x.Badge, x.Reason = badge{"skipped", "off"}, sayingIn(sentence(err.Error()))
		default:
			x.Badge, x.Caption = badge{kindWord(plan.Kind), "good"}, strings.TrimSpace(plan.Caption.Text)
			if len(x.Reason) == 0 {
				note, _ := draft.WaitNote(post, plan.Settings, now, doc.Ahead)
				x.Reason = sayingIn(sentence(note))
			}
		}
		v.Posts = append(v.Posts, x)
	}
	return v
}
