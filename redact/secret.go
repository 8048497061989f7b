package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a token, a password or an address that holds one. However it is printed, logged or marshalled, it
// shows as Mark; Reveal gives the value.
//
// Keep it in exported fields, and make it no key of a map: package fmt prints unexported fields, and
// encoding/json keys of maps, without asking their methods.
type Secret string

// Reveal returns the value, for the request that needs it and for sealing.
func (s Secret) Reveal() string { return string(s) }

// String returns Mark, like GoString.
func (Secret) String() string { return Mark }

// GoString returns Mark, for %#v.
func (Secret) GoString() string { return Mark }

// LogValue returns Mark, for slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(Mark) }

// MarshalJSON returns Mark in quotes.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Mark + `"`), nil }

// MarshalText returns Mark.
func (Secret) MarshalText() ([]byte, error) { return []byte(Mark), nil }

// Format writes Mark for the verbs that would otherwise see the string itself, such as %q and %x.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mark) }
