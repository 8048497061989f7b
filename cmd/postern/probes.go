package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"postern/accounts"
	"postern/notices"
	"postern/store"
)

const (
	diskLow  = 512 << 20 // bytes free, from which the owner is told
	diskFull = 64 << 20  // … and from which nothing more can be done
	// The media folder has a limit of its own; from this share on it is told of.
	folderFull = 0.95
	// How often our own public address is tried, and how many failures in a row are told.
	reachTick  = 10 * time.Minute
	reachTime  = 20 * time.Second
	reachTries = 3
)

// newKeeper makes the keeper of the notices, with this program as its sending process.
func (a *App) newKeeper(key accounts.Key) *notices.Keeper {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	reach := &reach{url: a.cfg.Web.BaseURL, client: a.fetch}
	return notices.New(notices.Options{
		Store: a.store, Key: key, PublicURL: a.cfg.Web.BaseURL, Send: notices.Through(exe, "tell"), Redact: a.cfg.hide, Logger: a.log,
		Probes: []func(context.Context) []store.Notice{a.diskProbe, a.keyProbe, func(ctx context.Context) []store.Notice {
			if a.open || reach.url == "" { // nobody outside reaches a demo
				return nil
			}
			return reach.probe(ctx, a.store)
		}},
	})
}

// tellOnce notices and tells for whoever never runs the daemon. What does not arrive is tried again by the next pass.
func (a *App) tellOnce(ctx context.Context) {
	err := a.notices.Configure(ctx, a.cfg.notifyAddresses())
	if err == nil {
		err = a.notices.Look(ctx)
	}
	if err == nil {
		err = a.notices.Tell(ctx)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("telling notices", slog.Any("error", err))
	}
}

func (a *App) keyProbe(context.Context) []store.Notice {
	text := a.keyTrouble()
	if text == "" {
		return nil
	}
	return []store.Notice{{Cause: "key", Level: 1, Severity: store.Bad, Text: text,
		Remedy: "Publishing goes on until Postern is restarted. Put the file back from your copy before that."}}
}

func (a *App) diskProbe(context.Context) []store.Notice {
	if free, ok := freeSpace(a.cfg.DataDir); ok && free < diskLow {
		n := store.Notice{Cause: "disk", Level: 1, Severity: store.Warning,
			Text:   fmt.Sprintf("The disk of %s is nearly full.", a.cfg.DataDir),
			Remedy: "Make room; with none left nothing can be published, and nothing is lost."}
		if free < diskFull {
			n.Level, n.Severity, n.Text = 2, store.Bad, fmt.Sprintf("The disk of %s is full.", a.cfg.DataDir)
		}
		return []store.Notice{n}
	}
	if a.media == nil {
		return nil
	}
	used, limit, err := a.media.Fill()
	if err != nil || limit <= 0 || float64(used) < folderFull*float64(limit) {
		return nil
	}
	return []store.Notice{{Cause: "media", Level: 1, Severity: store.Warning,
		Text:   fmt.Sprintf("The folder of prepared pictures and videos holds %d of %d MB; what needs more waits.", used>>20, limit>>20),
		Remedy: "Files that nothing needs go after media.keep_days by themselves; a smaller number makes room earlier."}}
}

// reach tries our own public address. From inside it can fail where the world gets through, because some routers do not
// lead back to themselves: alone that is only shown; Instagram's word makes it a warning.
type reach struct {
	url    string
	client *http.Client

	mu       sync.Mutex
	next     time.Time
	failures int
	why      string
}

func (r *reach) probe(ctx context.Context, s *store.Store) []store.Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); !now.Before(r.next) {
		r.next = now.Add(reachTick)
		if err := r.try(ctx); err != nil {
			r.failures++
			r.why = err.Error()
		} else {
			r.failures = 0
		}
	}
	if r.failures < reachTries {
		return nil
	}
	n := store.Notice{Cause: "public", Level: 1, Severity: store.Info,
		Text:   fmt.Sprintf("Postern does not reach itself by its public address %s: %s.", r.url, r.why),
		Remedy: "Open it from outside your network. If that works, your router does not lead back and all is well; if not, Instagram cannot fetch pictures."}
	if refused, err := s.Unfetched(ctx, time.Now().Add(-24*time.Hour)); err == nil && refused > 0 {
		n.Level, n.Severity = 2, store.Warning
		n.Text += " Instagram could not fetch files either."
		n.Remedy = "Check that web.base_url leads here from outside: name, certificate, proxy, and that nothing there asks for a log-in."
	}
	return []store.Notice{n}
}

func (r *reach) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer")
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<10))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers with %s", res.Status)
	}
	return nil
}
