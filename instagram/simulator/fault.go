package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/instagram"
)

// Kind is a way to fail.
type Kind string

const (
	NoConnect Kind = "no-connect" // the connection is never made. Over a real listener: as Drop
	Drop      Kind = "drop"       // the call has no effect and no answer
	Refuse    Kind = "refuse"     // the call has no effect; the answer is Fault.Reply
	Lost      Kind = "lost"       // the call takes effect, the answer is lost
	LiveError Kind = "live-error" // the call takes effect, the answer is Fault.Reply
	Late      Kind = "late"       // publish only: no answer (or Fault.Reply); the post appears Fault.After later
	// the call takes effect; the answer comes Fault.After later or when Fault.Until is closed
	Hold   Kind = "hold"
	Slow   Kind = "slow"   // the call takes effect Fault.After later or when Fault.Until is closed
	Break  Kind = "break"  // the container of the call ends in ERROR; see Fault.Reply
	Expire Kind = "expire" // the container of the call is EXPIRED
	// StaleStatus shows a container that is published as FINISHED.
	StaleStatus Kind = "stale-status"
)

// Forever is for Fault.Times.
const Forever = -1

// Fault says which calls shall fail, and how. Faults wait in a queue: a call
// takes the first one that fits. Lost, LiveError and Hold stay in the queue
// until a call that would have worked comes along.
type Fault struct {
	Kind Kind

	Op        instagram.Op  // "" is any
	Account   string        // user id; "" is any
	Container string        // "" is any
	Caption   string        // a part of the container's caption; "" is any
	Skip      int           // leave so many fitting calls alone first
	Times     int           // 0 is once, or without limit when For is set; Forever
	For       time.Duration // ends so long after Server.Fault was called; 0 is never

	// Reply of Refuse and LiveError, optional with Late; the zero Reply is an
	// HTTP 500. With Break, a Subcode shows in the container's status text, and
	// media_publish answers with the whole (the zero Reply: 352/2207026).
	Reply Reply
	After time.Duration
	Until <-chan struct{}
}

// Reply is an answer that is an error.
type Reply struct {
	HTTP        int // 0 is 400; of a Reply without Code, 500
	Code        int
	Subcode     int
	Type        string // "" is OAuthException
	Message     string
	UserTitle   string
	UserMessage string
	Body        string      // sent as it is instead of the above
	Header      http.Header // added
}

// Answers as Instagram gives them.
var (
	NotReady = Reply{
		Code: 9007, Subcode: 2207027, Message: "Media ID is not available",
		UserTitle: "Media Not Ready", UserMessage: "The media is not ready for publishing, please wait for a moment.",
	}
	QuotaSpent = Reply{
		Code: 9, Subcode: 2207042, Message: "Application request limit reached",
		UserTitle:   "Publishing Limit Reached",
		UserMessage: "You reached the maximum number of posts that are allowed to be published.",
	}
	Blocked = Reply{
		Code: 4, Subcode: 2207051, Message: "Application request limit reached",
		UserTitle:   "Action is blocked",
		UserMessage: "We restrict certain activity to protect our community. Tell us if you think we made a mistake.",
	}
	Restricted = Reply{
		Code: 25, Subcode: 2207050, Message: "The Instagram account is restricted",
		UserTitle: "Account restricted",
		UserMessage: "The Instagram professional account is inactive, checkpointed or restricted. Open the " +
			"Instagram app to resolve this.",
	}
	Unreadable = Reply{
		Code: 100, Subcode: 33, Type: "GraphMethodException",
		Message: "Unsupported get request. Object does not exist, cannot be loaded due to missing permissions, or " +
			"does not support this operation.",
	}
	TokenDead = Reply{
		Code: 190, Subcode: 460,
		Message: "Error validating access token: The session has been invalidated because the user changed their " +
			"password.",
	}
	TokenExpired = Reply{Code: 190, Subcode: 463, Message: "Error validating access token: Session has expired."}
	TokenUnknown = Reply{Code: 190, Message: "Invalid OAuth access token - Cannot parse access token"}
	AppRemoved   = Reply{Code: 190, Subcode: 458,
		Message: "Error validating access token: The user has not authorized the application."}
	Checkpoint = Reply{Code: 190, Subcode: 459,
		Message: "Error validating access token: The user must log in at www.instagram.com."}
	Deactivated = Reply{HTTP: http.StatusOK, Code: 200,
		Message: "API access deactivated. To reactivate, go to the app dashboard."} // with status 200
	NoPermission = Reply{Code: 10, HTTP: http.StatusForbidden,
		Message: "(#10) Application does not have permission for this action"}
	NotATester   = Reply{Code: 100, Type: "IGApiException", Message: "Unsupported request - method type: get"}
	NotABusiness = Reply{Code: 10, Message: "(#10) The user is not an Instagram Business"}
	Throttled    = ThrottledFor(5 * time.Minute) // 80002
	TooManyCalls = Reply{Code: 4, Message: "Application request limit reached", HTTP: http.StatusForbidden}
	NotFetched   = Reply{
		Code: 9004, Subcode: 2207052, Message: "Only photo or video can be accepted as media type.",
		UserTitle:   "Media download has failed.",
		UserMessage: "The media could not be fetched from this URI: the media URI doesn't meet our requirements.",
	}
	UnsupportedVideo = Reply{
		Code: 352, Subcode: 2207026, Message: "The video file you selected is in a format that we don't support.",
		UserTitle:   "Unsupported video format",
		UserMessage: "The video format is not supported. Please check the spec for supported formats.",
	}
	Internal = Reply{HTTP: http.StatusInternalServerError, Code: 2,
		Message: "An unexpected error has occurred. Please retry your request later."}
	Gateway = Reply{HTTP: http.StatusBadGateway, Body: "<html><body>502 Bad Gateway</body></html>"}
)

