package simulator

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Seeds returns what text lists, such as "1-200" or "7,9", or three fresh ones in a row if it is empty. Tests
// that go on until something breaks take theirs from it, so that a seed they print can be tried again.
func Seeds(text string) ([]uint64, error) {
	if text == "" {
		first := rand.Uint64N(1e6)
		return []uint64{first, first + 1, first + 2}, nil
	}
	var all []uint64
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.ParseUint(first, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the seeds %q: %w", text, err)
		}
		to, err := strconv.ParseUint(last, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the seeds %q: %w", text, err)
		}
		for seed := from; seed <= to; seed++ {
			all = append(all, seed)
		}
	}
	return all, nil
}
