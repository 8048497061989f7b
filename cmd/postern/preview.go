package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"postern/draft"
	"postern/egress"
	"postern/feed"
	"postern/media"
	"postern/reason"
	"postern/shape"
	"postern/store"
	"postern/words"
)

type previewCmd struct {
	Source  string `arg:"" help:"help_preview_source"`
	BaseURL string `name:"base-url" help:"help_preview_base_url" placeholder:"URL"`
	Out     string `help:"help_preview_out" placeholder:"DIR"`
}

type previewJSON struct {
	Feed struct {
		URL    string `json:"url"`
		Title  string `json:"title"`
		Format string `json:"format"`
	} `json:"feed"`
	Posts []previewPost `json:"posts"`

	left []string // by earlier previews, where --out wrote
}

type previewPost struct {
	GUID        string         `json:"guid"`
	URL         string         `json:"url"`
	Title       string         `json:"title"`
	PublishedAt string         `json:"published_at"`
	Decision    store.Decision `json:"decision"`
	Reason      string         `json:"reason"`
	ReasonCode  reason.Code    `json:"reason_code"`
	Kind        store.Kind     `json:"kind"`
	Media       []previewMedia `json:"media"`
	Caption     string         `json:"caption"`
	Checks      []store.Check  `json:"checks"`
	Files       []previewFile  `json:"files,omitempty"` // what --out wrote

	Notes []string `json:"notes,omitempty"` // what was left out of the entry, and why
	draft draft.Draft
	waits bool // for its date, or for its owner
}

// previewFile is a prepared file that --out wrote.
type previewFile struct {
	Name    string   `json:"name"`
	Width   int      `json:"width"`  // 0 when a video does not say
	Height  int      `json:"height"` // likewise
	Repairs []string `json:"repairs"`
}

type previewMedia struct {
	Type      store.MediaType `json:"type"`
	URL       string          `json:"url"`
	Alt       string          `json:"alt"`
	PosterURL string          `json:"poster_url"`
}

// Run shows what would be published.
func (c *previewCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	var base *url.URL
	if c.BaseURL != "" {
		if base, err = url.Parse(c.BaseURL); err != nil || base.Host == "" ||
			(base.Scheme != "https" && base.Scheme != "http") {
			return usage(words.PreviewBaseURLInvalid)
		}
	}
	client := newFetcher(cfg)
	doc, err := feed.Source(in.ctx, client, c.Source, in.input(), base)
	if err != nil {
		return err
	}
	ctx := egress.WithAddress(in.ctx, c.Source)
	feed.AskTypes(ctx, client, doc.Posts)
	v := previewOf(doc, cfg.MediaURL())
	var failed error
	scratch, err := os.MkdirTemp("", "postern-preview-")
	if err != nil {
		return fmt.Errorf("preparing media: %w", err)
	}
	defer os.RemoveAll(scratch)
	library, err := media.NewLibrary(scratch, client, mediaLimits(cfg))
	if err != nil {
		return err
	}
	if c.Out == "" {
		err = findAnimations(ctx, library, v.Posts, cfg.MediaURL())
	} else {
		var made atomic.Int64
		stop := in.progress(func() (string, int64, int64) {
			return words.PreviewPreparing, made.Load(), int64(len(v.Posts))
		})
		failed, err = writeFiles(ctx, library, c.Out, v.Posts, cfg.MediaURL(), &made)
		stop()
	}
	if err != nil {
		return err
	}
	if c.Out != "" {
		if v.left, err = leftBefore(c.Out, v.Posts); err != nil {
			return err
		}
	}
	if err := in.print(v, func(w io.Writer) error { return v.write(w, doc) }); err != nil {
		return err
	}
	return failed
}

// previewOf plans every entry as for an account without settings of its own. publicURL is our address, "" for none.
func previewOf(doc feed.Document, publicURL string) previewJSON {
	v := previewJSON{Posts: []previewPost{}}
	v.Feed.URL, v.Feed.Title, v.Feed.Format = store.MaskAddress(doc.URL), doc.Title, doc.Format
	for _, post := range doc.Posts {
		p := previewPost{
			GUID: post.GUID, URL: post.URL, Title: post.Title, PublishedAt: shape.Time(post.PublishedAt),
			Decision: post.Decision, Reason: post.Reason.String(), ReasonCode: post.Reason.Code,
			Media: []previewMedia{}, Checks: []store.Check{},
		}
		plan, err := draft.Plan(post, store.Edits{}, draft.Layers(store.Account{}, store.Route{}, post)...)
		if err != nil && p.Decision == store.Publish {
			p.Decision, p.Reason, p.ReasonCode = store.Skip, err.Error(), draft.Unfit(err).Code
		}
		if p.Decision == store.Publish && p.Reason == "" {
			p.Reason, p.ReasonCode = draft.WaitNote(post, plan.Settings, time.Now(), doc.Ahead)
			p.waits = p.Reason != ""
		}
		p.Kind, p.Caption, p.Notes = plan.Kind, plan.Caption.Text,
			append(append([]string{}, plan.Notes...), post.Markup.Notes...)
		p.draft = plan
		if post.Decision == store.Publish {
			p.Checks = append(p.Checks, draft.Checks(plan, err, store.Preflight{}, publicURL)...)
			if c, ok := draft.NotChecked(plan); ok && publicURL == "" {
				p.Checks = append(p.Checks, c)
			}
		}
		p.show(ifElse(len(plan.Media) > 0, plan.Media, post.Media))
		v.Posts = append(v.Posts, p)
	}
	return v
}

