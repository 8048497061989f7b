package instagram

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"postern/words"
)

// MaxComments is how many Comments reads.
const MaxComments = 50

// Comment is one below a post.
type Comment struct {
	ID       string
	Text     string
	Username string // "" where the permission to see it is missing
	At       time.Time
}

// Comments reads the newest comments of a media, replies aside: at most MaxComments, newest first. It needs
// instagram_business_manage_comments.
//
// https://developers.facebook.com/docs/instagram-platform/comment-moderation
func (c *Client) Comments(ctx context.Context, mediaID string) ([]Comment, error) {
	const op = OpComments
	var answer struct {
		Data *[]struct {
			ID       id     `json:"id"`
			Text     string `json:"text"`
			Username string `json:"username"`
			At       string `json:"timestamp"`
		} `json:"data"`
	}
	q := url.Values{"fields": {"id,text,username,timestamp"}, "limit": {strconv.Itoa(MaxComments)}}
	if _, err := c.call(ctx, c.request(verbComments, mediaID, q), &answer); err != nil {
		return nil, err
	}
	if answer.Data == nil {
		return nil, &TransportError{Op: op, Sent: true, Err: errors.New(words.AnswerWithoutData)}
	}
	found := make([]Comment, len(*answer.Data))
	for i, d := range *answer.Data {
		at, _ := parseTime(d.At) // nobody decides by it
		found[i] = Comment{ID: string(d.ID), Text: d.Text, Username: d.Username, At: at}
	}
	return found, nil
}

// CommentAfter writes a comment below a media and returns its id: a connection first, then intent, then the comment, as
// PublishAfter does. There is no idempotency key: an error but for ErrNotSent does not prove that it is not there.
func (c *Client) CommentAfter(ctx context.Context, mediaID, text string, intent func() error) (string, error) {
	const op = OpComment
	r := c.request(verbComment, mediaID, url.Values{"message": {text}})
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

// Comment is CommentAfter without an intent to be kept.
func (c *Client) Comment(ctx context.Context, mediaID, text string) (string, error) {
	return c.CommentAfter(ctx, mediaID, text, func() error { return nil })
}

// IsForbidden reports whether a permission is missing or was withdrawn (3, 10, 200 to 299).
func IsForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == 3 || e.Code == 10 || e.Code >= 200 && e.Code <= 299)
}

// EnableComments lets people comment on a media, or no longer. It may be repeated: Instagram keeps the last one. It needs
// instagram_business_manage_comments.
//
// https://developers.facebook.com/docs/instagram-platform/comment-moderation
func (c *Client) EnableComments(ctx context.Context, mediaID string, enabled bool) error {
	var answer struct {
		Success bool `json:"success"`
	}
	q := url.Values{"comment_enabled": {strconv.FormatBool(enabled)}}
	if _, err := c.call(ctx, c.request(verbDiscuss, mediaID, q), &answer); err != nil {
		return err
	}
	if !answer.Success {
		return &TransportError{Op: OpDiscuss, Sent: true, Err: errors.New(words.AnswerWithoutData)}
	}
	return nil
}
