package egress

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// ReadAll reads r to its end. Beyond max bytes it stops with [ErrTooLarge] and
// returns nothing, so that half a file is never taken for a whole one.
func ReadAll(r io.Reader, max int64) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	r = io.LimitReader(r, max+1)
	_, err := b.ReadFrom(io.LimitReader(r, small))
	all := b.Bytes()
	switch {
	case err != nil:
		return nil, err
	case b.Len() < small:
		all = bytes.Clone(all)
	default:
		if all, err = io.ReadAll(io.MultiReader(bytes.NewReader(all), r)); err != nil {
			return nil, err
		}
	}
	if int64(len(all)) > max {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, max)
	}
	return all, nil
}

// small is the size in bytes below which a body is read into a buffer that is used again.
const small = 1 << 20

// buffers are for bodies whose size is not known yet: growing with each anew would take twice what is read.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
