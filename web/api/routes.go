package api

import (
	"net/http"

	"postern/store"
)

// Register adds every route of the API to a mux.
func (s *Server) Register(mux *http.ServeMux) {
	// For programs, with a token. openapi.json describes all of them.
	read := func(h handler, known ...string) http.Handler {
		return s.inTurn(s.answer(store.ReadScope, h, known...))
	}
	write := func(h handler) http.Handler { return s.answer(store.WriteScope, h) }
	mux.Handle("GET /api/v1/openapi.json", s.local(http.HandlerFunc(openAPIDocument)))
	mux.Handle("GET /api/v1/health", read(s.health))
	mux.Handle("GET /api/v1/notices", read(s.notices))
	mux.Handle("GET /api/v1/publications",
		read(s.publications, "state", "account", "feed", "before", "before_post", "limit"))
	mux.Handle("GET /api/v1/publications/{id}", read(s.publication))
	mux.Handle("POST /api/v1/publications/{id}/publish", write(s.decide(store.CommandPublish)))
	mux.Handle("POST /api/v1/publications/{id}/approve", write(s.decide(store.CommandApprove)))
	mux.Handle("POST /api/v1/publications/{id}/hold", write(s.decide(store.CommandHold)))
	mux.Handle("POST /api/v1/publications/{id}/skip", write(s.decide(store.CommandSkip)))
	mux.Handle("POST /api/v1/publications/{id}/retry", write(s.decide(store.CommandRetry)))
	mux.Handle("POST /api/v1/publications/{id}/confirm", write(s.decide(store.CommandConfirm)))
	mux.Handle("POST /api/v1/publications/{id}/check", write(s.checkAgain))
	mux.Handle("GET /api/v1/feeds", read(s.feeds, "after", "limit"))
	mux.Handle("POST /api/v1/feeds", write(s.addFeed))
	mux.Handle("GET /api/v1/feeds/{id}", read(s.feed))
	mux.Handle("DELETE /api/v1/feeds/{id}", write(s.removeFeed))
	mux.Handle("POST /api/v1/feeds/{id}/poll", write(s.pollFeed))
	mux.Handle("POST /api/v1/feeds/{id}/pause", write(s.pauseFeed(true)))
	mux.Handle("POST /api/v1/feeds/{id}/resume", write(s.pauseFeed(false)))
	mux.Handle("GET /api/v1/accounts", read(s.accounts, "after", "limit"))
	mux.Handle("GET /api/v1/accounts/{id}", read(s.account))
	mux.Handle("POST /api/v1/accounts/{id}/pause", write(s.pauseAccount(true)))
	mux.Handle("POST /api/v1/accounts/{id}/resume", write(s.pauseAccount(false)))
	mux.Handle("GET /api/crossposts", s.inTurn(s.local(s.bearer(store.ReadScope, http.HandlerFunc(s.crossposts)))))
	mux.Handle("/api/", s.noAPI(mux))
}
