package draft

import (
	"errors"
	"slices"

	"postern/mediaurl"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// TinyRule is the check of a picture that is left out because its file has the size of an icon.
const TinyRule = "media.tiny"

// Whole returns the draft with its tiny pictures and with what other parts of its post show: a person who publishes a
// post of which nothing would be left wants those.
func (d Draft) Whole() Draft {
	d.whole, d.others = true, nil
	return d
}

// findTiny returns a check for each picture whose file is smaller than mediaurl.Smallest. A feed that declares no sizes
// does not show that it is an icon. What a person chose is sent.
func (p *Prepared) findTiny() (found []store.Check) {
	if p.Draft.edits.Media != nil || p.Draft.whole {
		return nil
	}
	for i, item := range p.Items {
		w, h := p.Files[i].OwnWidth, p.Files[i].OwnHeight
		if item.Type != store.Image || w < 1 || h < 1 || min(w, h) >= mediaurl.Smallest {
			continue
		}
		why := reason.New(reason.PictureTiny, p.Draft.nameOf(item.SourceURL), w, h, mediaurl.Smallest)
		c := check(TinyRule, store.Noted, why.String())
		c.ReasonCode, c.URL = why.Code, item.SourceURL
		found = append(found, c)
	}
	return found
}

// LeavesNothing reports whether an error of LeaveOut, or of a Prepared's Fault, is that all pictures of a publication are
// left out: other parts of the post show them, or they are tiny.
func LeavesNothing(err error) bool {
	return err != nil && Unfit(err).Is(reason.PartShown, reason.AllTiny)
}

// sentWhole returns checks without those about pictures that a draft of Whole sends.
func sentWhole(checks []store.Check) []store.Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool {
		return c.ID == TinyRule || c.ID == DoubleRule && c.PublicationID != 0
	})
}

// nothingElse is the check of a draft of Whole, all pictures of which would be left out otherwise.
func (d Draft) nothingElse(left []store.Check) (c store.Check, ok bool) {
	_, err := d.LeaveOut(left, nil)
	u, ok := errors.AsType[*unfit](err)
	if !d.whole || !ok || !LeavesNothing(err) {
		return c, false
	}
	c = u.check
	c.Remedy = words.FixLeavesNothing
	return c, true
}

// allTiny says why nothing is left of a post.
func (o outline) allTiny() error {
	why := reason.New(reason.AllTiny, mediaurl.Smallest)
	return refuse(why, TinyRule, why.String()).but(words.FixAllTiny).note()
}

// isLeftOut reports whether a check names a picture that is not sent.
func isLeftOut(c store.Check) bool { return c.ID == DoubleRule || c.ID == TinyRule }

// withoutTiny leaves out the pictures that a check of TinyRule names.
func withoutTiny(list []store.Media, c store.Check) []store.Media {
	return slices.DeleteFunc(slices.Clone(list), func(m store.Media) bool { return m.URL == c.URL })
}
