package publisher

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"postern/accounts"
	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	// storyLife is the age after which Instagram no longer lists a story.
	storyLife = 23 * time.Hour
	// maxUnreadable is how long reads with a valid token may be refused before the publication becomes unconfirmed.
	maxUnreadable = 24 * time.Hour
	// maxUnanswered is how many publish requests may stay without a conclusive answer.
	maxUnanswered = 5
	// captionWindow is the time before a request within which another publication with the same caption makes the
	// caption ambiguous.
	captionWindow = 48 * time.Hour
)

// evidence is what one read of the container and the profile found.
type evidence struct {
	live      bool
	mediaID   string // may be "" even if live
	permalink string
	several   bool   // more than one post on the profile could be ours
	unclear   bool   // the post found may belong to another publication whose outcome is still open
	container string // status of the container, "" when the read was refused
	refused   error  // why the read was refused
	alike     string // permalink or id of a recent unknown post that resembles ours; "" for none
}

// reconcile polls the container and the profile of a publication in state publishing until the post is found, or
// until two reads at least settle apart agree that it is absent. No other call to Instagram is allowed in that state.
func (w *job) reconcile(ctx context.Context) error {
	client, err := w.p.accounts.Client(ctx, w.account.ID)
	if errors.Is(err, accounts.ErrReconnect) && !w.account.RemovedAt.IsZero() {
		return w.accountGone(ctx)
	}
	if err != nil {
		return w.accountTrouble(ctx, err)
	}
	seen, err := w.evidence(ctx, client)
	if err != nil {
		return w.profileUnreadable(ctx, err)
	}
	w.memo.errors = 0
	c, _ := w.pub.Container(0)
	c.Status = seen.container
	switch {
	case seen.live:
		return w.advance(ctx, store.Change{
			To: store.Published, MediaID: seen.mediaID, Permalink: seen.permalink,
			Reason: reason.New(ifElse(seen.mediaID != "", reason.FoundOnProfile, reason.FoundByContainer)),
		})
	case seen.unclear && time.Since(w.pub.AskedAt) < stuck:
		w.memo.status = ""
		return w.reconcileAgain(ctx, reason.New(reason.ProfileUnsettled), nil)
	case seen.several || seen.unclear:
		return w.advance(ctx, store.Change{To: store.Unconfirmed, Reason: reason.New(reason.ProfileSeveral)})
	case w.pub.Kind == store.KindStory && time.Since(w.pub.AskedAt) > storyLife:
		return w.advance(ctx, store.Change{To: store.Unconfirmed, Reason: reason.New(reason.StoryTooOld)})
	case seen.container == "":
		// A refused read does not prove that the container is gone: Instagram has refused reads for weeks while
		// publishing worked.
		w.memo.status = ""
		if time.Since(w.pub.AskedAt) > maxUnreadable {
			return w.advance(ctx,
				withAnswer(store.Change{To: store.Unconfirmed, Reason: reason.New(reason.ContainerHiddenLong)}, seen.refused))
		}
		return w.reconcileAgain(ctx, reason.New(reason.ContainerHiddenLook), seen.refused)
	}
	// The post was not found. Measure from the first read with the same container status, on this process's own
	// clock.
	if w.memo.status != seen.container {
		w.memo.status, w.memo.absentSince = seen.container, time.Now()
	}
	// Each request without a conclusive answer doubles the time for which the post must stay absent: Instagram may
	// serve stale reads for longer than settle, and then another request would create a second post.
	if left := w.p.settle<<w.pub.Unanswered - time.Since(w.memo.absentSince); left > 0 {
		w.memo.reads++
		wait := min(ifElse(time.Since(w.memo.absentSince) > 10*time.Minute, 5*time.Minute, spacing(w.memo.reads)), left)
		return w.advance(ctx, store.Change{To: store.Publishing, DueAt: in(wait), Containers: []store.Container{c},
			Reason: reason.New(reason.NoClearAnswer)})
	}
	if seen.alike != "" {
		return w.advance(ctx, store.Change{To: store.Unconfirmed,
			Reason: reason.New(reason.ProfileResembles, seen.alike)})
	}
	return w.notLive(ctx, c)
}

