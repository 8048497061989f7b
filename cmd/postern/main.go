package main

import (
	"io"
	"log"
	"os"
)

func main() {
	crashLoudly()
	log.SetOutput(io.Discard) // net/http writes there what a server says beyond its answer, in that server's words
	os.Exit(run(os.Args[1:], system()))
}
