package store

import (
	"strconv"
	"strings"
)

// maxBulk is how many rows one statement inserts at most.
const maxBulk = 64

// bulkSizes are how many rows statements insert: those of feeds, which mostly have a round number of entries, and
// enough between them. Each is a statement to be kept.
var bulkSizes = [...]int{maxBulk, 50, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1}

// bulk inserts many rows with few statements: each statement has the search index written to its tables, and the
// pages it is about to change set aside, which were a quarter of a first import.
func bulk[T any](all []T, insert func(part []T) error) error {
	for at := 0; len(all) > 0; {
		n := bulkSizes[at]
		if n > len(all) {
			at++
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
