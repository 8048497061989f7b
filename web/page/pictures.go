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

// Pages load nothing from another host, so what a site shows is fetched, decoded and drawn anew here, when a
// browser asks for it, and not one byte of a stranger's file reaches the browser. The address of such a picture
// is a keyed hash: it tells nothing, and only what a page has shown can be asked for.

const (
	maxDrawings = 4000
	// What cannot be had is not asked for again at once; what was had may change on the site.
	drawAgain   = time.Minute
	drawingLife = 15 * time.Minute
	drawTime    = 45 * time.Second
	drawSlots   = 3
)

var (
	thumbRules    = media.Rules{Name: "thumbnail", MaxWidth: 640}
	originalRules = media.Rules{Name: "original", MaxWidth: 1440}
)

// pictures makes the pictures of the pages. It is safe for concurrent use.
type pictures struct {
	library *media.Library
	demo    bool // every account is a simulated one
	secret  [32]byte
	slots   chan struct{}
	// called for each file that a site handed out
	fetched func(ctx context.Context, address string)
	letIn   func(ctx context.Context, address string) context.Context // see Server.letIn

	mu    sync.Mutex
	known map[string]frameOf
	order []string // oldest first, to forget by
}

// frameOf is one picture of a drawing.
type frameOf struct {
	drawing *drawing
	n       int
}

// drawing is one or more pictures that are prepared together.
type drawing struct {
	items  []source
	kind   store.Kind // with exact
	s      draft.Resolved
	rules  media.Rules
	exact  bool // as the publisher would send them
	copies bool // with exact: our copies are what is sent, so a carousel is brought to one ratio

	mu    sync.Mutex
	files []media.File
	errs  []error
	at    time.Time
}

// source is where one picture comes from: a file of the library, or an address.
type source struct {
	asset, url string
	video      bool
}

func newPictures(l *media.Library) *pictures {
	p := &pictures{library: l, slots: make(chan struct{}, drawSlots), known: map[string]frameOf{},
		fetched: func(context.Context, string) {}, letIn: func(ctx context.Context, _ string) context.Context { return ctx }}
	_, _ = rand.Read(p.secret[:]) // never fails
	return p
}

// address returns where the picture can be had, "" for an address that cannot be asked.
func (p *pictures) address(s source, r media.Rules) string {
	if s.asset == "" && webLink(s.url) == "" {
		return ""
	}
	return p.add(&drawing{items: []source{s}, rules: r}, fmt.Sprintf("%s\n%s\n%s", r.Name, s.asset, s.url))[0]
}

// exact returns where the pictures of a draft can be had as they would be sent, and what is known about them so far. A
// video has no address. copies: they are sent from an address of ours.
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

// hasSince reports whether the file of an address was fetched for it after a time.
func (d *drawing) hasSince(address string, t time.Time) bool {
	if !d.mu.TryLock() { // it is being drawn
		return false
	}
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.items, func(s source) bool { return s.url == address })
	return at >= 0 && d.at.After(t) && d.errs[at] == nil
}

// upToDate returns a preflight without the files that the site did not hand out then and has handed out for this page
// since. Postern looks again soon: see store.FileFetched.
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

// lookUp returns what is known about one picture so far.
func (d *drawing) lookUp(n int) (f media.File, fault error, known bool) {
	if !d.mu.TryLock() { // it is being drawn
		return f, nil, false
	}
	defer d.mu.Unlock()
	if d.at.IsZero() {
		return f, nil, false
	}
	return d.files[n], d.errs[n], true
}

// serve answers GET /pictures/{key}. What cannot be shown is a drawing that says so: a page is no place for a
// broken one.
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

// draw returns the path of the picture's file. One visitor draws, and the others wait for that.
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
	// A visitor who leaves does not spoil it for the next.
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
