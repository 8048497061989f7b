package instagram

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/words"
)

// Media is something that is live.
type Media struct {
	ID          string
	Caption     string
	Timestamp   time.Time // whole seconds, Instagram's clock
	Permalink   string
	ProductType string // FEED, REELS or STORY
	Shortcode   string
}

const (
	pageSize = 50
	maxPages = 20 // of one reading: 1000 posts
)

// RecentMedia lists the posts and reels since a time, newest first. Stories are not among them.
// It reads as many pages as that takes; when they are too many it returns an error, never a part.
func (c *Client) RecentMedia(ctx context.Context, since time.Time) ([]Media, error) {
	return c.list(ctx, verbMedia, since)
}

// RecentStories lists the stories since a time, newest first. Instagram shows them for 24 hours.
func (c *Client) RecentStories(ctx context.Context, since time.Time) ([]Media, error) {
	return c.list(ctx, verbStories, since)
}

type page struct {
	Data *[]struct {
		ID          id     `json:"id"`
		Caption     string `json:"caption"`
		Timestamp   string `json:"timestamp"`
		Permalink   string `json:"permalink"`
		ProductType string `json:"media_product_type"`
		Shortcode   string `json:"shortcode"`
	} `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"` // holds the token: looked at, never followed
	} `json:"paging"`
}

func (c *Client) list(ctx context.Context, v Verb, since time.Time) ([]Media, error) {
	const op = OpMedia
	unusable := func(err error) ([]Media, error) {
		return nil, &TransportError{Op: op, Sent: true, Err: err}
	}
	query := url.Values{
		"fields": {"id,caption,timestamp,permalink,media_product_type,shortcode"},
		"limit":  {strconv.Itoa(pageSize)},
	}
	var found []Media
	for range maxPages {
		var p page
		if _, err := c.call(ctx, c.request(v, c.UserID, query), &p); err != nil {
			return nil, err
		}
		if p.Data == nil {
			return unusable(errors.New(words.AnswerWithoutData))
		}
		reached := false
		for _, m := range *p.Data {
			at, err := parseTime(m.Timestamp)
			if err != nil || m.ID == "" {
				return unusable(errors.New(words.AnswerListIncomplete))
			}
			if at.Before(since) {
				reached = true
				continue // and read on to the end of the page: pinned posts may be out of order
			}
			reached = false
			found = append(found, Media{
				ID: string(m.ID), Caption: m.Caption, Timestamp: at,
				Permalink: m.Permalink, ProductType: m.ProductType, Shortcode: m.Shortcode,
			})
		}
		if reached || p.Paging.Next == "" {
			return found, nil
		}
		if p.Paging.Cursors.After == "" {
			return unusable(errors.New(words.AnswerListEndless))
		}
		query.Set("after", p.Paging.Cursors.After)
	}
	return unusable(errors.New(words.ProfileTooLong(maxPages*pageSize, since)))
}

// parseTime reads 2026-09-28T17:05:11+0000, and RFC 3339 in case Meta mends it.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05-0700", s)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	return t.UTC(), err
}

// Permalink returns the public address of a media. It cannot be made from the id.
func (c *Client) Permalink(ctx context.Context, mediaID string) (string, error) {
	const op = OpPermalink
	var answer struct {
		Permalink string `json:"permalink"`
	}
	q := url.Values{"fields": {"permalink"}}
	if _, err := c.call(ctx, c.request(verbPermalink, mediaID, q), &answer); err != nil {
		return "", err
	}
	if !strings.HasPrefix(answer.Permalink, "http") {
		return "", &TransportError{Op: op, Sent: true, Err: errors.New(words.AnswerWithoutLink)}
	}
	return answer.Permalink, nil
}

// Quota is how many posts Instagram takes within a rolling window. A place
// becomes free 24 hours after each post; a carousel counts as one. Used lags
// minutes behind a publish.
type Quota struct {
	Used     int
	Total    int // 50 or 100: Meta's pages disagree, so it is always read
	Duration time.Duration
}

// Quota reads what is used and what is allowed. It is enforced at Publish (9/2207042).
func (c *Client) Quota(ctx context.Context) (Quota, error) {
	const op = OpQuota
	var answer struct {
		Data []struct {
			Usage  *integer `json:"quota_usage"`
			Config struct {
				Total    integer `json:"quota_total"`
				Duration integer `json:"quota_duration"`
			} `json:"config"`
		} `json:"data"`
	}
	q := url.Values{"fields": {"config,quota_usage"}}
	if _, err := c.call(ctx, c.request(verbQuota, c.UserID, q), &answer); err != nil {
		return Quota{}, err
	}
	if len(answer.Data) == 0 || answer.Data[0].Usage == nil || answer.Data[0].Config.Total <= 0 {
		return Quota{}, &TransportError{Op: op, Sent: true, Err: errors.New(words.AnswerWithoutQuota)}
	}
	d := answer.Data[0]
	return Quota{
		Used:     int(*d.Usage),
		Total:    int(d.Config.Total),
		Duration: time.Duration(d.Config.Duration) * time.Second,
	}, nil
}