// notLive handles a publication whose post is proven absent: two reads at least settle apart did not find it. The
// recorded answer to the publish request, if any, decides whether to retry, wait or fail.
func (w *job) notLive(ctx context.Context, c store.Container) error {
	code, subcode, said, err := w.p.store.PublishAnswer(ctx, w.pub.ID)
	if err != nil {
		return err
	}
	answer := &instagram.Error{Op: "publish", Code: code, Subcode: subcode}
	v := instagram.Classify(answer)
	alive := c.Status == string(instagram.Finished) || c.Status == string(instagram.InProgress)
	staged := store.Change{To: store.Staged, DueAt: in(0), Containers: []store.Container{c},
		Reason: reason.New(reason.NotLive)}
	// If the token was invalid then, it is valid now: this step has just read with it.
	saysNothing := isServerFault(code) || instagram.IsTokenDead(answer)
	switch {
	case (instagram.IsNotReady(answer) || instagram.IsQuotaSpent(answer)) && alive:
		w.memo.tooEarly++
		staged.DueAt = in(spacing(w.memo.tooEarly))
		return w.advance(ctx, staged)
	case saysNothing && alive && w.pub.Unanswered+1 >= maxUnanswered:
		return w.advance(ctx, store.Change{To: store.Unconfirmed, Containers: []store.Container{c}, Unanswered: true,
			Reason: reason.New(reason.AskedOften, maxUnanswered)})
	case saysNothing && alive:
		staged.Unanswered = true
		return w.advance(ctx, staged)
	case code == 0 || instagram.IsTokenDead(answer):
	case v.IfNotLive == instagram.Reject:
		return w.fail(ctx, failure{why: reason.Refused, answerOf: said, code: code, subcode: subcode}.reason(), answer)
	case v.IfNotLive == instagram.Wait || v.IfNotLive == instagram.Reconnect:
		again, err := w.p.accounts.Failed(ctx, w.account, v)
		if err != nil {
			return err
		}
		// Repeating a request that Instagram took for spam makes it worse, so a person decides.
		if code == 4 && subcode == 2207051 {
			return w.fail(ctx, reason.New(reason.SpamNotLive, v.Reason), answer)
		}
		if alive {
			staged.DueAt, staged.Reason = again, reason.New(reason.AccountWaits, v.Reason)
			return w.advance(ctx, staged)
		}
	case alive && w.pub.Tries+1 >= maxTries:
		return w.fail(ctx,
			failure{why: reason.RefusedOften, times: maxTries, answerOf: said, code: code, subcode: subcode}.reason(), answer)
	case alive:
		w.memo.errors++
		staged.Try, staged.DueAt = true, in(backoff(w.memo.errors))
		return w.advance(ctx, staged)
	case w.pub.Round >= maxRounds:
		return w.fail(ctx, failure{why: reason.Refused, answerOf: said, code: code, subcode: subcode}.reason(), answer)
	}
	why := reason.New(ifElse(c.Status == string(instagram.Expired), reason.ExpiredNotLive, reason.UnusableNotLive))
	if w.pub.Round >= maxRounds {
		return w.fail(ctx, why.Tried(maxRounds), nil)
	}
	return w.advance(ctx, store.Change{
		To: store.Queued, NewRound: true, DueAt: in(backoff(w.pub.Round)), Containers: []store.Container{c},
		Reason: why.NextRound(w.pub.Round+1, maxRounds),
	})
}

// isServerFault reports whether the code that answered publish says nothing about the post: there was no answer, or
// Instagram had an internal error. https://developers.facebook.com/docs/graph-api/guides/error-handling
func isServerFault(code int) bool { return code == 0 || code == 1 || code == 2 }

// accountGone makes a publication of a removed account unconfirmed: without a token its outcome cannot be read.
func (w *job) accountGone(ctx context.Context) error {
	return w.advance(ctx, store.Change{To: store.Unconfirmed, Reason: reason.New(reason.AccountRemovedUnknown)})
}

// profileUnreadable handles a refused read of the profile. The refusal says nothing about the outcome.
func (w *job) profileUnreadable(ctx context.Context, err error) error {
	v := instagram.Classify(err)
	w.log.Info("profile read refused", slogErr(err))
	if v.Action == instagram.Reconnect && !w.account.RemovedAt.IsZero() {
		return w.accountGone(ctx)
	}
	switch v.Action {
	case instagram.Reconnect, instagram.Wait:
		return w.accountFailed(ctx, v, reason.New(reason.CannotLook, v.Reason), err)
	}
	if isAnswer(err) && !v.Account && time.Since(w.pub.AskedAt) > maxUnreadable {
		return w.advance(ctx, withAnswer(store.Change{To: store.Unconfirmed, Reason: reason.New(reason.ProfileHidden)}, err))
	}
	return w.reconcileAgain(ctx, reason.New(reason.CannotLookNow, v.Reason), err)
}

// reconcileAgain schedules the next read of the container and the profile.
func (w *job) reconcileAgain(ctx context.Context, why reason.Reason, cause error) error {
	w.memo.reads++
	wait := spacing(w.memo.reads)
	if time.Since(w.pub.AskedAt) > 10*time.Minute {
		wait = 5 * time.Minute
	}
	if why != w.pub.Reason { // record each cause once: a day of refusals must not fill the history
		return w.advance(ctx, withAnswer(store.Change{To: store.Publishing, DueAt: in(wait), Reason: why}, cause))
	}
	return w.advance(ctx, store.Change{To: store.Publishing, DueAt: in(wait)})
}

