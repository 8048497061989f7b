// Package shape defines the JSON that the command line prints and the API returns.
//
// Scripts rely on it: names and kinds of values stay. Times are RFC 3339 in UTC with whole seconds, or "" when
// there is none.
package shape
