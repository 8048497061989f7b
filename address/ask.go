package address

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"postern/words"
)

// Crawler is the user agent of Instagram's fetcher, by which bot protections know it.
// https://developers.facebook.com/docs/sharing/webmasters/web-crawlers
const Crawler = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"

// answerTime bounds one question.
const answerTime = 20 * time.Second

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	length int64 // as announced; -1 when it was not
	body   []byte
	cut    error // the body ended early
}

// get asks once. agent "" is our own. At most want+1 bytes of the body are read.
func (p *Public) get(ctx context.Context, method, address, agent, part string, want int64) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // else Go would unpack what comes, and hide its length
	if agent != "" {
		req.Header.Set("User-Agent", agent)
	}
	if part != "" {
		req.Header.Set("Range", part)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header, length: res.ContentLength}
	a.body, a.cut = io.ReadAll(io.LimitReader(res.Body, want+1))
	return a, nil
}

func (a answer) kind() string {
	t, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// isPage says that it is a web page, whatever it is called.
func (a answer) isPage() bool {
	return a.kind() == "text/html" || a.kind() == "application/xhtml+xml" ||
		strings.HasPrefix(http.DetectContentType(a.body), "text/html")
}

// isChallenge reports whether the answer is a bot challenge, which Cloudflare marks.
func (a answer) isChallenge() bool { return a.header.Get("Cf-Mitigated") != "" }

// judge looks at the answer to a plain question for the file.
func (p *Public) judge(a answer, body []byte) finding {
	no := func(name, remedy, detail string) finding { return found(shut, name, remedy, detail) }
	opened := p.pick(words.FixPublicWall, words.FixBucketWall)
	passed := p.pick(words.FixPublicPath, words.FixBucketPath)
	switch code := a.status; {
	case a.isChallenge():
		return no(ruleWall, opened, words.PublicChallenge(p.base, code))
	case code >= 300 && code < 400:
		return no(ruleRedirect,
			p.pick(words.FixPublicRedirect, words.FixBucketRedirect),
			words.PublicRedirects(p.base, code, target(a.header.Get("Location"))))
	case code == 401, code == 402, code == 403, code == 407, code == 429, code == 451:
		return no(ruleWall, opened, words.PublicRefuses(p.base, code))
	case code == 404, code == 410:
		return no(ruleNotFound, passed, words.PublicUnknown(p.base, code))
	case code >= 500:
		return no(ruleUnreachable, p.pick(words.FixPublicFails, words.FixBucketFails), words.PublicFails(p.base, code))
	case code != 200:
		return no(ruleRefused, passed, words.PublicAnswers(p.base, code))
	case a.isPage() && !bytes.Equal(a.body, body):
		return no(ruleWall, opened, words.PublicPage(p.base))
	case a.cut != nil, a.length >= 0 && a.length != int64(len(body)) && bytes.HasPrefix(body, a.body):
		return no(ruleLength, passed, words.PublicPart(p.base, min(len(a.body), len(body)), len(body)))
	case !bytes.Equal(a.body, body):
		return no(ruleContent, p.pick(words.FixPublicOther, words.FixBucketOther), words.PublicOther(p.base))
	case a.kind() != "image/jpeg":
		return no(ruleType, p.pick(words.FixPublicType, words.FixBucketType),
			words.PublicType(p.base, a.header.Get("Content-Type")))
	case a.length < 0:
		return found(told, ruleLength, words.FixPublicLength, words.PublicNoLength(p.base))
	}
	return finding{}
}

// target names where a redirect leads, without what may be secret.
func target(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "nowhere"
	}
	s := u.EscapedPath()
	if u.Host != "" {
		s = u.Scheme + "://" + u.Host + s
	}
	if len(s) > 120 {
		s = s[:120] + "…"
	}
	return s
}

// head asks for the head alone.
func (p *Public) head(ctx context.Context, u *url.URL, body []byte) finding {
	a, err := p.get(ctx, "HEAD", u.String(), Crawler, "", 0)
	switch {
	case err != nil:
		return found(wrong, ruleHead, words.FixPublicHead, words.PublicHeadSilent(p.base))
	case a.status != 200:
		return found(wrong, ruleHead, words.FixPublicHead, words.PublicHeadStatus(p.base, a.status))
	case a.length >= 0 && a.length != int64(len(body)), a.kind() != "image/jpeg":
		return found(wrong, ruleHead, words.FixPublicHead, words.PublicHeadDiffers(p.base))
	}
	return finding{}
}

// part asks for some bytes in the middle, as is done with videos.
func (p *Public) part(ctx context.Context, u *url.URL, body []byte) finding {
	const from, to = 100, 299
	a, err := p.get(ctx, "GET", u.String(), Crawler, fmt.Sprintf("bytes=%d-%d", from, to), int64(len(body)))
	switch {
	case err != nil:
		return found(wrong, ruleRange, words.FixPublicRange, words.PublicRangeSilent(p.base))
	case a.status == 200 && bytes.Equal(a.body, body):
		return found(told, ruleRange, p.pick(words.FixPublicRange, words.FixBucketRange),
			words.PublicRangeWhole(p.base))
	case a.status != 206:
		return found(wrong, ruleRange, words.FixPublicRange, words.PublicRangeStatus(p.base, a.status))
	case !bytes.Equal(a.body, body[from:to+1]) ||
		a.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, to, len(body)):
		return found(wrong, ruleRange, words.FixPublicRange, words.PublicRangeDiffers(p.base))
	}
	return finding{}
}

// robots asks what the host's robots.txt says about the file. Without one everything is allowed.
func (p *Public) robots(ctx context.Context, u *url.URL, _ []byte) finding {
	if robots, folder := p.forbidden(ctx, u); robots != "" {
		return found(wrong, ruleRobots, words.FixRobots(folder), words.RobotsForbid(robots))
	}
	return finding{}
}

// forbidden returns the address of the host's robots.txt and the folder of the file, if that forbids the file to
// Instagram's fetcher; "" otherwise.
func (p *Public) forbidden(ctx context.Context, u *url.URL) (robots, folder string) {
	const most = 500 << 10 // what crawlers read of it at least, RFC 9309
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	a, err := p.get(ctx, "GET", at.String(), Crawler, "", most)
	if err != nil || a.status != 200 || a.isPage() ||
		allowedBy(string(a.body), "facebookexternalhit", u.EscapedPath()) {
		return "", ""
	}
	return at.String(), u.Path[:strings.LastIndexByte(u.Path, '/')+1]
}
