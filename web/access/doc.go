// Package access decides who may ask for what: the owner's password, log-in and sessions, the throttles against
// guessing, the one-time code of the first visit, and which proxies are believed about their visitors.
//
// New makes a Gate for an installation. Package page asks it who is logged in, package web puts it before the routes.
// It makes no page and says nothing to a visitor: its errors are told where they are shown.
package access
