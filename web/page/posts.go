package page

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/publisher"
	"postern/store"
	"postern/words"
)

const (
	postsPerPage = 24
	// Limits for skipped posts without a publication: below a page of publications, and on their own pages.
	leftOutBeside  = 8
	leftOutPerPage = 50
	// The number of feeds in the menu of the filter. For any other feed, the feed's own page links to its posts.
	feedChoices = 200
)

type postsView struct {
	frame
	Words    string
	States   []choice
	Feeds    []choice
	Accounts []choice
	Narrowed bool
	Skipped  bool // whether the list shows only skipped posts
	Rows     []row
	Pages    pages
	PutBack  string // URL of the form that puts ticked posts back in the queue; "" where none can be
	All      string // label of the button that puts all of them back
	LeftOut  []row  // skipped posts without a publication
	MoreLeft string // URL of more of them; "" for none
	Unread   string // feeds that cannot be fetched, whose new posts may be missing
}

// choice is an option of a menu.
type choice struct {
	Value, Word string
	Chosen      bool
}

// pages links to the neighbouring pages of a list; "" where there is none.
type pages struct{ Newer, Older string }

// stateChoices are the options of the state filter. Two of them cover several states.
var stateChoices = []struct {
	value, word string
	states      []store.State
}{
	{"", "everything", nil},
	{"asking", words.ChoiceAsking, asking},
	{"open", "in work", open},
	{"published", "published", []store.State{store.Published}},
	{"queued", "waiting", []store.State{store.Queued}},
	{"held", "on hold", []store.State{store.Held}},
	{"staged", "preparing", []store.State{store.Staged}},
	{"publishing", "publishing", []store.State{store.Publishing}},
	{"failed", "failed", []store.State{store.Failed}},
	{"unconfirmed", "unconfirmed", []store.State{store.Unconfirmed}},
	{"skipped", "skipped", []store.State{store.Skipped}},
}

func (s *Server) postsPage(w http.ResponseWriter, r *http.Request) error {
	ctx, now := r.Context(), time.Now()
	v, q, beforePost := newPostsView(r.URL.Query())
	var list []store.Listed
	var more bool
	var err error
	if beforePost == 0 {
		if list, more, err = s.store.PublicationPage(ctx, q); err != nil {
			return err
		}
	}
	takesAll := len(q.States) == 0 || v.Skipped
	if beforePost > 0 || takesAll && q.AccountID == 0 && q.Before+q.After == 0 {
		if err := s.leftOut(r, &v, q, beforePost); err != nil {
			return err
		}
	}
	if v.Feeds, err = s.feedChoices(r, q.FeedID); err != nil {
		return err
	}
	if v.Accounts, err = s.accountChoices(r, q.AccountID); err != nil {
		return err
	}
	if err := publisher.Forecast(ctx, s.store, list); err != nil {
		return err
	}
	if v.Narrowed && len(list)+len(v.LeftOut) == 0 {
		if v.Unread, err = s.unreadWords(ctx, q); err != nil {
			return err
		}
	}
	for _, l := range list {
		v.Rows = append(v.Rows, s.pictures.row(l, now))
	}
	if v.Skipped {
		v.offerPutBack(list, r.URL.Query())
	}
	if len(list) > 0 {
		v.Pages = newPages(r.URL, list[0].ID, list[len(list)-1].ID, q.Before, q.After, more)
	} else if beforePost == 0 {
		v.Pages = newPages(r.URL, 0, 0, q.Before, q.After, more)
	}
	v.frame = s.frame(r, "Posts", "posts")
	return s.render(w, r, http.StatusOK, postsTempl(v))
}

// newPostsView parses the filter in the query and returns the page and the query for the store. beforePost is the id
// of the post after which a page of skipped posts without a publication begins; 0 for none.
func newPostsView(asked url.Values) (v postsView, q store.Query, beforePost int64) {
	q = store.Query{
		Words: strings.TrimSpace(asked.Get("q")), FeedID: numberIn(asked, "feed"),
		AccountID: numberIn(asked, "account"),
		Before:    numberIn(asked, "before"), After: numberIn(asked, "after"), Limit: postsPerPage,
	}
	v.Words = q.Words
	for _, c := range stateChoices {
		chosen := asked.Get("state") == c.value
		v.States = append(v.States, choice{c.value, c.word, chosen})
		if chosen {
			q.States = c.states
		}
	}
	beforePost = numberIn(asked, "before_post")
	v.Narrowed = beforePost > 0 || q.Words != "" || q.FeedID != 0 || q.AccountID != 0 || len(q.States) > 0
	v.Skipped = asked.Get("state") == "skipped"
	return v, q, beforePost
}

