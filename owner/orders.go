package owner

import (
	"context"
	"time"

	"postern/accounts"
	"postern/feed"
	"postern/notices"
	"postern/publisher"
	"postern/store"
	"postern/webhook"
)

// Orders carries out orders on one installation, in the name of one actor. Its methods may be called concurrently.
type Orders struct {
	Store        *store.Store
	Poller       *feed.Poller
	Accounts     *accounts.Accounts
	Publisher    *publisher.Publisher                      // for CheckAgain; nil where no order needs it
	CheckAddress func(ctx context.Context) []store.Finding // asks for a file of ours as Instagram would
	Notices      *notices.Keeper
	Webhooks     *webhook.Keeper
	By           store.Actor   // whom the history names
	AskTime      time.Duration // bounds what an order waits for Instagram; 0: no more than each call does
}
