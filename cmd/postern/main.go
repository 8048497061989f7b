// Command postern carries the posts of a blog to Instagram, each exactly once.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], system())) }
