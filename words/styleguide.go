package words

// Made-up posts and findings of the style guide.
const (
	GuideReel    = "A reel whose cover is not prepared yet"
	GuideToken   = "valid for 51 days"
	GuideQuota   = "Instagram did not answer"
	GuideCaption = "The quay at dawn. Nobody is there but the gulls, and a rope that somebody will come back for."
	GuideLink    = "\n\nSee the full post at:\nhttps://example.org/quay"
	GuideFeed    = "A feed in trouble"
	GuideProblem = "The server answers 404."
	GuideMissing = "There is no picture at example.org/quay.jpg."
	GuideTitle   = "The quay at dawn"
	GuideReason  = "Waiting for your approval."
	GuideHeld    = "You put it on hold."
	GuideRefusal = "Instagram refused it."
)
