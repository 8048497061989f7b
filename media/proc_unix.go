//go:build unix && !linux

package media

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a process whose end takes along whatever it started. When this
// program is killed, it ends at its next word, which nobody reads.
func ownGroup(cmd *exec.Cmd) (release func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return func() {}
}
