// Package address manages the place from which Instagram fetches our files: this server's public URL, or a bucket.
//
// It puts files there, checks from outside that they can be fetched, and says in plain words why they cannot.
package address
