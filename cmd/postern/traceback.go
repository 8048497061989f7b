package main

import "runtime/debug"

// crashLoudly lets a crash end the process by a signal: Go's own exit status for one is 2, which here means wrong
// usage and is never restarted. No core file is written, because it would hold secrets.
func crashLoudly() {
	debug.SetTraceback("crash")
	forbidCore()
}
