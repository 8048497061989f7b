// Package owner carries out a person's orders about publications, feeds, accounts and their settings.
//
// Each order is written once. Pages, API and command line read a request, call one method of Orders, and print the
// outcome in their own words. An order checks its arguments before it changes anything, and every error leaves the
// installation as it was. A refusal is an error value or type of this package, or store.ErrConflict, store.ErrIllegal
// or store.ErrNotFound.
package owner
