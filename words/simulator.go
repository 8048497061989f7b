package words

import (
	"fmt"
	"time"
)

// SimulatedPostOf names a post of the simulated profile by its time, where it has no alt text.
func SimulatedPostOf(at time.Time) string {
	return "Post of " + at.UTC().Format("2 January 2006, 15:04")
}

// SimulatedPostBy is the title of the page of one simulated post.
func SimulatedPostBy(username string) string { return "Post by " + username }

// The pages of the simulated Instagram.
const (
	SimulatedNote       = "This page imitates Instagram on this machine. Nothing here is on Instagram."
	SimulatedRefused    = "That did not work"
	SimulatedAllow      = "Allow an app to post for you?"
	SimulatedNoLogIn    = "There is no simulated account to log in as."
	SimulatedNoAlt      = "No alt text"
	SimulatedNoPosts    = "No posts yet. This page loads again every few seconds."
	SimulatedNoAccounts = "No accounts yet."
	SimulatedAccounts   = "Simulated accounts"
)

// SimulatedTitle is the title of a page.
func SimulatedTitle(title string) string { return title + " · simulated" }

// SimulatedPosts counts the posts of a profile.
func SimulatedPosts(posts int) string { return countPosts(posts) }

// SimulatedAsks names the app that asks for permissions, which follow.
func SimulatedAsks(app string) string { return fmt.Sprintf("The app %s asks for:", app) }

// SimulatedAllowAs names the account that a button allows the app for.
func SimulatedAllowAs(username string) string { return "Allow as @" + username }

// SimulatedLive counts the posts of an account in the list.
func SimulatedLive(posts int) string { return fmt.Sprintf("%d live", posts) }
