package web

import (
	"net/http"

	"postern/store"
	"postern/web/hooks"
)

// Handler returns every route there is.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.routePublic(mux)
	s.pages.Register(mux)
	s.programs.Register(mux)
	return cutOff(s.logged(s.recovered(headers(cleanPath(s.origins.Handler(limited(mux)))))))
}

// routePublic leads to what anybody may ask for. None of these ever redirects to the log-in.
func (s *Server) routePublic(mux *http.ServeMux) {
	calls := hooks.New(s.store, s.log)
	mux.Handle("/media/", s.media)
	mux.HandleFunc("/media", http.NotFound) // else ServeMux redirects it to /media/
	mux.HandleFunc("GET /robots.txt", robots)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.gate.Local(s.bearer(store.ReadScope, s.metrics)))
	mux.HandleFunc("POST /hooks/poll/{token}", calls.Poll)
	mux.HandleFunc("GET /hooks/websub/{token}", calls.ConfirmHub)
	mux.HandleFunc("POST /hooks/websub/{token}", calls.HubCalls)
}
