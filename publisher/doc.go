// Package publisher takes publications from queued to published, once.
//
// Run claims what is due and takes one step at a time: it asks the gates, prepares the files, creates the containers
// and requests publishing. The intent is recorded before the request is sent. When no answer comes, the publisher
// reads the container and the profile until it is certain whether the post is live. Follow-ups run after that:
// permalink, first comment, webhook. Forecast and Next return when a publication goes out if nothing changes.
package publisher
