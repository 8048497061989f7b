//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The unit restarts Postern unless its status is 2, so no crash may end with 2 and every wrong usage must.
func TestCrashEndsByASignalAndWrongUsageByStatusTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, exitUsage, w.run("serve", "--no-such-flag").status)
	require.Equal(t, exitUsage, w.run("no-such-command").status)
	require.Equal(t, exitFailed, w.run("feed", "check", "1").status)

	cmd := w.command("serve")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	// The limit that a careless shell leaves: the program itself lowers it.
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, 1))
	require.NoError(t, err)
	limits, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "limits"))
	if err == nil { // Linux
		require.Regexp(t, `Max core file size +0 +0 `, string(limits))
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGQUIT)) // the runtime dies of it as of a panic
	_ = cmd.Wait()
	requireAborted(t, cmd, said.String())
	require.Contains(t, said.String(), "goroutine ")
}

// A panic in any goroutine ends the process by a signal.
func TestPanicEndsByASignal(t *testing.T) {
	if os.Getenv("POSTERN_TEST_PANICS") != "" {
		crashLoudly()
		go func() { panic("a test's own") }()
		time.Sleep(time.Minute)
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestPanicEndsByASignal$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_PANICS=1")
	cmd.Dir = t.TempDir()
	said, err := cmd.CombinedOutput()
	require.Error(t, err)
	requireAborted(t, cmd, string(said))
	require.Contains(t, string(said), "a test's own")
	left, err := os.ReadDir(cmd.Dir)
	require.NoError(t, err)
	require.Empty(t, left, "no core file")
}

func requireAborted(t *testing.T, cmd *exec.Cmd, said string) {
	t.Helper()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled(), "status %d: %s", status.ExitStatus(), said)
	require.Equal(t, syscall.SIGABRT, status.Signal())
	require.False(t, status.CoreDump())
}

func TestUnitsRestartACrashAndKeepNoCore(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postern.service", "postern-sync.service"} {
		unit, err := os.ReadFile("../../packaging/" + name)
		require.NoError(t, err)
		require.Contains(t, string(unit), "\nLimitCORE=0\n", name)
		require.Contains(t, string(unit), "\nEnvironment=GOTRACEBACK=crash\n", name)
	}
	unit, err := os.ReadFile("../../packaging/postern.service")
	require.NoError(t, err)
	require.Contains(t, string(unit), "\nRestart=on-failure\n")
	require.Equal(t, 1, strings.Count(string(unit), "\nRestartPreventExitStatus=2\n"))
}
