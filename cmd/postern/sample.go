package main

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"fmt"
	"html"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/words"
)

// sampleReel is a sunrise of four seconds, H.264 and AAC, drawn by landscape frame by frame.
//
//go:embed sample/reel.mp4
var sampleReel []byte

// samplePost is one post of the sample blog.
type samplePost struct {
	slug, title string
	age         time.Duration // before the demo started; negative: appears so long after
	text        string
	pictures    []samplePicture
	reel        bool   // with the first picture as its poster
	posse       string // text of a posse:post element
}

// samplePicture is drawn when it is asked for.
type samplePicture struct {
	name, alt     string
	width, height int
	seed          uint64
}

const day = 24 * time.Hour

// The captions these faults are tied to; see demoCmd.
const (
	lostCaption     = words.SampleFog
	notReadyCaption = words.SampleMornings
)

var samplePosts = []samplePost{
	{slug: "above-the-fog", title: words.SampleFog, age: 21 * day,
		text: words.SampleFogText,
		pictures: []samplePicture{
			{"fog.jpg", words.SampleFogAlt, 1440, 1080, 11}}},
	{slug: "four-mornings", title: words.SampleMornings, age: 16 * day,
		text: words.SampleMorningsText,
		pictures: []samplePicture{
			{"monday.jpg", words.SampleMonday, 1200, 1200, 12},
			{"tuesday.jpg", words.SampleTuesday, 1200, 1200, 13},
			{"wednesday.jpg", words.SampleWednesday, 1200, 1200, 14},
			{"thursday.jpg", words.SampleThursday, 1200, 1200, 15},
		}},
	{slug: "notes-on-packing-light", title: words.SamplePacking, age: 13 * day,
		text: words.SamplePackingText},
	{slug: "sunrise", title: words.SampleSunrise, age: 11 * day, text: words.SampleSunriseText,
		reel:     true,
		pictures: []samplePicture{{"sunrise.jpg", words.SampleSunriseAlt, 540, 960, 20}}},
	{slug: "back-home", title: words.SampleHome, age: 9 * day, text: words.SampleHomeText,
		pictures: []samplePicture{{"home.jpg", words.SampleHomeAlt, 1080, 1920, 30}},
		posse:    `{"channel": "story"}`},
	{slug: "drawn", title: words.SampleSketch, age: 6 * day,
		text:     words.SampleSketchText,
		pictures: []samplePicture{{"sketch.png", words.SampleSketchAlt, 1000, 800, 23}}},
	{slug: "the-tall-one", title: words.SampleTall, age: 2 * day,
		text:     words.SampleTallText,
		pictures: []samplePicture{{"tall.jpg", words.SampleTallAlt, 800, 1600, 24}}},
	{slug: "just-now", title: words.SampleJustNow, age: -15 * time.Second,
		text:     words.SampleJustNowText,
		pictures: []samplePicture{{"now.jpg", words.SampleJustNowAlt, 1350, 1080, 32}}},
}

// sampleBlog is a small photo blog with a feed.
type sampleBlog struct {
	base  string // its own address, without a slash at the end
	began time.Time

	mu    sync.Mutex
	drawn map[string][]byte
}

func newSampleBlog(base string) *sampleBlog {
	return &sampleBlog{base: base, began: time.Now().Truncate(time.Second), drawn: map[string][]byte{}}
}

// Handler serves the blog.
func (b *sampleBlog) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.home)
	mux.HandleFunc("GET /feed.xml", b.feed)
	mux.HandleFunc("GET /posts/{slug}", b.page)
	mux.HandleFunc("GET /pictures/{name}", b.picture)
	mux.HandleFunc("GET /reel.mp4", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "reel.mp4", b.began, bytes.NewReader(sampleReel))
	})
	return mux
}

// posts are those that are there by now, newest first.
func (b *sampleBlog) posts() []samplePost {
	var out []samplePost
	for i := len(samplePosts) - 1; i >= 0; i-- {
		if p := samplePosts[i]; !b.date(p).After(time.Now()) {
			out = append(out, p)
		}
	}
	return out
}

func (b *sampleBlog) date(p samplePost) time.Time { return b.began.Add(-p.age) }

