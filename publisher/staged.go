package publisher

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// stuck is how long Instagram may process a container before the publisher creates another one.
const stuck = time.Hour

// containerLife is how long Instagram keeps a container that is not published.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
const containerLife = 24 * time.Hour

// spacing returns the delay before status read n. It is short at first, because most pictures are ready within
// seconds.
func spacing(n int) time.Duration {
	steps := []time.Duration{2, 3, 5, 8, 13, 21, 34, 60}
	return steps[min(n, len(steps)-1)] * time.Second
}

// create creates the missing containers, and records each before it requests the next. With frozen, the first
// container moves the publication from queued to staged. A crash between the answer and the record leaves an unused
// container.
func (w *job) create(ctx context.Context, client *instagram.Client, frozen *store.Frozen) error {
	kind, caption, items, extras := w.pub.Kind, w.pub.Caption, w.pub.Items, w.pub.Extras
	if frozen != nil {
		kind, caption, items, extras = frozen.Kind, frozen.Caption, frozen.Items, frozen.Extras
	}
	w.memo.reads = 0
	if kind != store.KindCarousel {
		created, err := createOne(ctx, client, kind, caption, items[0], extras)
		if err != nil {
			return w.refused(ctx, err)
		}
		return w.recordContainer(ctx, created, 0, frozen, false)
	}
	for i, item := range items {
		if _, ok := w.pub.Container(i + 1); ok {
			continue
		}
		created, err := client.CreateCarouselItem(ctx, carouselItem(item, tagged(items, extras)[i]))
		if err != nil {
			w.failedItem = itemRef{item, i + 1, len(items)}
			return w.refused(ctx, err)
		}
		if err := w.recordContainer(ctx, created, i+1, frozen, i+1 < len(items)); err != nil {
			return err
		}
		frozen = nil
	}
	return nil
}

func createOne(ctx context.Context, client *instagram.Client, kind store.Kind, caption string, i store.Item,
	x store.Extras) (instagram.Created, error) {
	switch {
	case kind == store.KindStory && i.Type == store.Video:
		return client.CreateStory(ctx, instagram.Story{VideoURL: i.SentURL, UserTags: named(x.UserTags)})
	case kind == store.KindStory:
		return client.CreateStory(ctx, instagram.Story{ImageURL: i.SentURL, UserTags: named(x.UserTags)})
	case kind == store.KindReel:
		return client.CreateReel(ctx, instagram.Reel{
			URL: i.SentURL, Caption: caption, CoverURL: i.SentCover, ShareToFeed: x.ShareToFeed,
			LocationID: x.LocationID, Collaborators: x.Collaborators, UserTags: named(x.UserTags),
		})
	}
	return client.CreateImage(ctx, instagram.Image{
		URL: i.SentURL, Caption: caption, AltText: i.Alt, LocationID: x.LocationID, Collaborators: x.Collaborators,
		UserTags: placed(x.UserTags),
	})
}

func carouselItem(i store.Item, tags []instagram.UserTag) instagram.CarouselItem {
	if i.Type == store.Video {
		return instagram.CarouselItem{VideoURL: i.SentURL}
	}
	return instagram.CarouselItem{ImageURL: i.SentURL, AltText: i.Alt, UserTags: tags}
}

// tagged assigns the user tags to the first picture of a carousel, because the carousel itself takes none.
func tagged(items []store.Item, x store.Extras) [][]instagram.UserTag {
	tags := make([][]instagram.UserTag, len(items))
	if i := slices.IndexFunc(items, func(i store.Item) bool { return i.Type == store.Image }); i >= 0 {
		tags[i] = placed(x.UserTags)
	}
	return tags
}

// named returns user tags without a position, as reels and stories require.
func named(users []string) []instagram.UserTag {
	tags := make([]instagram.UserTag, len(users))
	for i, u := range users {
		tags[i].Username = u
	}
	return tags
}

// placed returns user tags side by side along the lower edge, because pictures require a position.
func placed(users []string) []instagram.UserTag {
	tags := named(users)
	for i := range tags {
		tags[i].At = &instagram.Spot{X: float64(i+1) / float64(len(users)+1), Y: 0.9}
	}
	return tags
}

// recordContainer stores a container that Instagram has created.
func (w *job) recordContainer(ctx context.Context, c instagram.Created, position int, frozen *store.Frozen,
	more bool) error {
	w.memo.errors, w.memo.throttled = 0, 0
	return w.advance(ctx, store.Change{
		To: store.Staged, Keep: more, DueAt: in(spacing(0)), Freeze: frozen, Reason: reason.New(reason.Working),
		Containers: []store.Container{{Position: position, ID: c.ID, CreatedAt: c.At}},
		Note:       words.ContainerMade(c.ID),
	})
}

