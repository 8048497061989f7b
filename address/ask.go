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

const (
	open       = "let everybody fetch /media/: no log-in, no bot protection, no challenge there"
	openBucket = "let everybody read the files under the bucket's prefix, without log-in or bot protection"
	pass       = "let the proxy or tunnel pass /media/ on to Postern (web.listen), as it comes"
	passBucket = "make media.s3.public_url the address under which the bucket's files are public"
)

// judge looks at the answer to a plain question for the file.
func (p *Public) judge(a answer, body []byte) finding {
	no := func(name, remedy, detail string, args ...any) finding {
		return found(shut, name, remedy, "the public address %s %s", p.base, fmt.Sprintf(detail, args...))
	}
	opened, passed := p.say(open, openBucket), p.say(pass, passBucket)
	switch code := a.status; {
	case a.header.Get("Cf-Mitigated") != "": // Cloudflare's own word for a challenge
		return no(ruleWall, opened, "answers with a bot challenge (%d)", code)
	case code >= 300 && code < 400:
		return no(ruleRedirect,
			p.say("set web.base_url to the address where it ends, or let /media/ through without log-in",
				"set media.s3.public_url to the address where it ends"),
			"redirects (%d) to %s, and Instagram wants the file itself", code, target(a.header.Get("Location")))
	case code == 401, code == 402, code == 403, code == 407, code == 429, code == 451:
		return no(ruleWall, opened, "refuses to hand out our files (it answers %d)", code)
	case code == 404, code == 410:
		return no(ruleNotFound, passed, "does not know our files (it answers %d)", code)
	case code >= 500:
		return no(ruleUnreachable,
			p.say("see that Postern runs, and that the proxy or tunnel leads to web.listen",
				"see the storage's own status, and try again later"),
			"cannot hand out our files (it answers %d)", code)
	case code != 200:
		return no(ruleRefused, passed, "answers %d instead of the file", code)
	case a.isPage() && !bytes.Equal(a.body, body):
		return no(ruleWall, opened, "answers with a web page instead of the file, as log-ins and bot protections do")
	case a.cut != nil, a.length >= 0 && a.length != int64(len(body)) && bytes.HasPrefix(body, a.body):
		return no(ruleLength, passed, "hands out only a part of the file: %d of %d bytes",
			min(len(a.body), len(body)), len(body))
	case !bytes.Equal(a.body, body):
		return no(ruleContent, passed+"; no image optimisation on the way", "hands out something else than the file")
	case a.kind() != "image/jpeg":
		return no(ruleType, p.say("let the proxy leave the Content-Type as Postern sends it",
			"let the bucket keep the Content-Type of what is uploaded"),
			"calls a JPEG %s", quoted(a.header.Get("Content-Type")))
	case a.length < 0:
		return found(told, ruleLength, "let the proxy leave the Content-Length as Postern sends it",
			"the public address %s does not say how long a file is", p.base)
	}
	return finding{}
}

func quoted(kind string) string {
	if kind == "" {
		return "nothing (there is no Content-Type)"
	}
	if len(kind) > 60 {
		kind = kind[:60]
	}
	return fmt.Sprintf("%q", kind)
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
	const remedy = "let HEAD through like GET"
	a, err := p.get(ctx, "HEAD", u.String(), Crawler, "", 0)
	switch {
	case err != nil:
		return found(wrong, ruleHead, remedy, "the public address %s does not answer HEAD", p.base)
	case a.status != 200:
		return found(wrong, ruleHead, remedy, "the public address %s answers %d to HEAD, though 200 to GET",
			p.base, a.status)
	case a.length >= 0 && a.length != int64(len(body)), a.kind() != "image/jpeg":
		return found(wrong, ruleHead, remedy,
			"the public address %s says another length or type to HEAD than to GET", p.base)
	}
	return finding{}
}

// part asks for some bytes in the middle, as is done with videos.
func (p *Public) part(ctx context.Context, u *url.URL, body []byte) finding {
	const remedy = "let the Range header through to Postern, and its answer back"
	const from, to = 100, 299
	a, err := p.get(ctx, "GET", u.String(), Crawler, fmt.Sprintf("bytes=%d-%d", from, to), int64(len(body)))
	switch {
	case err != nil:
		return found(wrong, ruleRange, remedy,
			"the public address %s does not answer when a part of a file is asked for", p.base)
	case a.status == 200 && bytes.Equal(a.body, body):
		return found(told, ruleRange, p.say(remedy, "nothing, unless long videos fail"),
			"the public address %s hands out whole files only; Instagram asks for parts of long videos", p.base)
	case a.status != 206:
		return found(wrong, ruleRange, remedy, "the public address %s answers %d when a part of a file is asked for",
			p.base, a.status)
	case !bytes.Equal(a.body, body[from:to+1]) ||
		a.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, to, len(body)):
		return found(wrong, ruleRange, remedy,
			"the public address %s hands out another part of a file than was asked for", p.base)
	}
	return finding{}
}

// robots asks what the host's robots.txt says about the file. Without one everything is allowed.
func (p *Public) robots(ctx context.Context, u *url.URL, _ []byte) finding {
	const most = 500 << 10 // what crawlers read of it at least, RFC 9309
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	a, err := p.get(ctx, "GET", at.String(), Crawler, "", most)
	if err != nil || a.status != 200 || a.isPage() ||
		allowedBy(string(a.body), "facebookexternalhit", u.EscapedPath()) {
		return finding{}
	}
	folder := u.Path[:strings.LastIndexByte(u.Path, '/')+1]
	return found(wrong, ruleRobots, "let it allow "+folder+" for everybody, or for facebookexternalhit",
		"%s forbids Instagram's fetcher our files", at.String())
}
