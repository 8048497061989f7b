package page

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"postern/notices"
	"postern/owner"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// pastNotices limits how many past notices are shown.
const pastNotices = 50

type noticesView struct {
	frame
	Open      []noticeCard
	Past      []noticeCard
	Addresses []addressCard
	Services  string
	FormOpen  bool
}

type noticeCard struct {
	Badge   badge
	Text    string
	Remedy  string
	Since   moment
	Until   moment // when a past notice ended
	Outcome string
	Told    string
	Guide   string // link to the step of the guide that fixes it; "" for none
	Link    string // link to its subject; "" for none
	Where   string
}

type addressCard struct {
	ID      int64
	Label   string
	Config  bool // set in the configuration file, so it can only be removed there
	Problem string
	Told    moment
	Waiting int // number of messages that wait to be sent
}

// wrong counts the open notices for the badge.
func (s *Server) wrong(r *http.Request) int {
	n, err := s.store.CountNotices(r.Context())
	if err == nil {
		var pending int
		pending, err = s.pendingNotices(r.Context())
		n += pending
	}
	if err != nil {
		s.log.ErrorContext(r.Context(), "counting notices", slog.Any("error", err))
	}
	return n
}

// pendingNotices counts the feeds that the page of notices shows beside the open ones.
func (s *Server) pendingNotices(ctx context.Context) (int, error) {
	feeds, err := s.store.FeedsInTrouble(ctx, mostBadge+1)
	if err != nil || len(feeds) == 0 {
		return 0, err
	}
	open, err := s.store.OpenNotices(ctx)
	return len(notices.Pending(feeds, open, true, time.Now())), err
}

func (s *Server) noticesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showNotices(w, r, http.StatusOK, nil)
}

func (s *Server) showNotices(w http.ResponseWriter, r *http.Request, status int, n *notice) error {
	open, err := s.store.OpenNotices(r.Context())
	if err != nil {
		return err
	}
	past, err := s.store.PastNotices(r.Context(), pastNotices)
	if err != nil {
		return err
	}
	addresses, err := s.store.Addresses(r.Context())
	if err != nil {
		return err
	}
	feeds, err := s.store.FeedsInTrouble(r.Context(), math.MaxInt32)
	if err != nil {
		return err
	}
	accounts, err := s.store.Accounts(r.Context())
	if err != nil {
		return err
	}
	now := inChosenZone(accounts, time.Now())
	v := newNoticesView(append(open, notices.Pending(feeds, open, true, now)...), past, addresses, now)
	v.frame = s.frame(r, "Notices", "notices")
	if n != nil {
		v.Notice, v.FormOpen = n, n.Bad
	}
	return s.render(w, r, status, noticesTempl(v))
}

func newNoticesView(open, past []store.Notice, addresses []store.Address, now time.Time) noticesView {
	v := noticesView{Services: strings.Join(notices.Services(), ", ")}
	for _, n := range open {
		v.Open = append(v.Open, newNoticeCard(n, now))
	}
	for _, n := range past {
		v.Past = append(v.Past, newNoticeCard(n, now))
	}
	for _, a := range addresses {
		c := addressCard{ID: a.ID, Label: a.Label, Config: a.Origin == store.FromConfig, Problem: sentence(a.Problem),
			Told: newMoment(a.SentAt, now), Waiting: a.Waiting}
		v.Addresses = append(v.Addresses, c)
	}
	return v
}

func newNoticeCard(n store.Notice, now time.Time) noticeCard {
	c := noticeCard{Text: sentence(n.Text), Remedy: sentence(n.Remedy), Guide: n.Guide,
		Since: newMoment(n.OpenedAt, now), Until: newMoment(n.ClosedAt, now), Outcome: sentence(n.Outcome)}
	switch n.Severity {
	case store.Bad:
		c.Badge = badge{"needs you", "bad"}
	case store.Warning:
		c.Badge = badge{words.PageNeedsAttention, "ask"}
	default:
		c.Badge = badge{words.SeverityInfo, "wait"}
	}
	if !n.ClosedAt.IsZero() {
		c.Badge, c.Guide = badge{"over", "off"}, ""
	}
	c.Told = words.MessagesOfNotice(n.Delivered, n.Waiting, n.Undelivered)
	switch {
	case strings.HasPrefix(n.Cause, notices.WebhookCause) && n.ClosedAt.IsZero():
		c.Link, c.Where = webhookLink(n.AccountID, n.FeedID, ""), words.LinkWebhook
	case n.PublicationID != 0:
		c.Link, c.Where = publicationLink(n.PublicationID), words.LinkPost
	case n.AccountID != 0:
		c.Link, c.Where = "/accounts", words.LinkAccounts
	case n.FeedID != 0:
		c.Link, c.Where = "/feeds", words.LinkFeeds
	}
	return c
}

// addAddress adds a notification target. The typed value may contain a secret, so no response shows it again.
func (s *Server) addAddress(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := s.orders.AddTarget(r.Context(), redact.Secret(r.PostForm.Get("address")))
	if err != nil {
		return s.showNotices(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true,
				Text: words.TargetNotKept(sentence(err.Error()))})
	}
	return s.done(w, r, "/notices",
		notice{Text: words.TargetKept(a.Label)})
}

func (s *Server) testAddress(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), AskTime)
	defer cancel()
	a, err := s.orders.TestTarget(ctx, id)
	var not *owner.TestError
	if errors.As(err, &not) {
		return s.done(w, r, "/notices",
			notice{Bad: true, Text: words.TargetTestFailed(a.Label, sentence(err.Error()))})
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/notices", notice{Text: words.TargetTestSent(a.Label)})
}

func (s *Server) removeAddress(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := s.orders.RemoveTarget(r.Context(), id)
	switch {
	case errors.Is(err, owner.ErrConfigured):
		return s.done(w, r, "/notices",
			notice{Bad: true,
				Text: words.TargetInFile})
	case err != nil:
		return err
	}
	return s.done(w, r, "/notices", notice{Text: words.TargetGone(a.Label)})
}
