package media

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain makes the test program serve as the decoder process, and as processes that misbehave.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "convert-child" {
		os.Exit(convertChild(os.Args[2]))
	}
	goleak.VerifyTestMain(m)
}

// convertChild plays a decoder process: a correct one, or one with the fault that what names.
func convertChild(what string) int {
	switch what {
	case "convert":
		if err := ConvertMain(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "nonsense":
		fmt.Print("Content-Type: text/html\r\n\r\n<!doctype html><title>hello</title>")
	case "short":
		fmt.Print(convertMagic + string(formRGBA) + "\x00\x00\x00\x00\x10\x00\x00\x00\x10few")
	case "bomb":
		fmt.Print(convertMagic + string(formRGBA) + "\x00\x00\xff\xff\xff\x00\xff\xff\xff")
	case "killed": // as by a system that ran out of memory
		if p, err := os.FindProcess(os.Getpid()); err == nil {
			_ = p.Kill()
		}
		time.Sleep(time.Minute)
	case "fail":
		fmt.Fprintln(os.Stderr, "decoding HEIC: no")
		return 1
	case "sleep":
		time.Sleep(time.Minute)
	case "eat":
		_, _ = os.Stdin.Read(make([]byte, 1)) // the limit is set before any input arrives
		var all [][]byte
		for range 4096 {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
		fmt.Print(len(all))
	}
	return 0
}
