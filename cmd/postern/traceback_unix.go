//go:build unix

package main

import "syscall"

// forbidCore forbids core files for this process and its children. Where that is not allowed, the system's own
// limit counts.
func forbidCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
