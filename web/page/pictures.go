package page

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"postern/draft"
	"postern/media"
	"postern/store"
	"postern/words"
)

// Pages load nothing from other hosts. Pictures of a site are fetched, decoded and encoded again on request, so no
// byte of a foreign file reaches the browser. The URL of such a picture contains a keyed hash: it reveals nothing,
// and only pictures that a page has shown can be requested.

const (
	maxDrawings = 4000
	// A failed picture is not fetched again for drawAgain. A fetched one is fetched again later, as the site may
	// change it.
	drawAgain   = time.Minute
	drawingLife = 15 * time.Minute
	drawTime    = 45 * time.Second
	drawSlots   = 3
)

var (
	thumbRules    = media.Rules{Name: "thumbnail", MaxWidth: 640}
	originalRules = media.Rules{Name: "original", MaxWidth: 1440}
)

// pictures serves the pictures of the pages. It is safe for concurrent use.
type pictures struct {
	library *media.Library
	demo    bool // whether every account is simulated
	secret  [32]byte
	slots   chan struct{}
	// called for each file that was fetched from a site
	fetched func(ctx context.Context, address string)
	letIn   func(ctx context.Context, address string) context.Context // see Server.letIn

	mu    sync.Mutex
	known map[string]frameOf
	order []string // keys, oldest first, for eviction
}

// frameOf is one picture of a drawing.
type frameOf struct {
	drawing *drawing
	n       int
}

// drawing is one or more pictures that are prepared together.
type drawing struct {
	items  []source
	kind   store.Kind // used with exact
	s      draft.Resolved
	rules  media.Rules
	exact  bool // prepared exactly as the publisher would send them
	copies bool // with exact: we send converted copies, so all pictures of a carousel get one aspect ratio

	mu    sync.Mutex
	files []media.File
	errs  []error
	at    time.Time
}

// source is the origin of one picture: a file of the library, or a URL.
type source struct {
	asset, url string
	video      bool
}

func newPictures(l *media.Library) *pictures {
	p := &pictures{library: l, slots: make(chan struct{}, drawSlots), known: map[string]frameOf{},
		fetched: func(context.Context, string) {}, letIn: func(ctx context.Context, _ string) context.Context { return ctx }}
	_, _ = rand.Read(p.secret[:]) // never returns an error
	return p
}

// address returns the URL of the picture on this server; "" for a source that cannot be fetched.
func (p *pictures) address(s source, r media.Rules) string {
	if s.asset == "" && webLink(s.url) == "" {
		return ""
	}
	return p.add(&drawing{items: []source{s}, rules: r}, fmt.Sprintf("%s\n%s\n%s", r.Name, s.asset, s.url))[0]
}

// exact returns the URLs of a draft's pictures as they would be sent, and what is known about them so far. A video
// has no URL. copies means that Instagram gets our copies and not the site's files.
func (p *pictures) exact(d draft.Draft, copies bool) ([]string, *drawing) {
	g := &drawing{kind: d.Kind, s: d.Settings, exact: true, copies: copies}
	name := fmt.Sprintf("exact\n%t\n%s\n%s\n%s\n", copies, d.Kind, d.Settings.Fit.V, d.Settings.Background.V)
	for _, i := range d.Items {
		g.items = append(g.items, source{url: i.SourceURL, video: i.Type == store.Video})
		name += i.SourceURL + "\n"
	}
	list := p.add(g, name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(list) > 0 {
		g = p.known[list[0][len("/pictures/"):]].drawing
	}
	for i, s := range g.items {
		if s.video {
			list[i] = ""
		}
	}
	return list, g
}

func (p *pictures) add(d *drawing, name string) []string {
	list := make([]string, len(d.items))
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := range d.items {
		h := hmac.New(sha256.New, p.secret[:])
		fmt.Fprintf(h, "%d\n%s", n, name)
		key := hex.EncodeToString(h.Sum(nil)[:16])
		list[n] = "/pictures/" + key
		if _, ok := p.known[key]; ok {
			continue
		}
		p.known[key] = frameOf{d, n}
		p.order = append(p.order, key)
	}
	for len(p.order) > maxDrawings {
		delete(p.known, p.order[0])
		p.order = p.order[1:]
	}
	return list
}

// hasSince reports whether the file at a URL was fetched for this drawing after t.
func (d *drawing) hasSince(address string, t time.Time) bool {
	if !d.mu.TryLock() { // it is being prepared
		return false
	}
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.items, func(s source) bool { return s.url == address })
	return at >= 0 && d.at.After(t) && d.errs[at] == nil
}

