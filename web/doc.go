// Package web answers requests: it puts the guards before the pages, the API and the hooks, and serves the public media
// files and the health checks itself.
//
// New makes the server from its Options, and its Handler answers every request: pages, through package page, behind the
// session; /media/, /healthz and /readyz for anybody; /api/v1/, through package api, and /hooks/, through package hooks,
// for programs that have a token. Package access knows who asks.
package web
