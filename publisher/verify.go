package publisher

import (
	"cmp"
	"context"
	"strings"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// minSharedLetters is how many letters two captions must share at the start or the end to count as the same when one of
// them was truncated.
const minSharedLetters = 40

// maxUnseen is how many reads of the profile in a row may fail, within about two hours, before the publication is
// held.
const maxUnseen = 12

// verify compares a publication with the profile directly before publishing if another copy of the database may have
// published it: after a restore, or if the database was moved or replaced. If a post on the profile may be this one,
// verify puts the publication on hold once for a person to decide. done reports that the step ends here.
func (w *job) verify(ctx context.Context, client *instagram.Client) (done bool, err error) {
	if w.pub.VerifySince.IsZero() {
		return false, nil
	}
	hold := func(why reason.Reason) (bool, error) {
		return true, w.advance(ctx, store.Change{To: store.Held, Verified: true, Reason: why})
	}
	story := w.pub.Kind == store.KindStory
	list := client.RecentMedia
	if story {
		list = client.RecentStories
	}
	since := w.pub.VerifySince.Add(-time.Minute)
	recent, err := list(ctx, since)
	if err != nil {
		v := instagram.Classify(err)
		w.memo.unseen++
		switch {
		case v.Action == instagram.Reconnect || v.Action == instagram.Wait:
			return true, w.refused(ctx, err)
		case v.Action == instagram.Reject || w.memo.unseen > maxUnseen:
			return hold(reason.New(reason.CopyUnseen))
		}
		w.log.Info("profile not compared", slogErr(err))
		return true, w.advance(ctx,
			withAnswer(store.Change{To: w.pub.State, DueAt: in(backoff(w.memo.unseen)),
				Reason: reason.New(reason.ProfileUnseen, v.Reason)}, err))
	}
	w.memo.unseen = 0
	now := client.Now()
	if story && now.Sub(since) > storyLife {
		return hold(reason.New(reason.CopyStory))
	}
	known, err := w.p.store.KnownMedia(ctx, mediaIDs(recent))
	if err != nil {
		return true, err
	}
	unknown := false
	for _, m := range recent {
		if known[m.ID] || m.Timestamp.Before(since) {
			continue
		}
		unknown = true
		if !matchesKind(w.pub.Kind, m.ProductType) || !story && !mayBeCopy(w.pub.Caption, m.Caption) {
			continue
		}
		return hold(reason.New(reason.LiveAlready, cmp.Or(m.Permalink, words.LookAtProfile)))
	}
	if !unknown && !story { // Instagram lists too few stories for this conclusion
		if err := w.p.store.ClearUntil(ctx, w.account.ID, w.pub.VerifySince, now.Add(-time.Minute)); err != nil {
			return true, err
		}
	}
	return false, nil
}

// mayBeCopy reports whether a post on the profile with the caption theirs may be ours, judged by the captions alone.
func mayBeCopy(ours, theirs string) bool {
	if ours = sameCaption(ours); ours == "" || ours == sameCaption(theirs) {
		return true // without a caption, any post may be ours
	}
	short, long := strings.Join(strings.Fields(letters(ours)), ""), strings.Join(strings.Fields(letters(theirs)), "")
	if len(short) > len(long) {
		short, long = long, short
	}
	return short != "" && short == long ||
		len([]rune(short)) >= minSharedLetters && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short))
}
