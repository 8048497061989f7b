// Package feed turns feeds and pages into posts with media: it fetches feeds, parses them, picks pictures, videos and
// words out of their entries, and polls.
//
// It promises that a document never fails as a whole if a part of it can be read: faults are problems beside the
// posts, and a post that cannot be published has its reason.
//
// Parse reads a feed from bytes, ParsePage a page by its microformats, and Fetch the document at an address. A Poller,
// made by NewPoller, adds feeds to the store and reads them when they are due.
package feed
