package simulator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/instagram"
)

const (
	quotaTotal  = 100
	quotaWindow = 24 * time.Hour
	tokenLife   = 5183944 * time.Second // the expires_in Instagram gives: about 60 days
	tokenMinAge = 24 * time.Hour
	oldTokenFor = 24 * time.Hour // how long a refreshed token still works
	storyLife   = 24 * time.Hour
	lostOneIn   = 20 // publish answers
	jitter      = 4  // delays vary by a quarter either way

	timestamp = "2006-01-02T15:04:05-0700"
)

// standard sets the headers every answer has.
func (s *Server) standard(h http.Header, trace string) {
	h.Set("Date", s.now().UTC().Format(http.TimeFormat))
	if s.usage == nil {
		h.Set("X-App-Usage", `{"call_volume":0,"cpu_time":0}`) // the keys recorded, not the ones documented
	}
	for name, values := range s.usage {
		h[name] = values
	}
	h.Set("X-Fb-Request-Id", trace)
}

func (s *Server) quotaTotal() int {
	if s.quota > 0 {
		return s.quota
	}
	return quotaTotal
}

func (s *Server) ok(v any) answer {
	b, err := json.Marshal(v)
	if err != nil {
		return s.refuseLocked(Internal)
	}
	h := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	s.standard(h, "A"+word(s.hash("trace", s.roll("trace", 1<<62))))
	return answer{status: http.StatusOK, header: h, body: b}
}

func invalid(format string, args ...any) Reply {
	return Reply{Code: 100, Message: "(#100) " + fmt.Sprintf(format, args...)}
}