// numberIn parses a number in the query. It returns 0, which filters nothing, when the value is not a number.
func numberIn(asked url.Values, key string) int64 {
	n, _ := strconv.ParseInt(asked.Get(key), 10, 64)
	return max(n, 0)
}

// offerPutBack adds checkboxes to the posts that can be put back in the queue.
func (v *postsView) offerPutBack(list []store.Listed, query url.Values) {
	n := 0
	for i, l := range list {
		if v.Rows[i].Choose = canPutBack(l); v.Rows[i].Choose {
			n++
		}
	}
	if n > 0 {
		v.PutBack = "/posts/back?" + query.Encode()
		v.All = words.PutAllBack(n)
	}
}

// newPages returns the links around a page that shows the ids first to last, newest first.
func newPages(here *url.URL, first, last, before, after int64, more bool) pages {
	to := func(key string, id int64) string {
		q := here.Query()
		q.Del("before")
		q.Del("after")
		if id != 0 {
			q.Set(key, strconv.FormatInt(id, 10))
		}
		return here.Path + "?" + q.Encode()
	}
	var p pages
	switch {
	case first == 0 && before+after > 0:
		p.Newer = to("before", 0)
	case after > 0:
		p.Older = to("before", last)
		if more {
			p.Newer = to("after", first)
		}
	default:
		if before > 0 {
			p.Newer = to("after", first)
		}
		if more {
			p.Older = to("before", last)
		}
	}
	return p
}

// feedChoices returns the feeds for the filter of a list.
func (s *Server) feedChoices(r *http.Request, chosen int64) ([]choice, error) {
	feeds, err := s.store.FeedNames(r.Context(), feedChoices)
	if err != nil {
		return nil, err
	}
	list := []choice{{"", "every feed", chosen == 0}}
	found := chosen == 0
	for _, f := range feeds {
		list = append(list, choice{strconv.FormatInt(f.ID, 10), feedName(f), f.ID == chosen})
		found = found || f.ID == chosen
	}
	if !found {
		if f, err := s.store.Feed(r.Context(), chosen); err == nil {
			list = append(list, choice{strconv.FormatInt(f.ID, 10), feedName(f), true})
		}
	}
	return list, nil
}

func (s *Server) accountChoices(r *http.Request, chosen int64) ([]choice, error) {
	accounts, err := s.store.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	list := []choice{{"", "every account", chosen == 0}}
	for _, a := range accounts {
		list = append(list, choice{strconv.FormatInt(a.ID, 10), a.Name(), a.ID == chosen})
	}
	return list, nil
}

// leftOut adds skipped posts that have no publication: a few below a page of publications, or, if before is a post's
// id, a page of their own.
func (s *Server) leftOut(r *http.Request, v *postsView, q store.Query, before int64) error {
	limit := ifElse(before > 0, leftOutPerPage, leftOutBeside)
	list, more, err := s.store.LeftOutPage(r.Context(),
		store.LeftOutQuery{Words: q.Words, FeedID: q.FeedID, Before: before, Limit: limit})
	if err != nil {
		return err
	}
	for _, l := range list {
		v.LeftOut = append(v.LeftOut, row{
			Link: postLink(l.Post.ID), Title: title(l.Post), Thumb: thumb{Words: true}, Feed: feedName(l.Feed),
			Badge: newBadge(store.Skipped), Reason: sayingOf(l.Post.Reason),
		})
	}
	if more {
		next := r.URL.Query()
		next.Set("before_post", strconv.FormatInt(list[len(list)-1].Post.ID, 10))
		v.MoreLeft = "/posts?" + next.Encode()
	}
	return nil
}

// newSkip returns a skipped post without a publication as an element of the home page's list.
func newSkip(p store.Post, f store.Feed) skip {
	return skip{title(p), postLink(p.ID), sayingOf(p.Reason), feedName(f)}
}

func postLink(id int64) string { return "/posts/" + strconv.FormatInt(id, 10) }
