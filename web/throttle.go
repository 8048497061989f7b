package web

import (
	"slices"
	"sync"
	"time"
)

const (
	attempts    = 5  // of one visitor in a window, so that a stranger's do not keep the owner out
	allAttempts = 60 // of all visitors together: a stranger may have many addresses
	window      = time.Minute
)

// throttle allows a few attempts in a minute.
type throttle struct {
	mu   sync.Mutex
	made []attempt // within the window, oldest first
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

// clear forgets a visitor's attempts: the last one was right.
func (t *throttle) clear(from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made = slices.DeleteFunc(t.made, func(a attempt) bool { return a.from == from })
}
