// Package address manages where Instagram fetches our files: this server's public address, or a bucket.
//
// It puts files there, checks from outside that they can be fetched, and says in plain words what is in the way.
package address
