// Package page renders the pages that the owner sees in a browser.
//
// A page consists of x.go (handler, view model, and a pure newXView) and x.templ. Templates receive view models only:
// they do not call the store, read the clock or make decisions. Every change is a POST that ends in a redirect, and
// no page requires JavaScript.
//
// New creates the pages of an installation, and Register adds their routes to a mux. Package access authenticates
// requests.
package page
