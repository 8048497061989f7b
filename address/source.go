package address

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"postern/egress"
	"postern/words"
)

const (
	// sourceGoodFor is how long a good answer of a source counts: several accounts may publish it.
	sourceGoodFor = time.Hour
	// sourceRead is as much of a source as is read; the head of a JPEG with large profiles is within it.
	sourceRead = 256 << 10
	// maxSources bounds what is remembered.
	maxSources = 4096
)

// Source is a picture or video at the site's own address, from which Instagram fetches it where there is no public
// address of ours.
type Source struct {
	Address string
	// name of the prepared file in the library, which looks the same; "" when there is none, or it has another
	// size
	Asset string
	Video bool
}

// SourceReport is the result of asking for a source as Instagram's fetcher would. All fields are "" when nothing is
// wrong.
type SourceReport struct {
	Shut string // why Instagram cannot fetch it, for certain, what to do, and the rule's id
	Busy string // why the server cannot hand it out now, which may pass
	Note string // worth knowing; Instagram may fetch it all the same
}

// sources remembers which sources answered well, and which hosts were asked for their robots.txt.
type sources struct {
	mu   sync.Mutex
	good map[string]time.Time
}

func (s *sources) isGood(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.good[key]
	return ok && time.Since(at) < sourceGoodFor
}

func (s *sources) remember(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.good == nil || len(s.good) >= maxSources {
		s.good = map[string]time.Time{}
	}
	s.good[key] = time.Now()
}

func (s *sources) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good = nil
}

// AskSource asks for a source as Instagram's fetcher would: with its user agent, by a plain GET, without following a
// redirect. A good answer counts for an hour. The error is that of ctx.
func (p *Public) AskSource(ctx context.Context, src Source) (SourceReport, error) {
	if p == nil || p.within || p.sources.isGood(src.Address) {
		return SourceReport{}, nil
	}
	u, err := url.Parse(src.Address)
	if err != nil || u.Host == "" {
		return shutSource(ruleUnreachable, words.FixSourceAddress, words.SourceAddressInvalid(src.noun())), nil
	}
	a, err := p.get(ctx, http.MethodGet, src.Address, Crawler, "", sourceRead)
	switch {
	case ctx.Err() != nil:
		return SourceReport{}, ctx.Err()
	case errors.Is(err, egress.ErrBlocked):
		return shutSource(rulePrivate, words.FixSourcePrivate(src.noun()),
			words.SourcePrivate(u.Host, egress.Describe(err))), nil
	case err != nil:
		return SourceReport{Busy: words.SourceBusy(u.Host, src.name(u), egress.Describe(err))}, nil
	}
	r := p.judgeSource(a, src, u)
	if r.Shut == "" && r.Busy == "" {
		p.sources.remember(src.Address)
		r.Note = p.noteSource(ctx, u)
	}
	return r, nil
}

func shutSource(rule, remedy, why string) SourceReport {
	return SourceReport{Shut: words.SourceShut(why, remedy, rule)}
}

func (s Source) noun() string {
	if s.Video {
		return "video"
	}
	return "picture"
}

// name returns the last part of the address, without its query.
func (s Source) name(u *url.URL) string {
	if name := path.Base(u.Path); name != "/" && name != "." {
		return name
	}
	return "the " + s.noun()
}

