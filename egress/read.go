package egress

import (
	"fmt"
	"io"
)

// ReadAll reads r to its end. Beyond max bytes it stops with [ErrTooLarge] and
// returns nothing, so that half a file is never taken for a whole one.
func ReadAll(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > max {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, max)
	}
	return b, nil
}
