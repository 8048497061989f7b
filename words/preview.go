package words

import (
	"fmt"
	"strings"
)

// What `postern preview` answers. A name in brackets is that of a check.
const (
	PreviewBaseURLInvalid = "--base-url must be an address such as https://example.org/"
	PreviewPreparing      = "preparing the media of posts"
	PreviewNeedsAddress   = "Set web.base_url before you connect a real account. Without a public address, pictures " +
		"that need a repair wait. --out shows which ones. [media.url.none]"
	PreviewNotApplied = "This preview does not apply the settings and filters of your accounts, or the start of your " +
		"feeds. To see what becomes of each post, run `postern publications`."
)

// PreviewOtherFeed names another feed of the site.
func PreviewOtherFeed(address, title string) string {
	return strings.TrimSpace(fmt.Sprintf("Another feed of the site: %s %s", address, title))
}

// PreviewLeft names files in the directory that an earlier preview wrote, by their names. more counts those that are
// not named.
func PreviewLeft(files []string, more int) string {
	list := strings.Join(files, ", ")
	if more > 0 {
		list = fmt.Sprintf("%s and %d more", list, more)
	}
	return fmt.Sprintf("Files of an earlier preview, by their names: %s", list)
}

// PreviewWaitsForAddress counts the pictures that would wait for a public address.
func PreviewWaitsForAddress(pictures int) string {
	return fmt.Sprintf("Set web.base_url. Without a public address Instagram cannot fetch what Postern makes of %s. "+
		"[media.url.none]", count(pictures, "picture", "pictures"))
}

// PreviewKinds counts the posts that would be published, by their kind.
type PreviewKinds struct{ Images, Carousels, Reels, Stories int }

// PreviewSummary counts the posts of a feed, those that would be published, and those of them that would wait.
func PreviewSummary(posts int, of PreviewKinds, waiting int) string {
	published := of.Images + of.Carousels + of.Reels + of.Stories
	if published == 0 {
		return countPosts(posts) + ": none would be published."
	}
	var kinds []string
	for _, k := range []struct {
		n         int
		one, more string
	}{{of.Images, "image", "images"}, {of.Carousels, "carousel", "carousels"}, {of.Reels, "reel", "reels"},
		{of.Stories, "story", "stories"}} {
		if k.n > 0 {
			kinds = append(kinds, count(k.n, k.one, k.more))
		}
	}
	text := fmt.Sprintf("%s: %d would be published (%s)", countPosts(posts), published, strings.Join(kinds, ", "))
	if waiting > 0 {
		text = fmt.Sprintf("%s, of which %d would wait", text, waiting)
	}
	if skipped := posts - published; skipped > 0 {
		text = fmt.Sprintf("%s; %d would be skipped", text, skipped)
	}
	return text + "."
}

// PreviewFile tells what was done to a prepared file. isMedia is false for a file of text.
func PreviewFile(name string, changes []string, isMedia bool) string {
	switch {
	case len(changes) > 0:
		return fmt.Sprintf("%s: %s", name, strings.Join(changes, ", "))
	case isMedia:
		return name + ": unchanged"
	}
	return name
}

// PreviewUnusable tells why a file of a post cannot be used. kind is image or video.
func PreviewUnusable(post int, kind string, number int, why string) string {
	return fmt.Sprintf("post %d, %s %d: %s", post, kind, number, why)
}
