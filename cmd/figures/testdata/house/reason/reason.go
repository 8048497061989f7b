// Package reason is a catalogue.
package reason

// Closed says why.
const Closed = "the shop is closed today"
