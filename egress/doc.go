// Package egress has the only HTTP client for addresses that strangers chose: feeds, and the pictures and videos that
// feeds name.
//
// Such an address may point anywhere, into the owner's own network included. The client therefore decides at dial
// time, on the address that DNS gave, so that neither a redirect nor a changing DNS answer gets around the check.
package egress
