//go:build !unix

package media

import "os/exec"

// ownGroup does nothing, because this system has no process groups.
func ownGroup(*exec.Cmd) (release func()) { return func() {} }
