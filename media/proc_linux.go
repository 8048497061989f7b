package media

import (
	"os/exec"
	"runtime"
	"syscall"
)

// ownGroup puts the process into its own group, which is killed as a whole, and lets the kernel kill it when this
// program ends for whatever reason. The goroutine that starts the process and waits for it must call ownGroup, and
// release after that.
//
// The kernel kills the process when the thread that started it ends, so ownGroup locks the goroutine to its thread.
func ownGroup(cmd *exec.Cmd) (release func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
