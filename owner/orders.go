package owner

import (
	"postern/feed"
	"postern/publisher"
	"postern/store"
)

// Orders carries out orders on one installation, in the name of one actor. Its methods may be called concurrently.
type Orders struct {
	Store     *store.Store
	Poller    *feed.Poller
	Publisher *publisher.Publisher // for CheckAgain; nil where no order needs it
	By        store.Actor          // whom the history names
}
