// Package api answers programs that show a token: JSON under /api/v1/, and the syndication map at /api/crossposts.
//
// openapi.json describes every address, and a test compares it with the routes and with every answer. Lists are JSON
// arrays of the shapes that the command line prints; the next page is in the Link header. Errors are problems of RFC
// 9457. What a program orders, package owner carries out; the history names it as the owner's, whose token it has.
package api
