// Package media makes files that Instagram accepts: it fetches a picture or video from the address the author gave,
// decides whether it can go as it is, repairs it if not, and keeps the result in content-addressed files that are
// served under /media/.
//
// Meta documents what Instagram accepts at
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media ("Image
// Specifications"); the numbers reach this package as [Rules].
package media
