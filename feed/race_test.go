//go:build race

package feed

// The race detector multiplies what is allocated.
const underRace = true
