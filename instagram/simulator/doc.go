// Package simulator stands in for graph.instagram.com: a stateful server that
// checks what Instagram checks and fails as Instagram fails, with a profile
// page that shows what is live.
//
// It is unkind by default: containers take a while, an image published at once
// is refused with 9007/2207027, and about one publish answer in twenty is lost
// after the post went live. Which ones depends on the seed. Publishing a
// container twice makes two posts, because Instagram promises nothing else.
//
// A Server is an http.Handler; Transport mounts it in process, which also works
// inside testing/synctest. All time is time.Now, there are no goroutines.
package simulator
