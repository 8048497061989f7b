// Package shape defines the JSON that the command line prints and the API returns.
//
// Scripts rely on it: the names and the kinds of the values do not change. Times are RFC 3339 in UTC with whole
// seconds, or "" when there is none.
package shape
