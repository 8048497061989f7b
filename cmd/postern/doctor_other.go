//go:build !unix

package main

import "postern/store"

// ownership returns no findings: file owners are checked on Unix only.
func ownership(string) []store.Finding { return nil }
