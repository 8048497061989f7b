package web

import (
	"net/http"

	"postern/store"
)

// What tests see of the inside.

func Limited(h http.Handler) http.Handler { return limited(h) }

// Bearer guards a handler of a test's own.
func (s *Server) Bearer(needed store.Scope, h http.Handler) http.Handler { return s.bearer(needed, h) }

// InTurn lets n at once take their turns.
func InTurn(n int, h http.Handler) http.Handler { return newTurns(n).limit(h) }
