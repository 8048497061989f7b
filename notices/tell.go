package notices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"postern/redact"
	"postern/store"
	"postern/words"
)

const (
	sendTime  = 45 * time.Second // of one message
	tellLease = 5 * time.Minute  // all addresses are told at once
	atOnce    = 10               // notices in one message; the others are counted
	maxTries  = 20               // some four days of them
	// A message that did not arrive is tried again after a minute, then two, four, and so on.
	firstRetry = time.Minute
	lastRetry  = 6 * time.Hour
)

const title = "Postern"

// Tell sends what is to be told. An address that does not answer holds up nobody else.
func (k *Keeper) Tell(ctx context.Context) error {
	k.telling.Lock()
	defer k.telling.Unlock()
	due, err := k.Store.ClaimDeliveries(ctx, tellLease)
	if err != nil || len(due) == 0 {
		return err
	}
	by := map[int64][]store.Delivery{}
	var order []int64
	for _, d := range due {
		if by[d.AddressID] == nil {
			order = append(order, d.AddressID)
		}
		by[d.AddressID] = append(by[d.AddressID], d)
	}
	errs := make([]error, len(order))
	var wg sync.WaitGroup
	for i, id := range order {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("notices: telling address %d panicked: %v\n%s", id, r, debug.Stack())
				}
			}()
			errs[i] = k.tell(ctx, id, by[id])
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// tell sends everything that is due at one address as one message.
func (k *Keeper) tell(ctx context.Context, addressID int64, due []store.Delivery) error {
	a, err := k.Store.Address(ctx, addressID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // removed a moment ago, with its messages
	}
	if err != nil {
		return err
	}
	ids, texts, tries := make([]int64, len(due)), []string{}, 0
	for i, d := range due {
		ids[i], tries = d.ID, max(tries, d.Tries+1)
		if i < atOnce {
			texts = append(texts, d.Text)
		}
	}
	if more := len(due) - len(texts); more > 0 {
		texts = append(texts, words.MessageMore(more))
	}
	err = k.send(ctx, a, strings.Join(texts, "\n\n"))
	if ctx.Err() != nil {
		return nil // told to stop: the next start sends it
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err == nil {
		k.Logger.InfoContext(ctx, "notices told", slog.Int64("address", a.ID), slog.String("service", a.Label),
			slog.Int("notices", len(ids)))
		return k.Store.Delivered(record, a.ID, ids)
	}
	k.Logger.WarnContext(ctx, "notices not told", slog.Int64("address", a.ID), slog.String("service", a.Label),
		slog.Int("tries", tries), slog.Any("error", err))
	var again time.Time
	if tries < maxTries {
		again = time.Now().Add(retryAfter(tries))
	}
	return k.Store.Undelivered(record, a.ID, ids, err.Error(), again)
}

func retryAfter(tries int) time.Duration {
	d := firstRetry
	for range min(tries-1, 10) {
		d *= 2
	}
	return min(d, lastRetry)
}

// Test sends a message that says that it is a test. The error says in one line why it did not arrive.
func (k *Keeper) Test(ctx context.Context, addressID int64) error {
	a, err := k.Store.Address(ctx, addressID)
	if err != nil {
		return err
	}
	if err := k.send(ctx, a, words.MessageTest); err != nil {
		if ctx.Err() == nil {
			err = errors.Join(err, k.Store.Undelivered(ctx, a.ID, nil, err.Error(), time.Time{}))
		}
		return err
	}
	return k.Store.Delivered(ctx, a.ID, nil)
}

func (k *Keeper) send(ctx context.Context, a store.Address, text string) error {
	address, err := k.Key.Open(place(a.ID), a.Sealed)
	if err != nil {
		return fmt.Errorf("%w: remove the address and add it anew", err)
	}
	if k.PublicURL != "" {
		text += "\n\n" + k.PublicURL + "/notices"
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	k.Redact.Add(secretsOf(address)...)
	err = k.Send(ctx, address, Message{Title: title, Text: text})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.New(words.TargetSilent(sendTime))
	}
	return errors.New(k.clean(err.Error(), address))
}

// maxAnswer is as much of a service's answer as helps.
const maxAnswer = 300

// clean makes one line without secrets of what a service or the library says.
func (k *Keeper) clean(text string, address redact.Secret) string {
	text = redact.Values(text, secretsOf(address)...)
	text = strings.Join(strings.Fields(k.Redact.Text(text)), " ")
	if r := []rune(text); len(r) > maxAnswer {
		text = string(r[:maxAnswer]) + "…"
	}
	return text
}
