// Package web is Postern from outside: the pages, the public media files, and health.
//
// A page is x.go (handler, view model, pure newXView) and x.templ. Templates get view models only: they call no store,
// read no clock and decide nothing. Every change is a POST that ends in a redirect, and nothing needs JavaScript.
//
// New makes the server from its Options, and its Handler answers every request: pages behind the session, /media/,
// /healthz and /readyz for anybody, /api/v1/ by package api and /hooks/ by package hooks for who has a token.
package web
