//go:build unix && !linux

package media

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the process into its own group, which is killed as a whole. If this program is killed, the process
// ends at its next write, because nobody reads its pipe.
func ownGroup(cmd *exec.Cmd) (release func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return func() {}
}
