package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postern/instagram"
)

const maxCommentText = 2200

// Discussion is what stands below a post.
type Discussion struct {
	Comments    []Comment // oldest first
	CommentsOff bool      // nobody may write one
}

// Comment is one below a post.
type Comment struct {
	ID       string
	Username string
	Text     string
	At       time.Time
}

// commentCalls answer the calls about comments.
var commentCalls = calls{
	instagram.OpComments: (*Server).listComments,
	instagram.OpComment:  (*Server).comment,
	instagram.OpDiscuss:  (*Server).enableComments,
}

// comment writes one. Nobody notices that the same was written before.
//
// https://developers.facebook.com/docs/instagram-platform/comment-moderation
func (s *Server) comment(c *call, owner *Account, now time.Time) answer {
	p, text := s.own(c.id, owner), c.params.Get("message")
	switch {
	case p == nil:
		return s.refuseLocked(Unreadable)
	case c.method != http.MethodPost || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxCommentText:
		return s.refuseLocked(invalid("Param message is needed, of at most %d characters", maxCommentText))
	case p.ProductType == story:
		return s.refuseLocked(invalid("Stories take no comments"))
	case p.CommentsOff:
		return s.refuseLocked(CommentsAreOff)
	}
	made := Comment{ID: s.newID("180"), Username: owner.Username, Text: text, At: now}
	p.Comments = append(p.Comments, made)
	s.save()
	return s.ok(map[string]any{"id": made.ID})
}

// CommentsAreOff is the answer to a comment below a post whose comments are off. Meta documents none; other calls that a
// post does not take are answered so.
var CommentsAreOff = Reply{Code: 100, Message: "(#100) Comments are turned off for this media"}

// enableComments switches the comments of a post on or off.
func (s *Server) enableComments(c *call, owner *Account, _ time.Time) answer {
	p, enabled := s.own(c.id, owner), c.params.Get("comment_enabled")
	switch {
	case p == nil:
		return s.refuseLocked(Unreadable)
	case enabled != "true" && enabled != "false":
		return s.refuseLocked(invalid("Param comment_enabled must be a boolean"))
	case p.ProductType == story:
		return s.refuseLocked(invalid("Stories take no comments"))
	}
	p.CommentsOff = enabled == "false"
	s.save()
	return s.ok(map[string]any{"success": true})
}

// listComments shows the newest first, at most 50 of them.
func (s *Server) listComments(c *call, owner *Account, _ time.Time) answer {
	p := s.own(c.id, owner)
	if p == nil {
		return s.refuseLocked(Unreadable)
	}
	data := []any{}
	for _, m := range slices.Backward(p.Comments) {
		if len(data) == 50 {
			break
		}
		data = append(data, pick(c.params.Get("fields"), map[string]any{
			"id": m.ID, "text": m.Text, "username": m.Username, "timestamp": m.At.UTC().Format(timestamp),
		}))
	}
	return s.ok(map[string]any{"data": data})
}
