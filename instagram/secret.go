package instagram

import (
	"fmt"
	"io"
	"log/slog"

	"postern/redact"
)

// Secret is an access token or an app secret. However it is printed, logged or
// marshalled, it shows as "[secret]"; Reveal gives the value.
//
// Keep it in exported fields, and make it no key of a map: package fmt prints
// unexported fields, and encoding/json keys of maps, without asking their methods.
type Secret string

const hidden = redact.Mark

// Reveal returns the value, for the request that needs it and for sealing.
func (s Secret) Reveal() string { return string(s) }

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Format covers the verbs that would otherwise see the string itself, such as %q and %x.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }
