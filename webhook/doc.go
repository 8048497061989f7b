// Package webhook notifies the build of a site that a post is live, and where the copy is.
//
// It keeps the address sealed, because it may contain secrets, signs the message, and makes one call. Package
// publisher decides which message is sent, when and how often.
package webhook
