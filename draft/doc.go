// Package draft computes what a post becomes on an account, before anything is sent.
//
// Resolve merges the layers of settings, Filtered applies the owner's filters, and Plan and PlanPart compute the
// Draft: kind, caption, items and checks. These functions are pure, so previews, pages and the publisher see the
// same draft. Opening returns when the time gates let a post through. Only Prepare uses the network and the disk,
// through package media: it creates the files that will be sent.
//
// Package draft does not import the publisher, accounts or web packages: a draft depends only on a post and its
// settings.
package draft
