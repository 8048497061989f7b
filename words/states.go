package words

// The page that explains the states of a publication.
const (
	StatesTitle = "What each state means"
	StatesLead  = "A publication is one post on its way to one account. Its state is what Postern knows for certain."
	StatesShow  = "Show posts in this state"

	StateMeansQueued     = "Postern publishes it when its turn comes. Its page says when, and what it waits for."
	StateMeansHeld       = "Postern waits for your decision. Its page says why. Approve it, publish it or skip it."
	StateMeansStaged     = "Postern has sent the media to Instagram, and nobody can see the post yet."
	StateMeansPublishing = "Postern has asked Instagram to publish it, and checks whether it is live."
	StateMeansPublished  = "It is live on Instagram."
	StateMeansFailed     = "It is not live. Fix the problem that its page names, then retry or skip it."
	StateMeansUncertain  = "It may be live, and Postern cannot find out. Look at your profile, then say what you saw."
	StateMeansSkipped    = "Postern does not publish it. Its page says why, and how you can still publish it."
)
