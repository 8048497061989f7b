package draft

import (
	"errors"
	"slices"

	"postern/mediaurl"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// TinyRule is the id of the check about a picture that is left out because its file has the size of an icon.
const TinyRule = "media.tiny"

// Whole returns the draft including its tiny pictures and those that other parts of its post contain. It is for a
// person who publishes a post of which otherwise nothing would be left.
func (d Draft) Whole() Draft {
	d.whole, d.others = true, nil
	return d
}

// findTiny returns a check for each picture whose file is smaller than mediaurl.Smallest: a feed without declared
// sizes does not show that a picture is an icon. Pictures that a person chose are sent.
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

// LeavesNothing reports whether an error from LeaveOut or Prepared.Fault says that all pictures of a publication are
// left out, because other parts of the post contain them or because they are tiny.
func LeavesNothing(err error) bool {
	return err != nil && Unfit(err).Is(reason.PartShown, reason.AllTiny)
}

// sentWhole returns the checks without those about pictures that a draft from Whole sends.
func sentWhole(checks []store.Check) []store.Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool {
		return c.ID == TinyRule || c.ID == DoubleRule && c.PublicationID != 0
	})
}

// nothingElse returns the check for a draft from Whole of which otherwise all pictures would be left out; ok is false
// for other drafts.
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

// allTiny returns the error for a post of which all pictures are tiny.
func (o outline) allTiny() error {
	why := reason.New(reason.AllTiny, mediaurl.Smallest)
	return refuse(why, TinyRule, why.String()).withRemedy(words.FixAllTiny).note()
}

// isLeftOut reports whether a check is about a picture that is not sent.
func isLeftOut(c store.Check) bool { return c.ID == DoubleRule || c.ID == TinyRule }

// withoutTiny returns the list without the picture that a check of TinyRule names.
func withoutTiny(list []store.Media, c store.Check) []store.Media {
	return slices.DeleteFunc(slices.Clone(list), func(m store.Media) bool { return m.URL == c.URL })
}