// handle is the API without faults.
func (s *Server) handle(ctx context.Context, c *call) answer {
	if c.op == instagram.OpCreate {
		return s.create(ctx, c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if c.op == instagram.OpExchange {
		return s.exchange(c, now)
	}
	owner, no := s.authorize(c, now)
	if no != nil {
		return s.refuseLocked(*no)
	}
	switch c.op {
	case instagram.OpPublish:
		return s.publish(c, owner, now)
	case instagram.OpStatus:
		return s.containerStatus(c, owner, now)
	case instagram.OpMedia:
		return s.list(c, owner, now)
	case instagram.OpPermalink:
		return s.media(c, owner)
	case instagram.OpQuota:
		return s.ok(map[string]any{"data": []any{map[string]any{
			"quota_usage": s.used(owner.UserID, now),
			"config": map[string]any{"quota_total": s.quotaTotal(),
				"quota_duration": int(quotaWindow / time.Second)},
		}}})
	case instagram.OpMe:
		return s.ok(pick(c.params.Get("fields"), map[string]any{
			"id": owner.AppScopedID, "user_id": owner.UserID, "username": owner.Username, "name": owner.Name,
			"account_type": cmp.Or(owner.Type, "BUSINESS"),
		}))
	case instagram.OpRefresh:
		return s.refresh(c, owner, now)
	}
	if reply, known := commentCalls[c.op]; known {
		return reply(s, c, owner, now)
	}
	return s.refuseLocked(Reply{Code: 2500, Message: "Unknown path components: /" + c.edge})
}

// calls are what answers the owner of a token, by operation.
type calls map[instagram.Op]func(s *Server, c *call, owner *Account, now time.Time) answer

// authorize finds whose token it is, and that the path is about them.
func (s *Server) authorize(c *call, now time.Time) (*Account, *Reply) {
	t := s.st.Tokens[digest(c.token)]
	if c.token == "" || t == nil {
		no := TokenUnknown
		return nil, &no
	}
	owner := s.st.account(t.UserID)
	switch {
	case t.Dead || owner == nil:
		no := TokenDead
		return nil, &no
	case !now.Before(t.Expires):
		no := TokenExpired
		return nil, &no
	case owner.Stranger:
		no := NotATester
		return nil, &no
	}
	v := instagram.VerbFor(c.op)
	if needed := v.Permission; t.Permissions != nil && needed != "" && !slices.Contains(t.Permissions, needed) {
		no := NoPermission
		return nil, &no
	}
	if v.OfAccount && c.id != "me" && c.id != owner.UserID && c.id != owner.AppScopedID {
		no := Unreadable
		return nil, &no
	}
	return owner, nil
}

// create checks a container as far as can be done at once, and downloads its
// pictures while the caller waits, as Instagram does.
func (s *Server) create(ctx context.Context, c *call) answer {
	s.mu.Lock()
	owner, no := s.authorize(c, s.now())
	var k *container
	if no == nil {
		k, no = s.newContainer(c, owner)
	}
	s.mu.Unlock()
	if no == nil && k.MediaType != carouselAlbum {
		no = s.download(ctx, k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if no != nil {
		return s.refuseLocked(*no)
	}
	now := s.now()
	k.CreatedAt, k.ReadyAt = now, now.Add(s.delay(k))
	k.ID = s.newID("178")
	for i := range k.Slides {
		if k.Slides[i].ContainerID == "" {
			k.Slides[i].ContainerID = k.ID
		}
	}
	tagContainer(k)
	s.st.Containers[k.ID] = k
	s.save()
	return s.ok(map[string]any{"id": k.ID})
}

func (s *Server) delay(k *container) time.Duration {
	d := s.o.ImageDelay
	if k.MediaType == video {
		d = s.o.VideoDelay
	}
	if s.o.Kind || d < jitter {
		return d
	}
	spread := d / jitter
	return d - spread + time.Duration(s.roll("delay", uint64(2*spread)))
}

// publish makes a post, also of a container that has been published before.
func (s *Server) publish(c *call, owner *Account, now time.Time) answer {
	k := s.st.Containers[c.container]
	switch {
	case k == nil:
		return s.refuseLocked(Reply{
			Code: 24, Subcode: 2207006, Message: "The requested resource does not exist",
			UserTitle: "Media Not Found", UserMessage: "The media with the given id cannot be found.",
		})
	case k.UserID != owner.UserID:
		return s.refuseLocked(Unreadable)
	case k.Item:
		return s.refuseLocked(invalid("The media is a carousel item and cannot be published by itself."))
	}
	switch k.status(now) {
	case "EXPIRED":
		return s.refuseLocked(Reply{
			Code: 24, Subcode: 2207008, Message: "The media container does not exist or has expired",
			UserTitle: "Media Expired", UserMessage: "The container has expired. Please create it again.",
		})
	case "IN_PROGRESS":
		return s.refuseLocked(NotReady)
	case "ERROR":
		if k.Broken.Code != 0 {
			return s.refuseLocked(*k.Broken)
		}
		return s.refuseLocked(UnsupportedVideo)
	}
	if s.used(owner.UserID, now) >= s.quotaTotal() {
		return s.refuseLocked(QuotaSpent)
	}
	k.Attempts++
	if !c.faulted {
		if f := tagPublish(k); f != nil {
			return s.tagged(k, f, now)
		}
	}
	p := s.goLive(k, now)
	s.save()
	if !c.faulted && !s.o.Kind && s.roll("lost", lostOneIn) == 0 {
		s.log.Info("simulator loses the answer to a publish", "media", p.ID)
		return answer{gone: errDropped}
	}
	return s.ok(map[string]any{"id": p.ID})
}

// tagged publishes the way a tag in the caption wants it.
func (s *Server) tagged(k *container, f *Fault, now time.Time) answer {
	defer s.save()
	switch f.Kind {
	case Refuse:
		return s.refuseLocked(f.Reply)
	case Late:
		s.st.Pending = append(s.st.Pending, pending{Container: k.ID, At: now.Add(f.After)})
		return answer{gone: errDropped}
	case LiveError:
		s.goLive(k, now)
		return s.refuseLocked(f.Reply)
	}
	s.goLive(k, now)
	return answer{gone: errDropped}
}

// goLive makes a post of a container.
func (s *Server) goLive(k *container, at time.Time) *Post {
	k.Published = true
	p := &Post{
		ID: s.newID("179"), ContainerID: k.ID, UserID: k.UserID, Caption: k.Caption,
		MediaType: k.MediaType, ProductType: k.ProductType, Slides: slices.Clone(k.Slides), Extras: k.Extras, At: at,
	}
	p.Shortcode = "S" + strings.Trim(word(s.hash("shortcode", p.ID)), "-_")
	p.Permalink = s.public() + s.path(p)
	if s.rewrite != nil {
		p.Caption = s.rewrite(p.Caption)
	}
	s.st.Posts = append(s.st.Posts, p)
	return p
}

func (s *Server) public() string {
	if s.o.PublicURL == "" {
		return "https://www.instagram.com"
	}
	return strings.TrimRight(s.o.PublicURL, "/")
}

// path of a post on the profile page, as on Instagram.
func (s *Server) path(p *Post) string {
	switch p.ProductType {
	case reels:
		return "/reel/" + p.Shortcode + "/"
	case story:
		name := "unknown"
		if a := s.st.account(p.UserID); a != nil {
			name = a.Username
		}
		return "/stories/" + name + "/" + p.ID + "/"
	}
	return "/p/" + p.Shortcode + "/"
}

// used counts the posts of the last 24 hours; a carousel is one.
func (s *Server) used(userID string, now time.Time) int {
	n := 0
	for _, p := range s.st.Posts {
		if p.UserID == userID && now.Sub(p.At) < quotaWindow {
			n++
		}
	}
	return n
}

func (s *Server) containerStatus(c *call, owner *Account, now time.Time) answer {
	k := s.st.Containers[c.container]
	if k == nil || k.UserID != owner.UserID {
		return s.refuseLocked(Unreadable)
	}
	code := k.status(now)
	if k.Published && slices.ContainsFunc(s.st.Posts,
		func(p *Post) bool { return p.ContainerID == k.ID && now.Sub(p.At) < s.stale }) {
		code = "FINISHED"
	}
	text := code // graph.instagram.com repeats the code
	if code == "ERROR" && k.Broken.Subcode != 0 {
		text = fmt.Sprintf("Error: Media upload has failed with error code %d", k.Broken.Subcode)
	}
	return s.ok(pick(c.params.Get("fields"), map[string]any{"id": k.ID, "status_code": code, "status": text}))
}

// fields of a post as the API shows them.
func (s *Server) fields(p *Post) map[string]any {
	m := map[string]any{
		"id": p.ID, "media_type": p.MediaType, "media_product_type": p.ProductType,
		"permalink": p.Permalink, "shortcode": p.Shortcode, "timestamp": p.At.UTC().Format(timestamp),
	}
	if p.Caption != "" { // missing, not empty
		m["caption"] = p.Caption
	}
	if a := s.st.account(p.UserID); a != nil {
		m["username"] = a.Username
	}
	if len(p.Slides) == 1 && p.Slides[0].AltText != "" {
		m["alt_text"] = p.Slides[0].AltText
	}
	return m
}

// pick keeps the fields that were asked for. The id always comes.
func pick(names string, all map[string]any) map[string]any {
	picked := map[string]any{"id": all["id"]}
	for _, name := range strings.Split(names, ",") {
		if v, ok := all[name]; ok {
			picked[name] = v
		}
	}
	return picked
}

func (s *Server) media(c *call, owner *Account) answer {
	for _, p := range s.st.Posts {
		if p.ID == c.id && p.UserID == owner.UserID {
			return s.ok(pick(c.params.Get("fields"), s.fields(p)))
		}
	}
	return s.refuseLocked(Unreadable)
}

// list is /media or /stories, newest first, in pages with cursors.
func (s *Server) list(c *call, owner *Account, now time.Time) answer {
	var all []*Post
	for _, p := range slices.Backward(s.st.Posts) {
		if now.Sub(p.At) < s.stale {
			continue
		}
		isStory := p.ProductType == story
		if p.UserID != owner.UserID || isStory != (c.edge == "stories") || isStory && now.Sub(p.At) >= storyLife {
			continue
		}
		all = append(all, p)
	}
	limit := 25
	if n, err := strconv.Atoi(c.params.Get("limit")); err == nil && n > 0 {
		limit = min(n, 100)
	}
	if after := c.params.Get("after"); after != "" {
		i := slices.IndexFunc(all, func(p *Post) bool { return cursor(p) == after })
		if i < 0 {
			return s.refuseLocked(invalid("Invalid cursor"))
		}
		all = all[i+1:]
	}
	more := len(all) > limit
	all = all[:min(limit, len(all))]
	data := []any{}
	for _, p := range all {
		data = append(data, pick(c.params.Get("fields"), s.fields(p)))
	}
	reply := map[string]any{"data": data}
	if len(all) > 0 {
		last := cursor(all[len(all)-1])
		paging := map[string]any{"cursors": map[string]any{"before": cursor(all[0]), "after": last}}
		if more {
			// Like the original, next holds the token: a client must not log or follow it.
			q := c.params
			q.Set("after", last)
			q.Set("access_token", c.token)
			paging["next"] = "https://graph.instagram.com" + c.path + "?" + q.Encode()
			q.Del("access_token")
		}
		reply["paging"] = paging
	}
	return s.ok(reply)
}

func cursor(p *Post) string { return "QVFI" + digest(p.ID)[:20] }

func (s *Server) refresh(c *call, owner *Account, now time.Time) answer {
	old := s.st.Tokens[digest(c.token)]
	switch {
	case c.method != http.MethodGet:
		return s.refuseLocked(Reply{Code: 100, Type: "IGApiException",
			Message: "Unsupported request - method type: post"})
	case c.params.Get("grant_type") != "ig_refresh_token":
		return s.refuseLocked(invalid("Invalid grant_type"))
	case now.Sub(old.Issued) < tokenMinAge:
		return s.refuseLocked(invalid("The access token is younger than 24 hours and cannot be refreshed yet."))
	}
	if end := now.Add(oldTokenFor); end.Before(old.Expires) {
		old.Expires = end
	}
	return s.ok(s.newToken(owner.UserID, now, tokenLife, old.Permissions))
}

func (s *Server) newToken(userID string, now time.Time, life time.Duration, permissions []string) map[string]any {
	s.st.Counter++
	value := "IGSIM" + word(s.hash("token", userID, s.st.Counter, now.UnixNano())) + word(s.hash("more", s.st.Counter))
	s.st.Tokens[digest(value)] = &token{UserID: userID, Issued: now, Expires: now.Add(life), Permissions: permissions}
	s.save()
	return map[string]any{"access_token": value, "token_type": "bearer", "expires_in": int(life / time.Second)}
}
