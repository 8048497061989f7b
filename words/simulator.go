package words

import "time"

// SimulatedPostOf names a post of the simulated profile by its time, where it has no alt text.
func SimulatedPostOf(at time.Time) string {
	return "Post of " + at.UTC().Format("2 January 2006, 15:04")
}

// SimulatedPostBy is the title of the page of one simulated post.
func SimulatedPostBy(username string) string { return "Post by " + username }
