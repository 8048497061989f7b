// Package instagram is a client of the Instagram API with Instagram Login.
//
// One method is one call: no retries and no sleeps. Patience belongs to the
// caller, who asks Classify what an error means. Errors are *Error, when Meta
// answered with one, or *TransportError, when there was no usable answer.
//
// https://developers.facebook.com/docs/instagram-platform
package instagram
