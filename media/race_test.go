//go:build race

package media

// The race detector multiplies memory, and the time that WebAssembly takes to compile.
const underRace = true