// upToDate returns a preflight without the failures of files that the site did not serve then but has served for this
// page since. Postern runs the preflight again soon: see store.FileFetched.
func (p *pictures) upToDate(lookUp store.Preflight, d draft.Draft, copies bool) store.Preflight {
	if !slices.ContainsFunc(lookUp.Checks, store.Check.IsUnfetched) {
		return lookUp
	}
	_, drawn := p.exact(d, copies)
	lookUp.Checks = slices.DeleteFunc(slices.Clone(lookUp.Checks), func(c store.Check) bool {
		return c.IsUnfetched() && drawn.hasSince(c.URL, lookUp.CheckedAt)
	})
	return lookUp
}

// lookUp returns what is known so far about picture n.
func (d *drawing) lookUp(n int) (f media.File, fault error, known bool) {
	if !d.mu.TryLock() { // it is being prepared
		return f, nil, false
	}
	defer d.mu.Unlock()
	if d.at.IsZero() {
		return f, nil, false
	}
	return d.files[n], d.errs[n], true
}

// serve answers GET /pictures/{key}. A picture that cannot be shown is replaced by a drawing that says so.
func (p *pictures) serve(w http.ResponseWriter, r *http.Request) error {
	p.mu.Lock()
	f, ok := p.known[r.PathValue("key")]
	p.mu.Unlock()
	if !ok {
		return store.ErrNotFound
	}
	path, err := p.draw(r.Context(), f)
	if err != nil {
		if r.Context().Err() != nil {
			return r.Context().Err()
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write([]byte(noPicture))
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w.Header().Set("Cache-Control", "private, max-age=900")
	w.Header().Set("Content-Type", "image/jpeg")
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

const noPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-36 -36 96 96" fill="none" stroke="#8a8f99" ` +
	`stroke-width="1.5"><path stroke-linecap="round" stroke-linejoin="round" d="m2 2 20 20M10.41 10.41a2 2 0 1 ` +
	`1-2.83-2.83M13.5 13.5 6 21M18 12l3 3M3.6 3.6A2 2 0 0 0 3 5v14a2 2 0 0 0 2 2h14c.55 0 1.05-.22 1.41-.59M21 ` +
	`15V5a2 2 0 0 0-2-2H9"/></svg>`

// draw returns the path of the prepared picture. One request prepares it, and concurrent ones wait for the result.
func (p *pictures) draw(ctx context.Context, f frameOf) (string, error) {
	d := f.drawing
	d.mu.Lock()
	defer d.mu.Unlock()
	fresh := time.Since(d.at) < drawingLife
	if !d.at.IsZero() && d.errs[f.n] != nil {
		fresh = time.Since(d.at) < drawAgain
	}
	if fresh {
		if d.errs[f.n] != nil {
			return "", d.errs[f.n]
		}
		if path, err := p.library.Path(d.files[f.n].Name()); err == nil {
			return path, nil
		}
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	// The work continues when its visitor leaves, because other requests may wait for it.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), drawTime)
	defer cancel()
	p.prepare(work, d)
	d.at = time.Now()
	for i, s := range d.items {
		if d.errs[i] == nil && s.asset == "" {
			p.fetched(work, s.url)
		}
	}
	if d.errs[f.n] != nil {
		return "", d.errs[f.n]
	}
	return p.library.Path(d.files[f.n].Name())
}

func (p *pictures) prepare(ctx context.Context, d *drawing) {
	d.files, d.errs = make([]media.File, len(d.items)), make([]error, len(d.items))
	for i, s := range d.items {
		rules := d.rules
		if d.exact {
			if rules = draft.RulesFor(d.kind, store.Image, d.s); !d.copies {
				rules.Ratio = 0
			}
		}
		d.files[i], d.errs[i] = p.one(ctx, s, rules)
	}
	if !d.exact || !d.copies {
		return
	}
	again, rules := draft.OneRatio(d.kind, d.files, d.s)
	for _, i := range again {
		d.files[i], d.errs[i] = p.one(ctx, d.items[i], rules)
	}
}

var errVideo = errors.New(words.VideosPrepared)

func (p *pictures) one(ctx context.Context, s source, r media.Rules) (media.File, error) {
	if s.video {
		return media.File{}, errVideo
	}
	if s.asset == "" {
		u, err := url.Parse(s.url)
		if err != nil {
			return media.File{}, err
		}
		return p.library.Prepare(p.letIn(ctx, s.url), u, r)
	}
	path, err := p.library.Path(s.asset)
	if err != nil {
		return media.File{}, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return media.File{}, err
	}
	if !bytes.HasPrefix(b, []byte("\xff\xd8")) {
		return media.File{}, fs.ErrInvalid
	}
	return p.library.PrepareBytes(ctx, b, &url.URL{Scheme: "file", Path: s.asset}, r)
}
