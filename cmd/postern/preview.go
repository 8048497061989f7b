package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"postern/feed"
	"postern/media"
	"postern/publisher"
	"postern/store"
)

type previewCmd struct {
	Source  string `arg:"" help:"Address of a feed or site, a feed file, or - for standard input."`
	BaseURL string `name:"base-url" help:"Address the feed would be at, for relative addresses in a file." placeholder:"URL"`
	Out     string `help:"Prepare the media too, and write them and the captions into this directory." placeholder:"DIR"`
}

// Help is shown by --help.
func (previewCmd) Help() string {
	return `Examples:
  postern preview https://example.org/feed.xml
  postern preview public/feed.xml --base-url https://example.org/ --out /tmp/preview
  hugo && postern preview - --base-url https://example.org/ < public/index.xml

Nothing is published, and no database is read or written.`
}

type previewJSON struct {
	Feed struct {
		URL    string `json:"url"`
		Title  string `json:"title"`
		Format string `json:"format"`
	} `json:"feed"`
	Posts []previewPost `json:"posts"`
}

type previewPost struct {
	GUID        string         `json:"guid"`
	URL         string         `json:"url"`
	Title       string         `json:"title"`
	PublishedAt string         `json:"published_at"`
	Decision    store.Decision `json:"decision"`
	Reason      string         `json:"reason"`
	Kind        store.Kind     `json:"kind"`
	Media       []previewMedia `json:"media"`
	Caption     string         `json:"caption"`

	notes    []string
	settings publisher.Resolved
	files    []string // what --out wrote, with what was done to each
}

type previewMedia struct {
	Type      store.MediaType `json:"type"`
	URL       string          `json:"url"`
	Alt       string          `json:"alt"`
	PosterURL string          `json:"poster_url"`
}

// Run shows what would be published.
func (c *previewCmd) Run(in *invocation) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	var base *url.URL
	if c.BaseURL != "" {
		if base, err = url.Parse(c.BaseURL); err != nil || base.Host == "" {
			return usage("--base-url must be an address such as https://example.org/")
		}
	}
	client := newFetcher(cfg)
	doc, err := feed.Source(in.ctx, client, c.Source, in.stdin, base)
	if err != nil {
		return err
	}
	v := previewOf(doc)
	var failed error
	if c.Out != "" {
		scratch, err := os.MkdirTemp("", "postern-preview-")
		if err != nil {
			return fmt.Errorf("preparing media: %w", err)
		}
		defer os.RemoveAll(scratch)
		library, err := media.NewLibrary(scratch, client, mediaLimits(cfg))
		if err != nil {
			return err
		}
		if failed, err = writeFiles(in.ctx, library, c.Out, v.Posts); err != nil {
			return err
		}
	}
	if err := in.print(v, func(w io.Writer) error { return v.write(w, doc) }); err != nil {
		return err
	}
	return failed
}

// previewOf plans every entry as for an account without settings of its own.
func previewOf(doc feed.Document) previewJSON {
	v := previewJSON{Posts: []previewPost{}}
	v.Feed.URL, v.Feed.Title, v.Feed.Format = doc.URL, doc.Title, doc.Format
	for _, post := range doc.Posts {
		p := previewPost{
			GUID: post.GUID, URL: post.URL, Title: post.Title, PublishedAt: rfc3339(post.PublishedAt), Decision: post.Decision, Reason: post.Reason,
			Media: []previewMedia{},
		}
		draft, err := publisher.Plan(post, store.Edits{}, publisher.Layers(store.Account{}, store.Route{}, post)...)
		if err != nil && p.Decision == store.Publish {
			p.Decision, p.Reason = store.Skip, err.Error()
		}
		p.Kind, p.Caption, p.notes = draft.Kind, draft.Caption.Text, append(draft.Notes, post.Markup.Notes...)
		p.settings = draft.Settings
		shown := post.Media
		if len(draft.Items) > 0 {
			shown = shown[:len(draft.Items)]
		}
		for _, m := range shown {
			p.Media = append(p.Media, previewMedia(m))
		}
		v.Posts = append(v.Posts, p)
	}
	return v
}

