// Package api answers programs that show a token: JSON under /api/v1/, and the syndication map at /api/crossposts.
//
// openapi.json describes every address, and a test compares it with the routes and with every answer. Lists are JSON
// arrays of the shapes that the command line prints; the next page is in the Link header. Errors are problems of RFC
// 9457. Package owner carries out the orders of a program; the history names the owner, whose token the program has.
package api
