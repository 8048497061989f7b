package notices

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"postern/redact"
	"postern/store"
	"postern/vault"
	"postern/words"
)

// keepPast is how long notices that ended are kept.
const keepPast = 180 * 24 * time.Hour

// Options of New.
type Options struct {
	Store     *store.Store
	Key       vault.Key // seals the addresses
	PublicURL string    // start of the links in messages; "" leaves them out
	// Send takes one message to one address. It may take as long as ctx lets it.
	Send func(ctx context.Context, address redact.Secret, m Message) error
	// Probes look at what is not in the database. Each returns what is wrong now: Cause, Level, Severity, Text, Remedy.
	Probes []func(ctx context.Context) []store.Notice
	Redact *redact.Redactor // takes secrets out of what services answer; may be nil
	Logger *slog.Logger     // nil discards
}

// Message is what is sent.
type Message struct {
	Title string `json:"title"` // one line
	Text  string `json:"text"`
}

// Keeper keeps the notices. Its methods are safe for concurrent use.
type Keeper struct {
	Options
	looking sync.Mutex
	telling sync.Mutex
}

// AddProbe adds a probe that could not be had when the keeper was made. It is called before the first Look.
func (k *Keeper) AddProbe(probe func(context.Context) []store.Notice) {
	k.Probes = append(k.Probes, probe)
}

// New returns a Keeper that does nothing until it is asked.
func New(o Options) *Keeper {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	return &Keeper{Options: o}
}

// Refresh opens a notice for each new problem and closes those of problems that are fixed. Call it every few seconds.
func (k *Keeper) Refresh(ctx context.Context) error {
	k.looking.Lock()
	defer k.looking.Unlock()
	open, err := k.Store.OpenNotices(ctx)
	if err != nil {
		return err
	}
	wrong, err := k.wrong(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	c := store.NoticeChange{Message: k.message}
	there := map[string]store.Notice{}
	for _, n := range wrong {
		there[n.Cause] = n
	}
	var seen []store.Notice
	for _, was := range open {
		n, still := there[was.Cause]
		delete(there, was.Cause)
		switch {
		case still && n.Level > was.Level:
			n.ID, n.Cause, n.OpenedAt = was.ID, was.Cause, was.OpenedAt
			c.Raised = append(c.Raised, n)
		case still:
			if n.Text != was.Text && n.Level == was.Level || now.Sub(was.SeenAt) >= time.Minute {
				if n.Level == was.Level {
					was.Text, was.Remedy, was.Guide = n.Text, n.Remedy, n.Guide
				}
				seen = append(seen, was)
			}
		default:
			over, err := k.over(ctx, &was, now)
			if err != nil {
				return err
			}
			if over {
				c.Closed = append(c.Closed, was)
			}
		}
	}
	for _, n := range wrong {
		if _, fresh := there[n.Cause]; fresh {
			c.Opened = append(c.Opened, n)
			delete(there, n.Cause)
		}
	}
	if err := k.Store.SyncNotices(ctx, c); err != nil {
		return err
	}
	for _, n := range seen {
		if err := k.Store.SeenNotice(ctx, n); err != nil {
			return err
		}
	}
	k.logChange(ctx, c)
	return nil
}

// logChange logs which notices were opened, got worse and were closed.
func (k *Keeper) logChange(ctx context.Context, c store.NoticeChange) {
	for _, n := range c.Opened {
		k.Logger.WarnContext(ctx, "notice", slog.String("cause", n.Cause), slog.String("text", n.Text))
	}
	for _, n := range c.Raised {
		k.Logger.WarnContext(ctx, "notice got worse", slog.String("cause", n.Cause), slog.String("text", n.Text))
	}
	for _, n := range c.Closed {
		k.Logger.InfoContext(ctx, "notice closed", slog.String("cause", n.Cause), slog.String("outcome", n.Outcome))
	}
}

// Clean deletes what ended long ago.
func (k *Keeper) Clean(ctx context.Context) error {
	return k.Store.DropNotices(ctx, time.Now().Add(-keepPast))
}

// message is what is sent about a notice that was opened, got worse or ended; "" for nothing.
func (k *Keeper) message(n store.Notice) string {
	switch {
	case n.Severity == store.Info, strings.HasPrefix(n.Cause, addressCause): // it could not be sent there
		return ""
	case n.ClosedAt.IsZero():
		return strings.TrimSpace(n.Text + " " + n.Remedy)
	case n.Quiet:
		return ""
	}
	return words.MessageFixed(n.Outcome)
}
