package simulator

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	maxCollaborators = 3
	maxUserTags      = 20
)

// UserTag names somebody on a slide.
type UserTag struct {
	Username string   `json:"username"`
	X        *float64 `json:"x,omitempty"`
	Y        *float64 `json:"y,omitempty"`
}

var (
	pageID   = regexp.MustCompile(`^\d{5,20}$`)
	username = regexp.MustCompile(`^[A-Za-z0-9._]{1,30}$`)

	badLocation = Reply{Code: 100, Message: "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"}
	badUser     = Reply{Code: 110, Message: "Invalid user id", UserTitle: "Cannot tag user",
		UserMessage: "A user cannot be tagged or invited."}
)

// addExtras checks the parameters that only some kinds of containers take. A location whose number ends in 404 has no
// place, and a user whose name ends in 404 is not there.
func addExtras(k *container, kind string, p url.Values) *Reply {
	refuse := func(format string, args ...any) *Reply {
		r := invalid(format, args...)
		return &r
	}
	if id := p.Get("location_id"); id != "" {
		if k.Item || k.ProductType == story {
			return refuse("param location_id is not allowed")
		}
		if !pageID.MatchString(id) || strings.HasSuffix(id, "404") {
			return &badLocation
		}
		k.LocationID = id
	}
	if list := p.Get("collaborators"); list != "" {
		if k.Item || k.ProductType == story {
			return refuse("param collaborators is not allowed")
		}
		if json.Unmarshal([]byte(list), &k.Collaborators) != nil || len(k.Collaborators) > maxCollaborators {
			return refuse("Param collaborators must be an array of at most %d user names", maxCollaborators)
		}
		for _, name := range k.Collaborators {
			if !username.MatchString(name) || strings.HasSuffix(name, "404") {
				return refuse("Param collaborators: %s cannot be invited", name)
			}
		}
	}
	if p.Has("share_to_feed") {
		if k.ShareToFeed = p.Get("share_to_feed"); k.ShareToFeed != "true" && k.ShareToFeed != "false" {
			return refuse("Param share_to_feed must be a boolean")
		}
	}
	list := p.Get("user_tags")
	if list == "" {
		return nil
	}
	var tags []UserTag
	switch {
	case kind == "CAROUSEL":
		return refuse("param user_tags is not allowed")
	case json.Unmarshal([]byte(list), &tags) != nil || len(tags) > maxUserTags:
		return refuse("Param user_tags must be an array of at most %d objects", maxUserTags)
	}
	for _, t := range tags {
		inside := t.X != nil && t.Y != nil && *t.X >= 0 && *t.X <= 1 && *t.Y >= 0 && *t.Y <= 1
		none := t.X == nil && t.Y == nil
		switch {
		case !username.MatchString(t.Username) || strings.HasSuffix(t.Username, "404"):
			return &badUser
		case k.MediaType == video && k.ProductType != story && !none:
			return refuse("Param user_tags: videos take no x and y")
		case k.MediaType == image && k.ProductType == feed && !inside, !none && !inside:
			return refuse("Param user_tags: x and y between 0 and 1 are needed")
		}
	}
	k.Slides[0].UserTags = tags
	return nil
}

// extras in words, for the page.
func (p Post) extras() []string {
	var all []string
	if p.LocationID != "" {
		all = append(all, "Location "+p.LocationID)
	}
	if len(p.Collaborators) > 0 {
		all = append(all, "With "+strings.Join(p.Collaborators, ", "))
	}
	if p.ShareToFeed == "false" {
		all = append(all, "Not in the feed")
	}
	for _, slide := range p.Slides {
		for _, t := range slide.UserTags {
			all = append(all, "Tagged: "+t.Username)
		}
	}
	return all
}

// own finds a live post of the caller.
func (s *Server) own(id string, owner *Account) *Post {
	i := slices.IndexFunc(s.st.Posts, func(p *Post) bool { return p.ID == id && p.UserID == owner.UserID })
	if i < 0 {
		return nil
	}
	return s.st.Posts[i]
}
