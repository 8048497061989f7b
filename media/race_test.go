//go:build race

package media

// underRace is true under the race detector, which multiplies memory and the time for compiling WebAssembly.
const underRace = true
