package address

import (
	"context"
	"net/url"

	"postern/egress"
	"postern/store"
	"postern/words"
)

// The names of what can be wrong; docs/rules.md lists them.
const (
	rule            = "media.url" // all is well
	ruleNone        = "media.url.none"
	ruleUnreachable = "media.url.unreachable"
	rulePrivate     = "media.url.private"
	ruleHTTP        = "media.url.http"
	ruleTLS         = "media.url.tls"
	ruleHairpin     = "media.url.hairpin"
	ruleRedirect    = "media.url.redirect"
	ruleWall        = "media.url.wall"
	ruleNotFound    = "media.url.not-found"
	ruleRefused     = "media.url.refused"
	ruleType        = "media.url.type"
	ruleContent     = "media.url.content"
	ruleLength      = "media.url.length"
	ruleHead        = "media.url.head"
	ruleRange       = "media.url.range"
	ruleRobots      = "media.url.robots"
	ruleBucket      = "media.url.bucket"
)

// weight is what a finding means for publishing.
type weight int

const (
	fine   weight = iota
	told          // worth knowing; all is well
	unsure        // cannot be found out from here
	wrong         // to be mended, but Instagram can fetch
	shut          // Instagram can fetch nothing, for certain
)

type finding struct {
	store.Finding
	weight weight
}

func found(w weight, name, remedy, detail string) finding {
	return finding{store.Finding{Check: name, OK: w < wrong, Detail: detail, Remedy: remedy}, w}
}

// checkFile requests a new file as Instagram would. It returns an error if there was no file to request.
func (p *Public) checkFile(ctx context.Context) ([]finding, error) {
	u, err := url.Parse(p.files)
	if err != nil || u.Host == "" {
		return []finding{found(shut, ruleUnreachable,
			p.pick(words.FixPublicURLInvalid, words.FixBucketURLInvalid), words.PublicURLInvalid)}, nil
	}
	out, no := p.judgeHost(ctx, u)
	if no {
		return out, nil
	}
	name, body, err := p.library.Specimen()
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.library.Remove(name) }() // what stays is pruned
	if p.bucket != nil {
		if err := p.bucket.put(ctx, p.library, name); err != nil {
			return append(out, found(shut, ruleBucket, words.FixBucketUpload, err.Error())), nil
		}
		defer p.bucket.drop(context.WithoutCancel(ctx), name)
	}
	u.Path += name // the name needs no escaping
	out = append(out, p.fetch(ctx, u, body)...)
	if worst(out) < unsure {
		out = append(out, found(fine, rule, "", words.PublicOK(p.base)))
	}
	return out, nil
}

func worst(all []finding) weight {
	w := fine
	for _, f := range all {
		w = max(w, f.weight)
	}
	return w
}

// pick returns the sentence for this server, or the one for a bucket.
func (p *Public) pick(own, bucket string) string {
	if p.bucket != nil {
		return bucket
	}
	return own
}

// judgeHost looks at the address alone. no: it is of no use to ask.
func (p *Public) judgeHost(ctx context.Context, u *url.URL) (out []finding, no bool) {
	key := p.pick("web.base_url", "media.s3.public_url")
	allowed := egress.Allowed(u.Hostname(), p.allow) || private(u.Hostname()) && p.inAllow(ctx, u.Hostname())
	switch {
	case allowed && u.Scheme == "http":
		out = append(out, found(told, ruleHTTP, words.FixPublicHTTPAllowed, words.PublicHTTPAllowed(p.base)))
	case allowed:
		out = append(out, found(told, rulePrivate, words.FixPublicAllowed, words.PublicAllowed(p.base)))
	case private(u.Hostname()):
		return append(out, found(shut, rulePrivate, words.FixPublicPrivate(key), words.PublicPrivate(p.base))), true
	case u.Scheme != "https":
		return append(out, found(shut, ruleHTTP, words.FixPublicNoHTTPS(key), words.PublicNoHTTPS(p.base))), true
	}
	return out, false
}

// fetch asks for the file in all the ways that Instagram does.
func (p *Public) fetch(ctx context.Context, u *url.URL, body []byte) []finding {
	a, err := p.get(ctx, "GET", u.String(), Crawler, "", int64(len(body)))
	if err != nil {
		return []finding{p.unreached(ctx, u, err)}
	}
	f := p.judge(a, body)
	if f.weight == shut {
		if f.Check == ruleWall {
			f = p.whomItRefuses(ctx, u, body, a, f)
		}
		return []finding{f}
	}
	var out []finding
	if f.weight > fine {
		out = append(out, f)
	}
	for _, ask := range []func(context.Context, *url.URL, []byte) finding{p.head, p.part, p.robots} {
		if f := ask(ctx, u, body); f.weight > fine {
			out = append(out, f)
		}
	}
	return out
}

// whomItRefuses asks once more, as nobody in particular. refusal is the answer that the fetcher got, f what it means.
func (p *Public) whomItRefuses(ctx context.Context, u *url.URL, body []byte, refusal answer, f finding) finding {
	a, err := p.get(ctx, "GET", u.String(), "", "", int64(len(body)))
	if err != nil || p.judge(a, body).weight >= shut {
		return f
	}
	f.Remedy = words.FixPublicFetcherBlock
	switch {
	case refusal.isChallenge():
		f.Detail = words.PublicChallengesFetcher(p.base, refusal.status)
	case refusal.status == 200:
		f.Detail = words.PublicPageForFetcher(p.base)
	default:
		f.Detail = words.PublicRefusesFetcher(p.base, refusal.status)
	}
	return f
}