// staged waits for the containers, creates the carousel container when its items are ready, and publishes.
func (w *job) staged(ctx context.Context) error {
	if w.pub.Claims > maxClaims {
		return w.fail(ctx, reason.New(reason.StoppedOften), nil)
	}
	if w.account.Paused {
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(dayGate),
			Reason: reason.New(reason.AccountPaused)})
	}
	if why := w.p.yield(ctx); !why.IsZero() {
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(yieldGate), Reason: why})
	}
	client, err := w.p.accounts.Client(ctx, w.account.ID)
	if err != nil {
		return w.accountTrouble(ctx, err)
	}
	if w.account.Trouble == store.Wait && time.Now().Before(w.account.WaitUntil) {
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: w.account.WaitUntil,
			Reason: reason.New(reason.AccountWaits, w.account.Problem)})
	}
	if w.pub.Kind == store.KindCarousel {
		if _, ok := w.pub.Container(0); !ok {
			return w.children(ctx, client)
		}
	}
	c, ok := w.pub.Container(0)
	if !ok {
		return w.create(ctx, client, nil)
	}
	switch o, err := w.read(ctx, client, &c); o {
	case recorded:
		return err
	case pending:
		return w.working(ctx, c)
	}
	if c.Status == string(instagram.Published) {
		return w.advance(ctx, store.Change{To: store.Published, Reason: reason.New(reason.PublishedAlready)})
	}
	if w.memo.tooEarly > 0 && client.Now().Sub(c.CreatedAt) > stuck {
		return w.roundOver(ctx, c, failure{why: reason.NotReadyLong})
	}
	if shut, err := w.closedBeforePublish(ctx); shut || err != nil {
		return err
	}
	return w.publish(ctx, client, c)
}

// children waits until all item containers of a carousel are FINISHED, and then creates the carousel container.
func (w *job) children(ctx context.Context, client *instagram.Client) error {
	if len(w.pub.Containers) < len(w.pub.Items) {
		return w.create(ctx, client, nil)
	}
	ids := make([]string, len(w.pub.Containers))
	var seen []store.Container
	waiting := false
	for i, c := range w.pub.Containers {
		ids[i] = c.ID
		if c.Status == string(instagram.Finished) {
			continue
		}
		o, err := w.read(ctx, client, &c)
		if o == recorded {
			return err
		}
		waiting = waiting || o == pending
		seen = append(seen, c)
	}
	if waiting {
		return w.working(ctx, seen...)
	}
	if err := w.advance(ctx, store.Change{To: store.Staged, Keep: true, Containers: seen}); err != nil {
		return err
	}
	created, err := client.CreateCarousel(ctx, instagram.Carousel{
		Children: ids, Caption: w.pub.Caption, LocationID: w.pub.Extras.LocationID,
		Collaborators: w.pub.Extras.Collaborators,
	})
	if err != nil {
		return w.refused(ctx, err)
	}
	w.memo.reads = 0
	return w.recordContainer(ctx, created, 0, nil, false)
}

// outcome is the result of reading a container.
type outcome int

const (
	recorded outcome = iota // the consequence is recorded, or recording it returned an error
	pending                 // Instagram is processing the container
	ready                   // FINISHED or PUBLISHED
)

// read reads the status of one container. It returns an error only with the outcome recorded.
func (w *job) read(ctx context.Context, client *instagram.Client, c *store.Container) (outcome, error) {
	s, err := client.Status(ctx, c.ID)
	switch {
	case instagram.IsUnreadable(err):
		return recorded, w.unreadable(ctx, client, *c, err)
	case err != nil:
		return recorded, w.refused(ctx, err)
	}
	w.memo.unreadable, w.memo.errors, w.memo.throttled = 0, 0, 0
	c.Status = string(s.Code)
	switch s.Code {
	case instagram.Finished, instagram.Published:
		return ready, nil
	case instagram.Errored:
		answerOf := ""
		if s.Text != string(s.Code) { // graph.instagram.com only repeats the code
			answerOf = s.Text
		}
		return recorded, w.roundOver(ctx, *c, failure{why: reason.MediaUnusable, answerOf: answerOf, subcode: s.Subcode})
	case instagram.Expired:
		return recorded, w.roundOver(ctx, *c, failure{why: reason.ContainerExpired})
	}
	if !c.CreatedAt.IsZero() && s.At.Sub(c.CreatedAt) > stuck {
		return recorded, w.roundOver(ctx, *c, failure{why: reason.WorkedLong})
	}
	return pending, nil
}