// ThrottledFor is 80002 with the header that says for how long.
func ThrottledFor(d time.Duration) Reply {
	usage := fmt.Sprintf(
		`{"0":[{"type":"instagram","call_count":100,"total_cputime":20,"total_time":20,"estimated_time_to_regain_access":%d}]}`,
		int((d+time.Minute-1)/time.Minute))
	return Reply{
		Code: 80002, Message: "There have been too many calls to this Instagram account. Wait a bit and try again.",
		Header: http.Header{"X-Business-Use-Case-Usage": {usage}},
	}
}

func (r Reply) orInternal() Reply {
	if r.Code == 0 && r.Body == "" && r.HTTP == 0 {
		return Internal
	}
	return r
}

// encode makes the envelope as it was recorded.
func (r Reply) encode(trace string) (status int, header http.Header, body []byte) {
	r = r.orInternal()
	header = http.Header{}
	for name, values := range r.Header {
		header[name] = slices.Clone(values)
	}
	if r.Body != "" {
		if r.HTTP == 0 {
			r.HTTP = http.StatusBadRequest
		}
		header.Set("Content-Type", http.DetectContentType([]byte(r.Body)))
		return r.HTTP, header, []byte(r.Body)
	}
	if r.HTTP == 0 {
		r.HTTP = http.StatusBadRequest
	}
	if r.Type == "" {
		r.Type = "OAuthException"
	}
	e := map[string]any{"message": r.Message, "type": r.Type, "code": r.Code, "fbtrace_id": trace}
	if r.Subcode != 0 {
		e["error_subcode"] = r.Subcode
		e["is_transient"] = false // even where a retry helps: recorded so
	}
	if r.UserTitle != "" || r.UserMessage != "" {
		e["error_user_title"], e["error_user_msg"] = r.UserTitle, r.UserMessage
	}
	body, _ = json.Marshal(map[string]any{"error": e})
	header.Set("Content-Type", "application/json; charset=UTF-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Www-Authenticate", fmt.Sprintf("OAuth %q %q %q", "Facebook Platform", "invalid_request", r.Message))
	return r.HTTP, header, body
}

type fault struct {
	Fault
	ends time.Time
}

// Fault queues a fault.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &fault{Fault: f}
	if f.For > 0 {
		q.ends = time.Now().Add(f.For)
	}
	if f.Times == 0 {
		q.Times = 1
		if f.For > 0 {
			q.Times = Forever
		}
	}
	s.faults = append(s.faults, q)
}

// ClearFaults empties the queue.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) takeFault(c *call, now time.Time) *fault {
	s.faults = slices.DeleteFunc(s.faults, func(f *fault) bool {
		return f.Times == 0 || !f.ends.IsZero() && !now.Before(f.ends)
	})
	for _, f := range s.faults {
		switch {
		case f.Op != "" && f.Op != c.op,
			f.Account != "" && f.Account != c.userID,
			f.Container != "" && f.Container != c.container,
			f.Caption != "" && !strings.Contains(c.caption, f.Caption),
			(f.Kind == Late) && c.op != instagram.OpPublish,
			(f.Kind == Break || f.Kind == Expire) && c.op != instagram.OpCreate && c.container == "":
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return f
	}
	return nil
}

// putBack returns a fault whose call had no effect to hide.
func (s *Server) putBack(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == Forever {
		return
	}
	f.Times++
	if !slices.Contains(s.faults, f) {
		s.faults = append(s.faults, f)
	}
}

