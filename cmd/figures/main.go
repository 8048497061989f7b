// Figures prints measures of how readable the source is: long functions, doc comments, long lines, packages and their
// imports, and sentences outside the catalogue.
//
//	go run ./cmd/figures [-v] [-test] [DIRECTORY]
//
// It counts hand-written files only: generated ones and those under testdata are left out. -v lists what was
// counted, with path and line. -test also runs go test ./... and prints how many seconds it took.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

func main() {
	verbose := flag.Bool("v", false, "list what was counted")
	test := flag.Bool("test", false, "run go test ./... and print its seconds")
	flag.Parse()
	dir := "."
	if flag.NArg() > 0 {
		dir = flag.Arg(0)
	}
	if err := run(context.Background(), os.Stdout, dir, *verbose, *test); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, dir string, verbose, test bool) error {
	house, err := readHouse(os.DirFS(dir))
	if err != nil {
		return err
	}
	for _, f := range house.figures() {
		if _, err := fmt.Fprintf(w, "%-52s %s\n", f.name, f.value); err != nil {
			return err
		}
		for _, line := range f.list {
			if verbose {
				fmt.Fprintln(w, "    "+line)
			}
		}
	}
	if !test {
		return nil
	}
	seconds, err := testSeconds(ctx, dir)
	fmt.Fprintf(w, "%-52s %.0f\n", "seconds of go test ./...", seconds)
	return err
}

// testSeconds returns how long go test ./... takes in dir, in seconds.
func testSeconds(ctx context.Context, dir string) (float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, io.Discard, os.Stderr
	began := time.Now()
	err := cmd.Run()
	return time.Since(began).Seconds(), err
}
