package access

import (
	"slices"
	"sync"
	"time"
)

const (
	attempts    = 5    // of one visitor in a window, so that a stranger's do not keep the owner out
	allAttempts = 1500 // of all visitors together: a stranger may have many addresses, and the owner another one
	window      = time.Minute
)

// throttle allows a few attempts in a minute.
type throttle struct {
	mu   sync.Mutex
	made []attempt // within the window, oldest first

	known map[string]*throttle // of those that are counted alone
}

type attempt struct {
	at   time.Time
	from string
}

// take counts an attempt. When there were too many, it counts nothing and returns how long to wait.
func (t *throttle) take(now time.Time, from string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made = slices.DeleteFunc(t.made, func(a attempt) bool { return now.Sub(a.at) >= window })
	if len(t.made) >= allAttempts {
		return window - now.Sub(t.made[0].at)
	}
	count := 0
	for _, a := range slices.Backward(t.made) {
		if a.from == from {
			if count++; count == attempts {
				return window - now.Sub(a.at)
			}
		}
	}
	t.made = append(t.made, attempt{now, from})
	return 0
}

// takeAlone is take for a visitor who is known: others' attempts do not count, nor does this one for them.
func (t *throttle) takeAlone(now time.Time, from string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]*throttle{}
	}
	for name, k := range t.known {
		if k.last().Add(window).Before(now) {
			delete(t.known, name)
		}
	}
	if t.known[from] == nil {
		t.known[from] = &throttle{}
	}
	return t.known[from].take(now, from)
}

// last returns the time of the newest attempt.
func (t *throttle) last() time.Time {
	if len(t.made) == 0 {
		return time.Time{}
	}
	return t.made[len(t.made)-1].at
}

// clear forgets a visitor's attempts: the last one was right.
func (t *throttle) clear(from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made = slices.DeleteFunc(t.made, func(a attempt) bool { return a.from == from })
	delete(t.known, from)
}