// working schedules the next read of containers that are not ready.
func (w *job) working(ctx context.Context, seen ...store.Container) error {
	w.memo.reads++
	return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(spacing(w.memo.reads)),
		Reason: reason.New(reason.Working), Containers: seen})
}

// unreadable handles a refused read of a container. Instagram has refused reads for weeks while publishing worked, so
// the container counts as gone only if Instagram answers "does not exist or expired" (24/2207008) five times in a
// row, or if the container is older than containerLife.
func (w *job) unreadable(ctx context.Context, client *instagram.Client, c store.Container, err error) error {
	w.memo.unreadable++
	var e *instagram.Error
	gone := errors.As(err, &e) && e.Subcode == 2207008 && w.memo.unreadable >= 5
	if gone || !c.CreatedAt.IsZero() && client.Now().Sub(c.CreatedAt) > containerLife {
		return w.roundOver(ctx, c, failure{why: reason.ContainerUnknown, cause: err})
	}
	hidden := reason.New(reason.ContainerHidden)
	wait := spacing(w.memo.unreadable + 3)
	if w.memo.unreadable > 15 { // after about 15 minutes
		wait = 5 * time.Minute
	}
	change := store.Change{To: store.Staged, DueAt: in(wait), Reason: hidden}
	if w.pub.Reason != hidden { // record each cause once
		change = withAnswer(change, err)
	}
	return w.advance(ctx, change)
}

// failure is why a container has become unusable.
type failure struct {
	why      reason.Code
	times    int // number of refusals, for reasons that state it
	at       itemRef
	answerOf string // Instagram's own text, "" if none
	code     int
	subcode  int
	cause    error
}

// reason returns why, extended by the meaning of Instagram's codes or by its own text.
func (d failure) reason() reason.Reason {
	args := []any{instagram.Meaning(d.code, d.subcode, d.answerOf), ""}
	if args[0] == (reason.Reason{}) {
		args[1] = d.answerOf
	}
	if d.times > 0 {
		args = append([]any{d.times}, args...)
	}
	return d.at.about(reason.New(d.why, args...))
}

// roundOver discards a set of containers because one is unusable. It starts another round if that may help.
func (w *job) roundOver(ctx context.Context, dead store.Container, d failure) error {
	w.memo.unreadable, w.memo.tooEarly = 0, 0
	w.recheckAddress(ctx, d.subcode)
	if dead.Position > 0 {
		d.at = itemRef{w.pub.Items[dead.Position-1], dead.Position, len(w.pub.Items)}
	}
	if d.subcode != 0 {
		v := instagram.Classify(&instagram.Error{Op: "create", Code: codeOf(d.subcode), Subcode: d.subcode})
		if v.Action == instagram.Reject {
			return w.fail(ctx, d.reason(), &instagram.Error{Subcode: d.subcode})
		}
	}
	if w.pub.Round < maxRounds {
		return w.advance(ctx, withAnswer(store.Change{
			To: store.Queued, NewRound: true, DueAt: in(backoff(w.pub.Round)), Containers: []store.Container{dead},
			Reason: d.reason().NextRound(w.pub.Round+1, maxRounds), Subcode: d.subcode,
		}, d.cause))
	}
	// Instagram often returns ERROR without a reason, and gives the reason when asked to publish the dead container.
	// This request goes through publish like any other, and only after the last round.
	if dead.Position == 0 && dead.Status == string(instagram.Errored) && d.answerOf == "" {
		if shut, err := w.closedBeforePublish(ctx); shut || err != nil {
			return err
		}
		client, err := w.p.accounts.Client(ctx, w.account.ID)
		if err != nil {
			return w.accountTrouble(ctx, err)
		}
		return w.publish(ctx, client, dead)
	}
	return w.fail(ctx, d.reason().Tried(maxRounds), d.cause)
}

// codeOf returns the error code that belongs to the subcode in a container's status, where its classification needs
// one.
func codeOf(subcode int) int {
	switch subcode {
	case 2207026:
		return 352
	case 2207052:
		return 9004
	}
	return 0
}