// body is the post as HTML.
func (b *sampleBlog) body(p samplePost) string {
	var s strings.Builder
	fmt.Fprintf(&s, "<p>%s</p>\n", html.EscapeString(p.text))
	if p.reel {
		fmt.Fprintf(&s, `<video controls src="%s/reel.mp4" poster="%[1]s/pictures/%s"></video>`+"\n", b.base,
			p.pictures[0].name)
		return s.String()
	}
	for _, pic := range p.pictures {
		fmt.Fprintf(&s, `<figure><img src="%s/pictures/%s" alt="%s" width="%d" height="%d"></figure>`+"\n",
			b.base, pic.name, html.EscapeString(pic.alt), pic.width, pic.height)
	}
	return s.String()
}

func (b *sampleBlog) feed(w http.ResponseWriter, r *http.Request) {
	type cdata struct {
		Text string `xml:",cdata"`
	}
	type item struct {
		Title   string `xml:"title"`
		Link    string `xml:"link"`
		GUID    string `xml:"guid"`
		Date    string `xml:"pubDate"`
		Content cdata  `xml:"content:encoded"`
		Posse   *cdata `xml:"posse:post"`
	}
	rss := struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Content string   `xml:"xmlns:content,attr"`
		Posse   string   `xml:"xmlns:posse,attr"`
		Title   string   `xml:"channel>title"`
		Link    string   `xml:"channel>link"`
		About   string   `xml:"channel>description"`
		Items   []item   `xml:"channel>item"`
	}{
		Version: "2.0", Content: "http://purl.org/rss/1.0/modules/content/", Posse: "https://posseparty.com/2024/Feed",
		Title: words.SampleTitle, Link: b.base + "/", About: words.SampleAbout,
	}
	for _, p := range b.posts() {
		address := b.base + "/posts/" + p.slug
		i := item{Title: p.title, Link: address, GUID: address, Date: b.date(p).UTC().Format(time.RFC1123Z),
			Content: cdata{b.body(p)}}
		if p.posse != "" {
			i.Posse = &cdata{p.posse}
		}
		rss.Items = append(rss.Items, i)
	}
	body, err := xml.MarshalIndent(rss, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	// The number of posts says it all: none of them ever changes.
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(len(rss.Items))))
	http.ServeContent(w, r, "feed.xml", time.Time{}, strings.NewReader(xml.Header+string(body)))
}

const samplePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}img,video{max-width:100%%;max-height:80vh;height:auto}figure{margin:1rem 0}time{color:#666}</style>
</head><body><p><a href="/">Ridgelines</a></p>
%s</body></html>
`

func (b *sampleBlog) home(w http.ResponseWriter, _ *http.Request) {
	var s strings.Builder
	for _, p := range b.posts() {
		fmt.Fprintf(&s, "<h2><a href=\"/posts/%s\">%s</a></h2>\n<time>%s</time>\n%s", p.slug,
			html.EscapeString(p.title), b.date(p).Format("2 January 2006"), b.body(p))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, samplePage, words.SampleTitle, s.String())
}

func (b *sampleBlog) page(w http.ResponseWriter, r *http.Request) {
	for _, p := range b.posts() {
		if p.slug == r.PathValue("slug") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, samplePage, html.EscapeString(p.title),
				"<h1>"+html.EscapeString(p.title)+"</h1>\n"+b.body(p))
			return
		}
	}
	http.NotFound(w, r)
}

func (b *sampleBlog) picture(w http.ResponseWriter, r *http.Request) {
	for _, p := range samplePosts {
		for _, pic := range p.pictures {
			if pic.name != r.PathValue("name") {
				continue
			}
			body, err := b.draw(pic)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			http.ServeContent(w, r, pic.name, b.began, bytes.NewReader(body))
			return
		}
	}
	http.NotFound(w, r)
}

// draw makes a picture once.
func (b *sampleBlog) draw(p samplePicture) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if body, ok := b.drawn[p.name]; ok {
		return body, nil
	}
	var out bytes.Buffer
	var err error
	img := image.Image(landscape(p.width, p.height, p.seed))
	if strings.HasSuffix(p.name, ".png") {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 88})
	}
	if err != nil {
		return nil, fmt.Errorf("drawing %s: %w", p.name, err)
	}
	b.drawn[p.name] = out.Bytes()
	return out.Bytes(), nil
}
