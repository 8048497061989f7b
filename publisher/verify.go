package publisher

import (
	"context"
	"time"

	"postern/instagram"
	"postern/store"
)

// verify compares a publication of a restored database with the profile, before anything is made: whoever used the lost
// one may have published it. What could be it is shown to a person, once; done says that the step ends here.
func (w *work) verify(ctx context.Context, client *instagram.Client, d Draft) (done bool, err error) {
	if w.pub.VerifySince.IsZero() {
		return false, nil
	}
	story := d.Kind == store.KindStory
	list := client.RecentMedia
	if story {
		list = client.RecentStories
	}
	since := w.pub.VerifySince.Add(-time.Minute)
	recent, err := list(ctx, since)
	if err != nil {
		return true, w.refused(ctx, err)
	}
	known, err := w.store.KnownMedia(ctx, mediaIDs(recent))
	if err != nil {
		return true, err
	}
	caption := sameCaption(d.Caption.Text)
	for _, m := range recent {
		if known[m.ID] || m.Timestamp.Before(since) || m.ProductType != "" && (m.ProductType == "STORY") != story {
			continue
		}
		// A caption tells posts apart. Without one, anything that this database does not know could be it.
		if !story && caption != "" && sameCaption(m.Caption) != caption {
			continue
		}
		where := m.Permalink
		if where == "" {
			where = "look at the profile"
		}
		return true, w.advance(ctx, store.Change{To: store.Held, Verified: true,
			Reason: "seems to be live already, since before the database was restored (" + where + "): skip it, or say publish if it is not the same"})
	}
	return false, nil
}
