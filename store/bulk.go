package store

import (
	"fmt"
	"strings"
)

// bulk inserts many rows with one statement: each statement has the search index written to its tables, which was a tenth of
// a first import. Few sizes, because each is a statement to be kept.
func bulk[T any](all []T, insert func(part []T) error) error {
	for len(all) > 0 {
		n := 1
		switch {
		case len(all) >= 16:
			n = 16
		case len(all) >= 4:
			n = 4
		}
		if err := insert(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// places returns the placeholders of so many rows: ($1, $2), ($3, $4).
func places(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String() + ")"
}
