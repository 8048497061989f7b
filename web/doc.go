// Package web serves Postern's pages, the public media files, and the health checks.
//
// A page is x.go (handler, view model, pure newXView) and x.templ. Templates get view models only: they call no store,
// read no clock and decide nothing. Every change is a POST that ends in a redirect, and nothing needs JavaScript.
//
// New makes the server from its Options, and its Handler answers every request: pages behind the session; /media/,
// /healthz and /readyz for anybody; /api/v1/, through package api, and /hooks/, through package hooks, for programs
// that have a token.
package web
