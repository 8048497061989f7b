// Package draft computes what a post becomes on an account before anything is sent.
//
// Resolve merges the layers of settings, Filtered asks the owner's filters, and Plan and PlanPart make the Draft:
// kind, caption, items and checks. They are pure, so previews, pages and the publisher see the same draft. Opening
// returns when the gates of time let a post through. Only Prepare reads the network and the disk, through package
// media: it makes the files that will be sent.
//
// Package draft imports no publisher, no accounts and no web: a draft is made of a post and its settings.
package draft