// show keeps what a post shows.
func (p *previewPost) show(media []store.Media) {
	p.Media = []previewMedia{}
	for _, m := range media {
		p.Media = append(p.Media, previewMedia(m))
	}
}

// write prints a preview for people.
func (v previewJSON) write(w io.Writer, doc feed.Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) %s\n", printable(v.Feed.Title), v.Feed.Format, printable(v.Feed.URL))
	for _, c := range doc.Others {
		fmt.Fprintln(&b, printable(words.PreviewOtherFeed(c.URL, c.Title)))
	}
	for _, p := range doc.Problems {
		fmt.Fprintf(&b, "! %s\n", printable(p.String()))
	}
	var need addressNeed
	for i, p := range v.Posts {
		fmt.Fprintf(&b, "\n%d. ", i+1)
		p.print(&b, &need)
	}
	need.write(&b)
	if len(v.left) > 0 {
		const most = 10
		shown := v.left[:min(len(v.left), most)]
		fmt.Fprintf(&b, "\n%s\n", words.PreviewLeft(shown, len(v.left)-len(shown)))
	}
	fmt.Fprintf(&b, "\n%s\n%s\n", words.PreviewNotApplied, v.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// print writes what would become of one post. It counts in need what is said once below all posts.
func (p previewPost) print(b *strings.Builder, need *addressNeed) {
	what := string(p.Decision)
	if p.Decision == store.Publish {
		what += " " + string(p.Kind)
	}
	fmt.Fprintf(b, "%s: %s", what, printable(cmp.Or(p.Title, p.URL, p.GUID)))
	if p.Reason != "" {
		fmt.Fprintf(b, " (%s)", printable(p.Reason))
	}
	b.WriteString("\n")
	for _, m := range p.Media {
		fmt.Fprintf(b, "   %s %s", m.Type, printable(m.URL))
		if m.Alt != "" {
			fmt.Fprintf(b, " (%s)", printable(short(m.Alt, 80)))
		}
		b.WriteString("\n")
	}
	if p.Decision == store.Publish && p.Caption != "" {
		for line := range strings.Lines(p.Caption) {
			b.WriteString(strings.TrimRight("   | "+printable(line), " ") + "\n")
		}
	}
	for _, n := range p.Notes {
		if !strings.HasPrefix(n, "left out: ") {
			n = "note: " + n
		}
		fmt.Fprintf(b, "   %s\n", printable(n))
	}
	for _, c := range p.Checks {
		if c, show := need.count(c); show {
			fmt.Fprintf(b, "   %s\n", checkLine(c))
		}
	}
	for _, f := range p.Files {
		fmt.Fprintf(b, "   > %s\n", f)
	}
}

// addressNeed counts the posts for which a public address matters: those that may need it, and those that would wait
// for it.
type addressNeed struct{ may, waits int }

// count takes note of a check. It returns the check as it is shown with its post, and false where the line below all
// posts is enough.
func (n *addressNeed) count(c store.Check) (store.Check, bool) {
	if c.ID != "media.url.none" {
		return c, true
	}
	if c.Severity == store.Noted {
		n.may++
		return c, false
	}
	n.waits++
	c.Remedy = "" // stands below all posts
	return c, true
}

func (n addressNeed) write(b *strings.Builder) {
	switch {
	case n.waits > 0:
		fmt.Fprintf(b, "\n%s\n", words.PreviewWaitsForAddress(n.waits))
	case n.may > 0:
		fmt.Fprintf(b, "\n%s\n", words.PreviewNeedsAddress)
	}
}

// summary counts the entries and what would become of them.
func (v previewJSON) summary() string {
	kinds, waiting := map[store.Kind]int{}, 0
	for _, p := range v.Posts {
		if p.Decision != store.Publish {
			continue
		}
		kinds[p.Kind]++
		if p.waits || slices.ContainsFunc(p.Checks, func(c store.Check) bool { return c.Severity == store.Blocks }) {
			waiting++
		}
	}
	return words.PreviewSummary(len(v.Posts), words.PreviewKinds{Images: kinds[store.KindImage],
		Carousels: kinds[store.KindCarousel], Reels: kinds[store.KindReel], Stories: kinds[store.KindStory]}, waiting)
}

// findAnimations prepares the posts with a GIF, without keeping anything: only its bytes tell whether it is a
// film. Media that cannot be had now stay as they are planned.
func findAnimations(ctx context.Context, l *media.Library, posts []previewPost, publicURL string) error {
	for i := range posts {
		p := &posts[i]
		animated := slices.ContainsFunc(p.draft.Items, func(item store.Item) bool {
			u, err := url.Parse(item.SourceURL)
			return err == nil && strings.EqualFold(path.Ext(u.Path), ".gif")
		})
		if p.Decision != store.Publish || !animated {
			continue
		}
		if _, err := p.prepare(ctx, l, publicURL); err != nil {
			return err
		}
	}
	return nil
}

var previewName = regexp.MustCompile(`^[0-9]{2,}(-[0-9]+(-cover)?)?\.(txt|jpg|mp4|mov)$`)

// leftBefore are the files that earlier previews wrote into dir and this one did not. They may be wanted, or
// somebody's own of such a name, and are not removed.
func leftBefore(dir string, posts []previewPost) (left []string, err error) {
	written := map[string]bool{}
	for _, p := range posts {
		for _, f := range p.Files {
			written[f.Name] = true
		}
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if previewName.MatchString(e.Name()) && !written[e.Name()] {
			left = append(left, e.Name())
		}
	}
	return left, err
}

// String is a line for people.
func (f previewFile) String() string {
	return words.PreviewFile(f.Name, f.Repairs, f.Width > 0)
}

// writeFiles prepares the media of every post that would be published, and writes them with the captions. It
// keeps in made how many posts are done. failed is about media that cannot be used, err about this machine.
func writeFiles(ctx context.Context, l *media.Library, dir string, posts []previewPost, publicURL string,
	made *atomic.Int64) (failed, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("writing the preview: %w", err)
	}
	var bad []string
	for i := range posts {
		p := &posts[i]
		made.Store(int64(i))
		if p.Decision != store.Publish {
			continue
		}
		if err := p.writeMedia(ctx, l, dir, i+1, publicURL, &bad); err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%02d.txt", i+1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(p.Caption), 0o644); err != nil {
			return nil, fmt.Errorf("writing the preview: %w", err)
		}
		p.Files = append(p.Files, previewFile{Name: name, Repairs: []string{}})
	}
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "; ")), nil
	}
	return nil, nil
}

