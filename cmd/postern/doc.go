// Command postern carries the posts of a blog to Instagram, each exactly once.
//
// A command that fails prints one clear line on stderr that says why and what to do. The exit status is 0 when all is
// well, 1 when something failed and 2 for wrong usage. Each command is a type named after it, xCmd, with a Run that
// gets the invocation; newApp puts the packages together for the commands that poll or publish.
package main
