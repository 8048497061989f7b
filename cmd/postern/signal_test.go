package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// The first signal waits for the step in hand, the second one for nothing. What was asked for is settled at the
// next start.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	release := make(chan struct{})
	defer close(release)
	w.sim.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: release})
	w.blog.add("pier", "The pier", "pier.jpg")
	cmd := w.command("serve")
	log, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return w.sim.CallCount("publish") == 1 }, time.Minute, 20*time.Millisecond)

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "stopping") { // only then is it sure to have had the first
		continue
	}
	time.Sleep(sameSignal)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, log)
	require.Error(t, cmd.Wait())
	require.Equal(t, 128+int(syscall.SIGTERM), cmd.ProcessState.ExitCode(), "it did not wait for the answer")

	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Published, list[0].State)
	require.Len(t, w.sim.Posts(""), 1)
}

// timeout(1), which cron lines have, sends its signal to the process and to its group.
func TestDemoLeavesNothingBehindWhenItIsStoppedTwice(t *testing.T) {
	t.Parallel()
	dir, temp := t.TempDir(), t.TempDir()
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "POSTERN_WEB_LISTEN=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var told struct{ Pages string }
	require.NoError(t, json.NewDecoder(out).Decode(&told))
	left := func() []string {
		names, err := filepath.Glob(filepath.Join(temp, "postern-demo-*"))
		require.NoError(t, err)
		return names
	}
	require.Len(t, left(), 1)
	for range 2 {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	}
	_ = cmd.Wait() // 0, or by the second signal if it came late
	require.Empty(t, left())
}

// Nothing waits for the end of standard input after one Ctrl-C.
func TestOneSignalEndsAReadOfStandardInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := w.command("preview", "-")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	// More than fits into a pipe: it reads when that was taken.
	_, err = stdin.Write(bytes.Repeat([]byte(" "), 1<<17))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	err = cmd.Wait()
	_ = stdin.Close() // Wait closes it, too
	require.ErrorAs(t, err, new(*exec.ExitError))
	require.Equal(t, exitFailed, cmd.ProcessState.ExitCode())
	require.Equal(t, "postern: interrupted\n", withoutWarnings(said.String()))
}

func TestInterruptible(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	in := &invocation{ctx: ctx, stdin: r}
	go func() { _, _ = w.Write([]byte("half a line")) }()
	b := bufio.NewReader(in.input())
	_, err := b.Peek(11)
	require.NoError(t, err)
	time.AfterFunc(time.Millisecond, cancel)
	_, err = firstLine(b)
	require.ErrorIs(t, err, context.Canceled)
}
