package store

import (
	"strconv"
	"strings"
)

// maxBulk is the maximum number of rows that one statement inserts.
const maxBulk = 64

// bulkSizes are the numbers of rows that one statement inserts: the usual numbers of entries in a feed, and enough
// sizes between them. Each size is one prepared statement that stays in the cache.
var bulkSizes = [...]int{maxBulk, 50, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1}

// bulk inserts many rows with few statements. Each statement makes SQLite flush the full-text index and save the
// pages that it is about to change, which took a quarter of the time of a first import.
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

// places returns the placeholders for a number of rows, for example ($1, $2), ($3, $4).
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
