// Package page makes the pages that the owner sees in a browser.
//
// A page is x.go (handler, view model, pure newXView) and x.templ. Templates get view models only: they call no store,
// read no clock and decide nothing. Every change is a POST that ends in a redirect, and nothing needs JavaScript.
//
// New makes the pages of an installation, and Register adds their routes to a mux. Package access says who asks.
package page
