package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	barAfter  = 500 * time.Millisecond // what is over sooner needs no bar
	barEvery  = 200 * time.Millisecond
	lineAfter = 10 * time.Second // without a terminal, where lines are kept
	lineEvery = 15 * time.Second
)

// progress shows on stderr how far long work is until stop is called: a bar on a terminal, elsewhere a line when
// it is further, now and then. far returns what it does, how much is done and of how much, 0 where that is not
// known; it is called from another goroutine.
func (in *invocation) progress(far func() (words string, done, of int64)) (stop func()) {
	after, every, show, end := lineAfter, lineEvery, in.lines(), func() {}
	if f, ok := in.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		// Without an interval of its own: its goroutine would look at the bar while this one draws it.
		b := progressbar.NewOptions64(-1, progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionSetWriter(f),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetWidth(30), progressbar.OptionShowCount(),
			progressbar.OptionSetRenderBlankState(false))
		after, every = barAfter, barEvery
		show = func(words string, done, of int64) {
			b.Describe(printable(words))
			if of > 0 && b.GetMax64() != of {
				b.ChangeMax64(of)
			}
			_ = b.Set64(min(done, max(of-1, 0))) // the last step ends it
		}
		end = func() { _ = b.Clear() }
	}
	ended := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		defer end()
		for next := time.After(after); ; next = time.After(every) {
			select {
			case <-ended:
				return
			case <-in.ctx.Done():
				return
			case <-next:
				show(far())
			}
		}
	})
	return sync.OnceFunc(func() { close(ended); running.Wait() })
}

// lines writes how far it is on a line of its own, when that is not what the line before says.
func (in *invocation) lines() (show func(words string, done, of int64)) {
	before := ""
	return func(words string, done, of int64) {
		if of > 0 {
			words += fmt.Sprintf(": %d of %d", done, of)
		}
		if words != before {
			fmt.Fprintln(in.stderr, "postern: progress:", printable(words))
		}
		before = words
	}
}
