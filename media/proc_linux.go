package media

import (
	"os/exec"
	"runtime"
	"syscall"
)

// ownGroup makes a process whose end takes along whatever it started, and that
// ends when this program does, however that ends. To be called by the goroutine
// that starts it and waits for it; release is called after that.
//
// The kernel means the thread that started the process, not the program: the
// goroutine keeps its thread so that it lives as long.
func ownGroup(cmd *exec.Cmd) (release func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