// write prints a preview for people.
func (v previewJSON) write(w io.Writer, doc feed.Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) %s\n", printable(v.Feed.Title), v.Feed.Format, printable(v.Feed.URL))
	for _, c := range doc.Others {
		fmt.Fprintf(&b, "also on the site: %s %s\n", printable(c.URL), printable(c.Title))
	}
	for _, p := range doc.Problems {
		fmt.Fprintf(&b, "! %s\n", printable(p))
	}
	for i, p := range v.Posts {
		name := cmp.Or(p.Title, p.URL, p.GUID)
		what := string(p.Decision)
		if p.Decision == store.Publish {
			what += " " + string(p.Kind)
		}
		fmt.Fprintf(&b, "\n%d. %s: %s", i+1, what, printable(name))
		if p.Reason != "" {
			fmt.Fprintf(&b, " (%s)", printable(p.Reason))
		}
		b.WriteString("\n")
		for _, m := range p.Media {
			fmt.Fprintf(&b, "   %s %s", m.Type, printable(m.URL))
			if m.Alt != "" {
				fmt.Fprintf(&b, " (%s)", printable(short(m.Alt, 80)))
			}
			b.WriteString("\n")
		}
		if p.Decision == store.Publish && p.Caption != "" {
			for line := range strings.Lines(p.Caption) {
				b.WriteString(strings.TrimRight("   | "+printable(line), " ") + "\n")
			}
		}
		for _, n := range p.notes {
			if !strings.HasPrefix(n, "left out: ") {
				n = "note: " + n
			}
			fmt.Fprintf(&b, "   %s\n", printable(n))
		}
		for _, f := range p.files {
			fmt.Fprintf(&b, "   > %s\n", printable(f))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFiles prepares the media of every post that would be published. failed is about media that cannot be used, err
// about this machine.
func writeFiles(ctx context.Context, l *media.Library, dir string, posts []previewPost) (failed, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("writing the preview: %w", err)
	}
	var bad []string
	for i := range posts {
		p := &posts[i]
		if p.Decision != store.Publish {
			continue
		}
		if err := p.writeMedia(ctx, l, dir, i+1, &bad); err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%02d.txt", i+1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(p.Caption), 0o644); err != nil {
			return nil, fmt.Errorf("writing the preview: %w", err)
		}
		p.files = append(p.files, name)
	}
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "; ")), nil
	}
	return nil, nil
}

// writeMedia prepares and writes the media of one post as the publisher would send them; what cannot be used is added to bad.
func (p *previewPost) writeMedia(ctx context.Context, l *media.Library, dir string, entry int, bad *[]string) error {
	files := make([]media.File, len(p.Media))
	faults := make([]error, len(p.Media))
	for j, m := range p.Media {
		files[j], faults[j] = prepare(ctx, l, m.URL, m.Type, publisher.RulesFor(p.Kind, m.Type, p.settings))
		if kind, ok := publisher.Film(p.Kind, files[j]); ok {
			if v, err := prepare(ctx, l, m.URL, store.Video, publisher.RulesFor(kind, store.Video, p.settings)); err == nil {
				p.Kind, files[j] = kind, v
			}
		}
	}
	again, rules := publisher.OneRatio(p.Kind, files, p.settings)
	for _, j := range again {
		files[j], faults[j] = prepare(ctx, l, p.Media[j].URL, p.Media[j].Type, rules)
	}
	for j, m := range p.Media {
		name := fmt.Sprintf("%02d-%d", entry, j+1)
		if faults[j] == nil {
			faults[j] = p.write(l, dir, name, files[j])
		}
		if err := faults[j]; err != nil {
			var unusable *media.Error
			if !errors.As(err, &unusable) || ctx.Err() != nil {
				return err
			}
			p.files = append(p.files, name+": "+err.Error())
			*bad = append(*bad, fmt.Sprintf("entry %d, %s %d: %s", entry, m.Type, j+1, err))
		}
		if p.Kind == store.KindReel && faults[j] == nil && (m.PosterURL != "" || l.FFmpeg() != "") {
			cover, err := cover(ctx, l, m.PosterURL, files[j], publisher.CoverRules(p.settings))
			if err == nil {
				err = p.write(l, dir, name+"-cover", cover)
			}
			if err != nil {
				p.files = append(p.files, "the cover would be left out: "+err.Error())
			}
		}
	}
	return nil
}

// cover is the feed's, else a frame of the reel.
func cover(ctx context.Context, l *media.Library, poster string, reel media.File, rules media.Rules) (media.File, error) {
	if poster == "" {
		return l.Cover(ctx, reel.Name(), rules)
	}
	return prepare(ctx, l, poster, store.Image, rules)
}

func prepare(ctx context.Context, l *media.Library, source string, t store.MediaType, rules media.Rules) (media.File, error) {
	src, err := url.Parse(source)
	if err != nil {
		return media.File{}, &media.Error{Rule: "media.url.invalid", Detail: "its address cannot be read", Err: err}
	}
	if t == store.Video {
		return l.PrepareVideo(ctx, src, rules)
	}
	return l.Prepare(ctx, src, rules)
}

// write copies a prepared file into the directory and remembers what was done to it.
func (p *previewPost) write(l *media.Library, dir, name string, f media.File) error {
	path, err := l.Path(f.Name())
	if err != nil {
		return err
	}
	if err := copyFile(filepath.Join(dir, name+"."+f.Ext), path); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	done := "as it is"
	if len(f.Repairs) > 0 {
		done = strings.Join(f.Repairs, ", ")
	}
	p.files = append(p.files, fmt.Sprintf("%s.%s: %s", name, f.Ext, done))
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
