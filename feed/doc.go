// Package feed turns feeds and pages into posts with media. It fetches feeds, parses them, extracts pictures, videos
// and text from their entries, and polls feeds on schedule.
//
// It promises that a document does not fail as a whole if a part of it can be read: errors in it are reported as
// problems next to the posts, and a post that cannot be published has a reason.
//
// Parse reads a feed from bytes, ParsePage reads a page by its microformats, and Fetch fetches the document at an
// address. A Poller, created by NewPoller, adds feeds to the store and polls them when they are due.
package feed