// judgeSource returns what the answer means for Instagram's fetcher.
func (p *Public) judgeSource(a answer, src Source, u *url.URL) SourceReport {
	name, noun, host := src.name(u), src.noun(), u.Host
	kind := a.kind()
	switch code := a.status; {
	case a.isChallenge():
		return shutSource(ruleWall, words.FixSourceWall, words.SourceChallenge(host, noun, name, code))
	case code >= 300 && code < 400:
		return shutSource(ruleRedirect, words.FixSourceRedirect,
			words.SourceRedirects(host, noun, name, code, target(a.header.Get("Location"))))
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests,
		code >= 500:
		return SourceReport{Busy: words.SourceBusyStatus(host, name, code)}
	case code == 401, code == 402, code == 403, code == 407, code == 451:
		return shutSource(ruleWall, words.FixSourceWall, words.SourceRefuses(host, noun, name, code))
	case code != http.StatusOK:
		return shutSource(ruleRefused, words.FixSourceWall, words.SourceAnswers(host, noun, name, code))
	case len(a.body) == 0 && a.cut != nil:
		return SourceReport{Busy: words.SourceCut(host, name)}
	case len(a.body) == 0:
		return shutSource(ruleLength, words.FixSourceWall, words.SourceEmpty(host, noun, name))
	case !src.has(a.body) && a.isPage():
		return shutSource(ruleWall, words.FixSourceWall, words.SourcePage(host, noun, name))
	case !src.has(a.body):
		return shutSource(ruleContent, words.FixSourceOther,
			words.SourceFormat(host, name, format(a.body), ifElse(src.Video, "MP4 or MOV", "JPEG")))
	case !src.fits(kind):
		return shutSource(ruleType, words.FixSourceType(ifElse(src.Video, "video/mp4", "image/jpeg")),
			words.SourceType(host, noun, name, a.header.Get("Content-Type")))
	case p.isAnother(a.body, src):
		return shutSource(ruleContent, words.FixSourceWall, words.SourceOther(host, name))
	}
	return SourceReport{}
}

func ifElse[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// has reports whether the first bytes are those of a kind that Instagram takes.
func (s Source) has(body []byte) bool {
	if !s.Video {
		return bytes.HasPrefix(body, []byte{0xff, 0xd8, 0xff})
	}
	if len(body) < 12 {
		return false
	}
	switch string(body[4:8]) {
	case "ftyp", "moov", "mdat", "free", "skip", "wide":
		return true
	}
	return false
}

// fits reports whether Instagram may take a file that is called so. Without a name, and with one of another picture, it
// looks at the bytes as far as is known.
func (s Source) fits(kind string) bool {
	switch {
	case kind == "":
		return true
	case s.Video:
		return strings.HasPrefix(kind, "video/") || kind == "application/mp4"
	}
	return strings.HasPrefix(kind, "image/") && kind != "image/webp" && kind != "image/avif" &&
		!strings.HasPrefix(kind, "image/svg")
}

// format names what the first bytes are, for people.
func format(body []byte) string {
	switch t := http.DetectContentType(body); {
	case len(body) > 12 && string(body[4:8]) == "ftyp" && strings.HasPrefix(string(body[8:12]), "avi"):
		return "AVIF"
	case strings.HasPrefix(t, "image/"):
		return strings.ToUpper(strings.TrimPrefix(t, "image/"))
	case strings.HasPrefix(t, "text/"):
		return "text"
	case strings.HasPrefix(t, "video/"):
		return "a video"
	}
	return "something else"
}

// isAnother reports whether a JPEG has another size than the prepared file. What cannot be read says nothing.
func (p *Public) isAnother(body []byte, src Source) bool {
	if src.Video || src.Asset == "" || p.library == nil {
		return false
	}
	file, err := p.library.Path(src.Asset)
	if err != nil {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	ours, err := jpeg.DecodeConfig(f)
	if err != nil {
		return false
	}
	theirs, err := jpeg.DecodeConfig(bytes.NewReader(body))
	return err == nil && (ours.Width != theirs.Width || ours.Height != theirs.Height)
}

// noteSource returns what may keep Instagram from a source all the same: a host that only network.allow makes
// reachable, or a robots.txt, for which each host is asked once an hour.
func (p *Public) noteSource(ctx context.Context, u *url.URL) string {
	if egress.Allowed(u.Hostname(), p.allow) || private(u.Hostname()) {
		return words.SourceAllowed(u.Host)
	}
	at := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}).String()
	if p.sources.isGood(at) {
		return ""
	}
	p.sources.remember(at)
	if robots, folder := p.forbidden(ctx, u); robots != "" {
		return words.SourceRobots(robots, folder)
	}
	return ""
}
