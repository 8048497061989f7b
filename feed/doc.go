// Package feed turns what is on the web into posts with media: it fetches feeds, parses them, picks pictures, videos
// and words out of their entries, and polls.
//
// It promises that a document never makes it fail as a whole where a part can be read: what is wrong is a problem
// beside the posts, and a post that cannot be published has its reason.
//
// Parse reads a feed that is at hand, ParsePage a page by its microformats, Fetch what is at an address. A Poller, made
// by NewPoller, adds feeds to the store and reads them when they are due.
package feed
