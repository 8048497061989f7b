// Package webhook notifies the build of a site that a post is live, and where the copy is.
//
// It holds the address, which may contain secrets, the signature, and one call. Package publisher decides what is
// sent, when and how often.
package webhook