// interfere handles a call the way a fault wants it.
func (s *Server) interfere(ctx context.Context, c *call, f *fault) answer {
	if f == nil {
		return s.handle(ctx, c)
	}
	switch f.Kind {
	case NoConnect:
		return answer{gone: errNoRoute}
	case Drop:
		return answer{gone: errDropped}
	case Refuse:
		return s.refuse(f.Reply)
	case Late:
		s.mu.Lock()
		s.st.Pending = append(s.st.Pending, pending{Container: c.container, At: s.now().Add(f.After)})
		s.save()
		s.mu.Unlock()
		if f.Reply.Code == 0 && f.Reply.HTTP == 0 && f.Reply.Body == "" {
			return answer{gone: errDropped}
		}
		return s.refuse(f.Reply)
	case Slow:
		if err := pause(ctx, f.After, f.Until); err != nil {
			return answer{gone: err}
		}
		return s.handle(ctx, c)
	case Break, Expire:
		return s.spoil(ctx, c, f)
	case StaleStatus:
		a := s.handle(ctx, c)
		a.body = bytes.ReplaceAll(a.body, []byte(`"PUBLISHED"`), []byte(`"FINISHED"`))
		return a
	}
	a := s.handle(ctx, c)
	if a.status != http.StatusOK {
		s.putBack(f)
		return a
	}
	switch f.Kind {
	case Lost:
		return answer{gone: errDropped}
	case LiveError:
		return s.refuse(f.Reply)
	case Hold:
		if err := pause(ctx, f.After, f.Until); err != nil {
			return answer{gone: err}
		}
	}
	return a
}

// spoil ruins the container of a call: the one it names, or the one it makes.
func (s *Server) spoil(ctx context.Context, c *call, f *fault) answer {
	spoil := func(id string, now bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		k := s.st.Containers[id]
		if k == nil {
			return
		}
		if f.Kind == Expire {
			k.Expired = true
		} else {
			k.Broken = &f.Reply
			if now {
				k.ReadyAt = s.now()
			}
		}
		s.save()
	}
	if c.op != instagram.OpCreate {
		spoil(c.container, true)
		return s.handle(ctx, c)
	}
	a := s.handle(ctx, c)
	var made struct{ ID string }
	if a.status == http.StatusOK && json.Unmarshal(a.body, &made) == nil {
		spoil(made.ID, false)
	}
	return a
}

func (s *Server) refuse(r Reply) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refuseLocked(r)
}

func (s *Server) refuseLocked(r Reply) answer {
	trace := "A" + word(s.hash("trace", s.roll("trace", 1<<62)))
	status, header, body := r.encode(trace)
	s.standard(header, trace)
	return answer{status: status, header: header, body: body}
}

// Tags in a caption make a demo fail on purpose:
//
//	#sim-lost          live, but the answer is lost
//	#sim-late          the answer is lost, the post appears a minute later
//	#sim-500           the first publish answers HTTP 500, nothing is live
//	#sim-500-live      live, but the answer is HTTP 500
//	#sim-2207051       every publish is blocked as spam, nothing is live
//	#sim-2207051-live  live, but the answer says blocked
//	#sim-9007          the first publish of each container is "not ready"
//	#sim-quota         the first publish of each container is over the quota
//	#sim-slow          the container takes 30 seconds more
//	#sim-error         the container ends in ERROR without a reason
//	#sim-22070NN       the container ends in ERROR, its status text with this subcode
//	#sim-expired       the container is EXPIRED
var tag = regexp.MustCompile(`#sim-([0-9a-z-]+)`)

func tags(caption string) []string {
	var found []string
	for _, m := range tag.FindAllStringSubmatch(strings.ToLower(caption), -1) {
		found = append(found, m[1])
	}
	return found
}

// tagContainer applies the tags that ruin a new container.
func tagContainer(k *container) {
	for _, t := range tags(k.Caption) {
		switch n, err := strconv.Atoi(t); {
		case t == "slow":
			k.ReadyAt = k.ReadyAt.Add(30 * time.Second)
		case t == "error":
			k.Broken = &Reply{}
		case t == "expired":
			k.Expired = true
		case err == nil && n != Blocked.Subcode && n >= 2207000 && n <= 2207099:
			k.Broken = &Reply{Code: -1, Subcode: n, Message: "Media upload has failed with error code " + t}
		}
	}
}

// tagPublish finds what the tags want of a publish call that would work.
func tagPublish(k *container) *Fault {
	first := k.Attempts == 1
	for _, t := range tags(k.Caption) {
		switch {
		case t == "lost":
			return &Fault{Kind: Lost}
		case t == "late" && first:
			return &Fault{Kind: Late, After: time.Minute}
		case t == "500" && first:
			return &Fault{Kind: Refuse, Reply: Internal}
		case t == "500-live":
			return &Fault{Kind: LiveError, Reply: Internal}
		case t == "2207051":
			return &Fault{Kind: Refuse, Reply: Blocked}
		case t == "2207051-live":
			return &Fault{Kind: LiveError, Reply: Blocked}
		case t == "9007" && first:
			return &Fault{Kind: Refuse, Reply: NotReady}
		case t == "quota" && first:
			return &Fault{Kind: Refuse, Reply: QuotaSpent}
		}
	}
	return nil
}
