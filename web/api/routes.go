package api

import (
	"net/http"

	"postern/store"
)

// Register adds every route of the API to a mux.
func (s *Server) Register(mux *http.ServeMux) {
	// For programs, with a token. openapi.json describes all of them.
	read := func(h apiHandler, known ...string) http.Handler {
		return s.inTurn(s.answer(store.ReadScope, h, known...))
	}
	write := func(h apiHandler) http.Handler { return s.answer(store.WriteScope, h) }
	mux.Handle("GET /api/v1/openapi.json", s.local(http.HandlerFunc(openAPIDocument)))
	mux.Handle("GET /api/v1/health", read(s.apiHealth))
	mux.Handle("GET /api/v1/notices", read(s.apiNotices))
	mux.Handle("GET /api/v1/publications", read(s.apiPublications, "state", "account", "feed", "before", "before_post", "limit"))
	mux.Handle("GET /api/v1/publications/{id}", read(s.apiPublication))
	mux.Handle("POST /api/v1/publications/{id}/publish", write(s.apiDo(store.CommandPublish)))
	mux.Handle("POST /api/v1/publications/{id}/approve", write(s.apiDo(store.CommandApprove)))
	mux.Handle("POST /api/v1/publications/{id}/hold", write(s.apiDo(store.CommandHold)))
	mux.Handle("POST /api/v1/publications/{id}/skip", write(s.apiDo(store.CommandSkip)))
	mux.Handle("POST /api/v1/publications/{id}/retry", write(s.apiDo(store.CommandRetry)))
	mux.Handle("POST /api/v1/publications/{id}/confirm", write(s.apiDo(store.CommandConfirm)))
	mux.Handle("POST /api/v1/publications/{id}/check", write(s.apiCheckAgain))
	mux.Handle("GET /api/v1/feeds", read(s.apiFeeds, "after", "limit"))
	mux.Handle("POST /api/v1/feeds", write(s.apiAddFeed))
	mux.Handle("GET /api/v1/feeds/{id}", read(s.apiFeed))
	mux.Handle("DELETE /api/v1/feeds/{id}", write(s.apiRemoveFeed))
	mux.Handle("POST /api/v1/feeds/{id}/poll", write(s.apiPollFeed))
	mux.Handle("POST /api/v1/feeds/{id}/pause", write(s.apiPauseFeed(true)))
	mux.Handle("POST /api/v1/feeds/{id}/resume", write(s.apiPauseFeed(false)))
	mux.Handle("GET /api/v1/accounts", read(s.apiAccounts, "after", "limit"))
	mux.Handle("GET /api/v1/accounts/{id}", read(s.apiAccount))
	mux.Handle("POST /api/v1/accounts/{id}/pause", write(s.apiPauseAccount(true)))
	mux.Handle("POST /api/v1/accounts/{id}/resume", write(s.apiPauseAccount(false)))
	mux.Handle("GET /api/crossposts", s.inTurn(s.local(s.bearer(store.ReadScope, http.HandlerFunc(s.crossposts)))))
	mux.Handle("/api/", s.noAPI(mux))
}
