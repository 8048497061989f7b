package main

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// Most of these tests wait for a program beside them: four for each processor keep it busy, unless -parallel
// says otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