// evidence reads the container and the profile once each. It returns an error if the profile could not be read. A
// refused read of the container is part of the evidence instead.
func (w *job) evidence(ctx context.Context, client *instagram.Client) (evidence, error) {
	var e evidence
	c, ok := w.pub.Container(0)
	if !ok {
		return e, errors.New(words.ContainerUnknownHere)
	}
	status, err := client.Status(ctx, c.ID)
	switch {
	case err == nil:
		e.container = string(status.Code)
	case instagram.IsUnreadable(err):
		e.refused = err
	default:
		return e, err
	}
	found, err := w.findOnProfile(ctx, client, c)
	e.alike = found.alike
	switch {
	case status.Code == instagram.Published:
		e.live = true // whether or not its media can be found
		if err == nil && !found.several && !found.unclear {
			e.mediaID, e.permalink = found.ours.ID, found.ours.Permalink
		}
	case err != nil:
		return e, err
	case found.several || found.unclear:
		e.several, e.unclear = found.several, found.unclear
	case found.ours.ID != "":
		e.live, e.mediaID, e.permalink = true, found.ours.ID, found.ours.Permalink
	}
	return e, nil
}

// sighting is what the profile shows of a publication. At most one of the fields is set.
type sighting struct {
	ours    instagram.Media
	several bool   // more than one post on the profile could be ours
	unclear bool   // the post found may belong to another publication whose outcome is still open
	alike   string // permalink or id of a post that only resembles ours
}

// nothing reports whether the profile shows no post that could be ours.
func (s sighting) nothing() bool { return s == sighting{} }

// findOnProfile searches the profile for the post, by Instagram's own timestamps. If our caption is unique, the media
// with that caption is ours. If not, a single unknown media of the right kind is ours, provided that no other
// publication could have created it.
func (w *job) findOnProfile(ctx context.Context, client *instagram.Client, c store.Container) (sighting, error) {
	since := c.CreatedAt.Add(-time.Minute)
	list := client.RecentMedia
	if w.pub.Kind == store.KindStory {
		list = client.RecentStories
	}
	recent, err := list(ctx, since)
	if err != nil {
		return sighting{}, err
	}
	known, err := w.p.store.KnownMedia(ctx, mediaIDs(recent))
	if err != nil {
		return sighting{}, err
	}
	others, err := w.p.store.Asked(ctx, w.pub, w.pub.AskedAt.Add(-captionWindow))
	if err != nil {
		return sighting{}, err
	}
	caption := sameCaption(w.pub.Caption)
	tellsApart := w.pub.Kind != store.KindStory && caption != ""
	unsettled := false // another publication with this caption was requested near that time and its media is unknown
	around := w.pub.AskedAt.Add(-maxUnreadable)
	for _, o := range others {
		alike := (o.Kind == store.KindStory) == (w.pub.Kind == store.KindStory) && sameCaption(o.Caption) == caption
		tellsApart = tellsApart && !alike
		unsettled = unsettled || alike && o.MediaID == "" && o.AskedAt.After(around)
	}
	asked := w.pub.AskedAt.Add(client.Skew()) // by Instagram's clock
	var candidates []instagram.Media
	alike := ""
	for _, m := range recent {
		if known[m.ID] || m.Timestamp.Before(since) || !matchesKind(w.pub.Kind, m.ProductType) {
			continue
		}
		fresh := m.Timestamp.Before(c.CreatedAt.Add(containerLife + time.Hour)) // no container lives longer
		if w.pub.Kind != store.KindStory && sameCaption(m.Caption) != caption {
			others := slices.ContainsFunc(others,
				func(o store.Publication) bool { return sameCaption(o.Caption) == sameCaption(m.Caption) })
			if fresh && !others && resembles(w.pub.Caption, m.Caption, m.Timestamp.Sub(asked)) {
				alike = cmp.Or(m.Permalink, m.ID)
			}
			continue
		}
		if !tellsApart && !fresh {
			continue
		}
		candidates = append(candidates, m)
	}
	switch {
	case len(candidates) == 0:
		return sighting{alike: alike}, nil
	case !tellsApart && unsettled:
		return sighting{unclear: true}, nil
	case !tellsApart && len(candidates) > 1:
		return sighting{several: true}, nil
	}
	// The list is newest first, and the oldest candidate is from our request.
	return sighting{ours: candidates[len(candidates)-1]}, nil
}

func mediaIDs(list []instagram.Media) []string {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	return ids
}

// matchesKind reports whether Instagram's product type matches our kind. Instagram Login does not document the field,
// so an empty one matches every kind.
func matchesKind(k store.Kind, productType string) bool {
	switch productType {
	case "FEED":
		return k == store.KindImage || k == store.KindCarousel
	case "REELS":
		return k == store.KindReel
	case "STORY":
		return k == store.KindStory
	}
	return productType == ""
}

// sameCaption returns a caption in a form for comparison: NFC, with each run of white space as one space.
func sameCaption(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

func ifElse[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func slogErr(err error) slog.Attr { return slog.Any("error", err) }
