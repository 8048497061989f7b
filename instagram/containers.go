package instagram

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"postern/words"
)

// errNoID makes an answer without an id unusable: it says neither yes nor no.
var errNoID = errors.New(words.AnswerWithoutID)

// Created is a new container: media on its way, invisible until published,
// gone 24 hours after its creation.
type Created struct {
	ID string
	At time.Time // Instagram's clock (Date header of the answer)
}

// Image is a single picture in the feed.
type Image struct {
	URL     string // a JPEG that Instagram can fetch now; US-ASCII
	Caption string
	AltText string // at most 1000 characters

	LocationID    string // a Facebook Page with a place; "" for none
	Collaborators []string
	UserTags      []UserTag // each with its place
}

// CreateImage makes the container of a single picture. Instagram fetches the
// picture before it answers, which takes some seconds.
func (c *Client) CreateImage(ctx context.Context, i Image) (Created, error) {
	// A single picture is the one kind that is named by the absence of media_type.
	return c.create(ctx, form{
		"image_url": i.URL, "caption": i.Caption, "alt_text": i.AltText,
		"location_id": i.LocationID, "collaborators": list(i.Collaborators), "user_tags": list(i.UserTags),
	})
}

// Reel is a single video. media_type VIDEO for single posts has been refused
// since 9 November 2023; every single video is a reel.
type Reel struct {
	URL         string // MP4 or MOV that Instagram can fetch until the container is finished
	Caption     string
	CoverURL    string // a JPEG; "" lets Instagram choose a frame
	ShareToFeed *bool  // nil leaves it to Instagram, whose default is not documented

	LocationID    string
	Collaborators []string
	UserTags      []UserTag // without places
}

// CreateReel makes the container of a reel. Instagram fetches the video after it answered.
func (c *Client) CreateReel(ctx context.Context, r Reel) (Created, error) {
	f := form{"media_type": "REELS", "video_url": r.URL, "caption": r.Caption, "cover_url": r.CoverURL,
		"location_id": r.LocationID, "collaborators": list(r.Collaborators), "user_tags": list(r.UserTags)}
	if r.ShareToFeed != nil {
		f["share_to_feed"] = strconv.FormatBool(*r.ShareToFeed)
	}
	return c.create(ctx, f)
}

// Story has exactly one of the two addresses. Stories take neither caption nor alt text.
type Story struct {
	ImageURL string
	VideoURL string
	UserTags []UserTag // may be without places
}

// CreateStory makes the container of a story.
func (c *Client) CreateStory(ctx context.Context, s Story) (Created, error) {
	return c.create(ctx, form{"media_type": "STORIES", "image_url": s.ImageURL, "video_url": s.VideoURL,
		"user_tags": list(s.UserTags)})
}

// CarouselItem has exactly one of ImageURL and VideoURL.
type CarouselItem struct {
	ImageURL string
	VideoURL string
	AltText  string // of a picture
	UserTags []UserTag
}

// CreateCarouselItem makes the container of one slide, which is never published by itself.
func (c *Client) CreateCarouselItem(ctx context.Context, i CarouselItem) (Created, error) {
	f := form{"is_carousel_item": "true", "image_url": i.ImageURL, "video_url": i.VideoURL, "alt_text": i.AltText,
		"user_tags": list(i.UserTags)}
	if i.VideoURL != "" {
		f["media_type"] = "VIDEO" // required here, and only here
	}
	return c.create(ctx, f)
}

// Carousel joins 2 to 10 finished items. Collaborators and a location belong to it, tags and alt texts to its items.
type Carousel struct {
	Children []string // container ids, in the order to show
	Caption  string

	LocationID    string
	Collaborators []string
}

// CreateCarousel makes the container that is published. All items must be FINISHED.
func (c *Client) CreateCarousel(ctx context.Context, k Carousel) (Created, error) {
	return c.create(ctx, form{
		"media_type": "CAROUSEL", "children": strings.Join(k.Children, ","), "caption": k.Caption,
		"location_id": k.LocationID, "collaborators": list(k.Collaborators),
	})
}