// publish requests publishing of a container. It opens the connection, records the intent in its own commit, sends
// one call, and records the answer.
func (w *job) publish(ctx context.Context, client *instagram.Client, c store.Container) error {
	if done, err := w.verify(ctx, client); done || err != nil {
		return err
	}
	wasErrored := c.Status == string(instagram.Errored)
	if !wasErrored {
		c.Status = string(instagram.Finished)
	}
	intentSaved, intentErr, hookErr := false, error(nil), error(nil)
	mediaID, err := client.PublishAfter(ctx, c.ID, func() error {
		intentErr = w.advance(ctx, store.Change{
			To: store.Publishing, Keep: true, Left: leaseLeft, Containers: []store.Container{c}, AskDead: wasErrored,
			Reason: reason.New(reason.Asked), Note: words.PublishAsked(c.ID),
		})
		if intentSaved = intentErr == nil; !intentSaved {
			return intentErr
		}
		hookErr = w.p.onIntent(ctx)
		return hookErr
	})
	switch {
	case hookErr != nil: // the request was not sent
		w.log.Error("intent not recorded outside the database", slogErr(hookErr))
		w.memo.errors++
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(backoff(w.memo.errors)),
			Reason: reason.New(reason.CannotWrite)})
	case intentErr != nil:
		return intentErr
	case err != nil && !intentSaved: // no connection
		w.memo.errors++
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(backoff(w.memo.errors)),
			Reason: reason.New(reason.Unreachable, "")})
	}
	if err == nil {
		err = w.advance(ctx, store.Change{To: store.Published, MediaID: mediaID})
		if err == nil || errors.Is(err, store.ErrConflict) {
			return err
		}
		// The media id may belong to another publication (it is unique), but the post is certainly live.
		return w.advance(ctx, store.Change{To: store.Published, Reason: reason.New(reason.PublishedIDLost)})
	}
	return w.unanswered(ctx, client, c, err)
}

// answerOf returns the text of Instagram's answer, preferably the one meant for users.
func answerOf(err error) string {
	var e *instagram.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	return strings.TrimSpace(cmp.Or(e.UserMessage, e.Message, e.UserTitle, "code "+strconv.Itoa(e.Code)))
}

// unanswered handles an error of publish. Most errors do not show whether the post went live, so reconcile must find
// out. Two answers, "not ready" and "quota spent", say that nothing went live; they are accepted after one read of
// the profile that shows no such post. A request that was never sent proves it without a read.
func (w *job) unanswered(ctx context.Context, client *instagram.Client, container store.Container, err error) error {
	var te *instagram.TransportError
	doubted := false
	if instagram.IsNotReady(err) || instagram.IsQuotaSpent(err) {
		found, readErr := w.findOnProfile(ctx, client, container)
		if doubted = readErr != nil || !found.nothing(); doubted {
			w.log.Info("refused publish may be live", slogErr(cmp.Or(readErr, err)))
		}
	}
	switch {
	case doubted:
	case instagram.IsNotReady(err) && container.Status == string(instagram.Errored):
		// Nothing went live, Instagram gave no reason, and this was the last round.
		c := withAnswer(store.Change{To: store.Failed, Reason: reason.New(reason.MediaUnexplained, maxRounds, answerOf(err))},
			err)
		return w.advance(ctx, c)
	case instagram.IsNotReady(err):
		w.memo.tooEarly++
		return w.advance(ctx,
			withAnswer(store.Change{To: store.Staged, DueAt: in(spacing(w.memo.tooEarly)),
				Reason: reason.New(reason.NotReady)}, err))
	case instagram.IsQuotaSpent(err):
		due, why := in(time.Hour), reason.New(reason.QuotaSpent)
		if _, qerr := w.p.accounts.QuotaNow(ctx, w.account.ID); qerr == nil {
			if room, rerr := w.p.accounts.Room(ctx, w.account.ID, 0); rerr == nil && !room.FreeAt.IsZero() {
				due, why = room.FreeAt, room.Reason()
			}
		}
		return w.advance(ctx, withAnswer(store.Change{To: store.Staged, DueAt: earlier(due, in(dayGate)), Reason: why}, err))
	case errors.As(err, &te) && !te.Sent:
		w.memo.errors++
		return w.advance(ctx, store.Change{To: store.Staged, DueAt: in(backoff(w.memo.errors)),
			Reason: reason.New(reason.Unreachable, "")})
	}
	if v := instagram.Classify(err); !v.Reason.IsZero() {
		w.log.Info("publish not answered", slogErr(err))
	}
	note := answerOf(err) // the codes are stored in columns of their own
	if te != nil {
		note = words.PublishUnanswered(note)
	}
	return w.advance(ctx,
		withAnswer(store.Change{To: store.Publishing, DueAt: in(spacing(0)), Reason: reason.New(reason.NoClearAnswer),
			Note: note, Answer: true}, err))
}
