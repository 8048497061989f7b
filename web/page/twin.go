package page

import (
	"context"
	"errors"
	"strconv"
	"time"

	"postern/store"
)

// twinData is the earlier post that may be the same as the shown one under another URL.
type twinData struct {
	post        store.Post
	publication store.Listed // its publication on this account; the zero value for none
}

// twinView shows a new entry beside the earlier post, so that the owner can decide whether they are the same post.
type twinView struct {
	Entry, Earlier twinSide
	SameFeed       bool // whether later changes on the site update the earlier post
	Unpublished    bool // whether the earlier post is not live and may never be
}

type twinSide struct {
	Title string
	Date  moment
	Words string
	Thumb thumb
	Post  string // permalink on the site
	Page  string // link to its publication; "" for none
	Name  string // title of that publication
	State badge  // state of that publication
	Live  moment // when it was published
	Copy  string // permalink on Instagram; "" for none
	On    string // name of the service the copy is on
}

// twinOf returns nil when the publication does not wait for such a decision.
func (s *Server) twinOf(ctx context.Context, l store.Listed) (*twinData, error) {
	if l.State != store.Held || l.Post.LooksLike == 0 {
		return nil, nil
	}
	post, id, err := s.store.Twin(ctx, l)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || id == 0 {
		return &twinData{post: post}, err
	}
	d := twinData{post: post}
	d.publication, err = s.store.Listed(ctx, id)
	return &d, err
}

func newTwinView(d publicationData, now time.Time) *twinView {
	if d.twin == nil {
		return nil
	}
	v := twinView{Entry: d.twinSide(d.listed.Post, store.Listed{}, now),
		Earlier: d.twinSide(d.twin.post, d.twin.publication, now)}
	earlier := d.twin.publication
	v.SameFeed = d.twin.post.FeedID == d.listed.Post.FeedID
	v.Unpublished = earlier.ID == 0 || earlier.AskedAt.IsZero() &&
		(earlier.State == store.Skipped || earlier.State == store.Failed || earlier.State == store.Held)
	if id := earlier.ID; id != 0 {
		v.Earlier.Name, v.Earlier.State = "publication "+strconv.FormatInt(id, 10), newBadge(earlier.State)
		v.Earlier.Live = newMoment(earlier.PublishedAt, now)
		v.Earlier.Page, v.Earlier.Copy = publicationLink(id), webLink(d.twin.publication.Permalink)
		v.Earlier.On = d.pictures.instagram(d.listed.Account)
	}
	return &v
}

// twinSide returns a post with its first picture: our copy if the post was sent and the file still exists.
func (d publicationData) twinSide(p store.Post, sent store.Listed, now time.Time) twinSide {
	v := twinSide{Title: title(p), Date: newMoment(p.PublishedAt, now), Post: webLink(p.URL)}
	start, rest := fold(p.Text)
	if v.Words = start; rest != "" {
		v.Words += "…"
	}
	if len(p.Media) == 0 {
		return v
	}
	m := p.Media[0]
	v.Thumb = thumb{Video: m.Type == store.Video, Alt: m.Alt, File: fileName(m.URL), Many: len(p.Media) > 1}
	from := source{url: m.URL}
	if v.Thumb.Video {
		from.url = m.PosterURL
	}
	if len(sent.Items) > 0 {
		asset := sent.Items[0].Asset
		if v.Thumb.Video {
			asset = sent.Items[0].CoverAsset
		}
		if d.hasFile(asset) {
			from.asset = asset
		}
	}
	if from.url != "" || from.asset != "" {
		v.Thumb.Src = d.pictures.address(from, originalRules)
	}
	return v
}

func (d publicationData) hasFile(asset string) bool {
	_, err := d.pictures.library.Path(asset)
	return err == nil
}
