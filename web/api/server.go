package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/address"
	"postern/draft"
	"postern/media"
	"postern/owner"
	"postern/store"
)

// fetchTime bounds what a program waits for when it lets feeds be read.
const fetchTime = 2 * time.Minute

// Options of New.
type Options struct {
	Store     *store.Store
	Orders    *owner.Orders
	Media     *media.Library
	Address   *address.Public // where Instagram fetches our files; nil when there is no such address
	PublicURL string          // web.base_url, "" for none
	Version   string
	Logger    *slog.Logger

	// Checks returns what is known of a publication, with its plan or why there is none.
	Checks func(ctx context.Context, l store.Listed, plan draft.Draft, fault error) ([]store.Check, error)

	// The guards that the API shares with the pages. Local keeps strangers from an installation without log-in, Bearer
	// asks for a token, InTurn lets a bounded number of answers be made at once.
	Local  func(http.Handler) http.Handler
	Bearer func(store.Scope, http.Handler) http.Handler
	InTurn func(http.Handler) http.Handler
}

// Server answers programs.
type Server struct {
	store   *store.Store
	orders  *owner.Orders
	media   *media.Library
	address *address.Public
	public  string
	version string
	log     *slog.Logger
	checks  func(ctx context.Context, l store.Listed, plan draft.Draft, fault error) ([]store.Check, error)
	local   func(http.Handler) http.Handler
	bearer  func(store.Scope, http.Handler) http.Handler
	inTurn  func(http.Handler) http.Handler
}

// New returns the API of an installation.
func New(o Options) *Server {
	return &Server{store: o.Store, orders: o.Orders, media: o.Media, address: o.Address,
		public: o.PublicURL, version: o.Version, log: o.Logger, checks: o.Checks, local: o.Local, bearer: o.Bearer,
		inTurn: o.InTurn}
}

// pathID returns the number in the address, store.ErrNotFound for what is none.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// publicationID returns the number of the publication that the address names, as 12 or by its post as post:12. A post
// without exactly one publication is refused with *owner.PostError.
func (s *Server) publicationID(r *http.Request) (int64, error) {
	number, isPost := strings.CutPrefix(r.PathValue("id"), "post:")
	if !isPost {
		return pathID(r)
	}
	post, err := strconv.ParseInt(number, 10, 64)
	if err != nil || post < 1 {
		return 0, store.ErrNotFound
	}
	return s.orders.PublicationOfPost(r.Context(), post)
}

// feedOf returns the feed that the address names.
func (s *Server) feedOf(r *http.Request) (store.Feed, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Feed{}, err
	}
	return s.orders.Feed(r.Context(), id)
}

// accountOf returns the account that the address names.
func (s *Server) accountOf(r *http.Request) (store.Account, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Account{}, err
	}
	return s.orders.Account(r.Context(), id)
}

// route returns the route of a publication, the zero value for none.
func (s *Server) route(ctx context.Context, l store.Listed) (store.Route, error) {
	route, err := s.store.Route(ctx, l.Post.FeedID, l.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Route{}, nil
	}
	return route, err
}

func ifElse[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}
