// Package media makes files that Instagram accepts. It fetches a picture or video from the author's URL, decides
// whether it can be published unchanged, repairs it if not, and stores the result as a content-addressed file that is
// served under /media/.
//
// Meta documents what Instagram accepts at
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media ("Image
// Specifications"). The limits reach this package as [Rules].
package media
