package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal opens one: what is written to tty is read from screen.
func terminal(t *testing.T) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = screen.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tty.Close() })
	return screen, tty
}

// On a terminal long work shows a bar, which goes when the work is over; what comes from elsewhere cannot steer
// the terminal.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	screen, tty := terminal(t)
	in := &invocation{ctx: t.Context(), stderr: tty}
	stop := in.progress(func() (string, int64, int64) { return "reading \x1b[2Jthe harbour", 3, 40 })
	var shown string
	read := func(until string) {
		t.Helper()
		b := make([]byte, 4<<10)
		for !strings.Contains(shown, until) {
			n, err := screen.Read(b)
			require.NoError(t, err)
			shown += string(b[:n])
		}
	}
	read("3/40")
	require.Contains(t, shown, "the harbour")
	require.Contains(t, shown, "█")
	require.NotContains(t, shown, "\x1b[2J")
	stop()
	shown = ""
	_, err := fmt.Fprint(tty, "over")
	require.NoError(t, err)
	read("over")
	require.Regexp(t, `\r {60,}\rover$`, shown, "the bar is gone")

	stop = in.progress(func() (string, int64, int64) { return "short work", 1, 2 })
	stop()
	_, err = fmt.Fprint(tty, "end")
	require.NoError(t, err)
	shown = ""
	read("end")
	require.NotContains(t, shown, "short work")
}
