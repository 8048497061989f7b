package store

import (
	"strconv"
	"strings"
)

// maxBulk is how many rows one statement inserts.
const maxBulk = 64

// bulk inserts many rows with few statements: each statement has the search index written to its tables, and the pages it is
// about to change set aside, which were a quarter of a first import. Few sizes, because each is a statement to be kept.
func bulk[T any](all []T, insert func(part []T) error) error {
	for n := maxBulk; len(all) > 0; {
		if n > len(all) {
			n /= 2
			continue
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
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	return b.String() + ")"
}