// prepare makes the media of one post as the publisher would send them, and says what they become and what is to
// be known about them.
func (p *previewPost) prepare(ctx context.Context, l *media.Library, publicURL string) (draft.Prepared, error) {
	const assumed = "https://postern.invalid"
	made := draft.Prepare(ctx, l, p.draft, cmp.Or(publicURL, assumed), nil)
	if err := ctx.Err(); err != nil {
		return made, err
	}
	p.Kind, p.draft = made.Kind, made.Draft
	p.show(made.Draft.Media)
	look := store.Preflight{Valid: true, Ready: true, Checks: made.Checks}
	if publicURL == "" {
		look.Checks = draft.Prepare(ctx, l, p.draft, "", nil).Checks
		for _, c := range made.Checks { // a video is not looked at then, but it was now
			if c.Severity == store.Blocks && !slices.Contains(look.Checks, c) {
				look.Checks = append(look.Checks, c)
			}
		}
	}
	p.Checks = append([]store.Check{}, draft.Checks(p.draft, nil, look, publicURL)...)
	return made, nil
}

// writeMedia prepares and writes the media of one post as the publisher would send them; what cannot be used is
// added to bad. Without an address of ours the files are those that would be made with one, and the checks say
// what would happen without.
func (p *previewPost) writeMedia(ctx context.Context, l *media.Library, dir string, entry int, publicURL string,
	bad *[]string) error {
	made, err := p.prepare(ctx, l, publicURL)
	if err != nil {
		return err
	}
	for j, item := range made.Items {
		name := fmt.Sprintf("%02d-%d", entry, j+1)
		if err := made.Faults[j]; err != nil {
			var unusable *media.Error
			if !errors.As(err, &unusable) {
				return err
			}
			*bad = append(*bad, words.PreviewUnusable(entry, string(item.Type), j+1, err.Error()))
		}
		if err := p.write(l, dir, name, made.Files[j]); err != nil {
			return err
		}
		if err := p.write(l, dir, name+"-cover", made.Covers[j]); err != nil {
			return err
		}
	}
	return nil
}

// write copies a prepared file, if there is one, into the directory and remembers what was done to it.
func (p *previewPost) write(l *media.Library, dir, name string, f media.File) error {
	if f.SHA256 == "" {
		return nil
	}
	path, err := l.Path(f.Name())
	if err != nil {
		return err
	}
	if err := copyFile(filepath.Join(dir, name+"."+f.Ext), path); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	p.Files = append(p.Files, previewFile{Name: name + "." + f.Ext, Width: f.Width, Height: f.Height,
		Repairs: append([]string{}, f.Words()...)})
	return nil
}

func copyFile(to, from string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
