//go:build !unix

package main

// forbidCore does nothing: this system writes no core files.
func forbidCore() {}
