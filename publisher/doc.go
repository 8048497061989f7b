// Package publisher takes publications from queued to published, once.
//
// Run claims due publications and runs one step of each at a time: it checks the gates, prepares the files,
// creates the containers and requests publishing. It records the intent to publish before it sends the request. When
// no answer arrives, it reads the container and the profile until it is certain whether the post is live. Follow-ups
// run after publishing: permalink, first comment, webhook. Forecast and Next return when a publication goes out if
// nothing changes.
package publisher
