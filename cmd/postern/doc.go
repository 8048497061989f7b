// Command postern carries the posts of a blog to Instagram, each exactly once.
//
// It promises one clear line on stderr for what failed, with what to do about it, and the exit status 0 for all well,
// 1 for something that failed and 2 for wrong usage. Each command is a type named after it, xCmd, with a Run that gets
// the invocation; newApp puts the packages together for the commands that poll or publish.
package main