// UserTag names somebody who is to be seen. Pictures in the feed need the spot, reels take none.
type UserTag struct {
	Username string
	At       *Spot
}

// Spot is a place in a picture, from 0, 0 at the upper left to 1, 1.
type Spot struct{ X, Y float64 }

// MarshalJSON writes the two flat, as the API wants them.
func (t UserTag) MarshalJSON() ([]byte, error) {
	flat := map[string]any{"username": t.Username}
	if t.At != nil {
		flat["x"], flat["y"] = t.At.X, t.At.Y
	}
	return json.Marshal(flat)
}

// list is a value of several as JSON text; "" for none.
func list[T any](all []T) string {
	if len(all) == 0 {
		return ""
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // names and numbers always encode
	}
	return string(b)
}

// form is the body of a POST; empty values are left out.
type form map[string]string

func (f form) values() url.Values {
	v := url.Values{}
	for name, value := range f {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func (c *Client) create(ctx context.Context, f form) (Created, error) {
	const op = OpCreate
	var answer struct {
		ID id `json:"id"`
	}
	at, err := c.call(ctx, c.request(verbCreate, c.UserID, f.values()), &answer)
	if err != nil {
		return Created{}, err
	}
	if answer.ID == "" {
		return Created{}, &TransportError{Op: op, Sent: true, Err: errNoID}
	}
	return Created{ID: string(answer.ID), At: at}, nil
}

// StatusCode is what has become of a container.
type StatusCode string

const (
	InProgress StatusCode = "IN_PROGRESS" // being fetched or converted
	Finished   StatusCode = "FINISHED"    // may be published
	Errored    StatusCode = "ERROR"       // for ever: make a new container
	Expired    StatusCode = "EXPIRED"     // not published within 24 hours
	Published  StatusCode = "PUBLISHED"   // live
)

// Status is the state of a container at a time.
type Status struct {
	Code    StatusCode // one of the constants, or something Meta has added since
	Text    string     // often repeats the code; sometimes names a subcode
	Subcode int        // the 22070NN found in Text, 0 without one; see Explain
	At      time.Time  // Instagram's clock
}

var subcodeInText = regexp.MustCompile(`\b22070\d\d\b`)

// Status reads a container.
func (c *Client) Status(ctx context.Context, containerID string) (Status, error) {
	const op = OpStatus
	var answer struct {
		Code StatusCode `json:"status_code"`
		Text string     `json:"status"`
	}
	q := url.Values{"fields": {"status_code,status"}}
	at, err := c.call(ctx, c.request(verbStatus, containerID, q), &answer)
	if err != nil {
		return Status{}, err
	}
	if answer.Code == "" {
		return Status{}, &TransportError{Op: op, Sent: true, Err: errors.New(words.AnswerWithoutStatus)}
	}
	subcode, _ := strconv.Atoi(subcodeInText.FindString(answer.Text))
	return Status{Code: answer.Code, Text: answer.Text, Subcode: subcode, At: at}, nil
}

// PublishAfter makes a finished container live and returns the id of the media, which differs from the container's. It
// connects first, on a connection of its own, then calls intent, and asks only then; what is not written within 10 s of
// the intent is never sent. An error of intent is returned, and nothing was asked.
//
// Meta has no idempotency key and promises nothing about a second call for the
// same container. An error therefore proves nothing, except where IsNotReady,
// IsQuotaSpent or ErrNotSent say so: see Classify.
func (c *Client) PublishAfter(ctx context.Context, containerID string,
	intent func() error) (mediaID string, err error) {
	const op = OpPublish
	r := c.request(verbPublish, c.UserID, url.Values{"creation_id": {containerID}})
	r.intent = intent
	var answer struct {
		ID id `json:"id"`
	}
	if _, err := c.call(ctx, r, &answer); err != nil {
		return "", err
	}
	if answer.ID == "" {
		return "", &TransportError{Op: op, Sent: true, Err: errNoID}
	}
	return string(answer.ID), nil
}

// Publish is PublishAfter without an intent to be kept.
func (c *Client) Publish(ctx context.Context, containerID string) (mediaID string, err error) {
	return c.PublishAfter(ctx, containerID, func() error { return nil })
}
