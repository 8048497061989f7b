//go:build linux && !race

package feed

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/egress"
	"postern/store"
)

const (
	// Set in a subprocess that adds the feeds whose addresses it reads from standard input.
	bodiesVariable = "POSTERN_TEST_BODIES"
	allVariable    = "POSTERN_TEST_BODIES_ALL" // set to test all bodies
)

// added is the result of adding a feed.
type added struct {
	mib     float64 // maximum above the initial memory of the process
	cpu     float64 // seconds of processor time
	entries int
	result  string
}

func (a added) String() string {
	return fmt.Sprintf("%6.1f MiB %6d entries %5.1fs of a processor %.100s", a.mib, a.entries, a.cpu, a.result)
}

// processor returns the processor time that the process has used, in seconds.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// addBodies is the main function of that subprocess. For each address that it reads, it adds the feed and prints the
// result.
func addBodies() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "bodies-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, filepath.Join(dir, "postern.db"), store.Options{Migrate: true})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	client := egress.NewClient(
		egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: time.Minute})
	p, err := NewPoller(Options{Store: s, Client: client, Schedule: "@every 5m", Logger: slog.New(slog.DiscardHandler),
		Timeout: time.Minute})
	if err != nil {
		panic(err)
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		resetPeak()
		before, cpu := memory("VmRSS"), processor()
		_, saved, err := p.Add(ctx, in.Text(), "", "all")
		fmt.Printf("%.1f %.1f %d %v\n", memory("VmHWM")-before, processor()-cpu, saved.New, err)
	}
}

// hostile returns bodies of up to 6 MB that try to make the parser use much more memory than their size.
func hostile() map[string][]byte {
	const mb = 1 << 20
	rep := func(s string, size int) string { return strings.Repeat(s, size/len(s)) }
	fonts := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<font size=%d>", i)
		}
		return b.String()
	}
	rss := func(items string) []byte {
		return []byte(
			`<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="urn:x"><channel>` +
				`<title>T</title><link>https://blog.example/</link>` + items + `</channel></rss>`)
	}
	entry := func(body string) []byte {
		return rss(`<item><guid>1</guid><link>https://blog.example/1</link><description><![CDATA[` + body +
			`<img src="https://blog.example/1.jpg">]]></description></item>`)
	}
	var small strings.Builder
	for i := 0; small.Len() < 5*mb; i++ {
		fmt.Fprintf(&small,
			`<item><guid>%d</guid><link>https://blog.example/%d</link><description>`+
				`<![CDATA[<p>%s%s<img src="/%d.jpg">]]></description></item>`, i, i, fonts(60), rep("<p>x", 400), i)
	}
	page := func(body string) []byte {
		return []byte(
			`<!doctype html><html><head><title>T</title></head><body class="h-feed"><div class="h-entry">` +
				`<a class="u-url" href="/1">x</a><div class="e-content">` + body + `</div></div></body></html>`)
	}
	json := func(members string) []byte {
		return []byte(
			`{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","url":"https://blog.example/1","content_html":"<img src=/1.jpg>"` + members + `}]}`)
	}
	many := map[string][]byte{
		"entry: nested formatting":      entry("<p>" + fonts(400) + rep("<p>x", 80_000)),
		"entry: much nested formatting": entry("<p>" + fonts(20_000) + rep("<p>x", 5*mb)),
		"entries: nested formatting":    rss(small.String()),
		"entry: 200,000 attributes":     entry("<p" + strings.Repeat(" a=1", 200_000) + ">x</p>"),
		"entry: attributes":             entry(rep("<p a b c d e f g h i j>", 5*mb)),
		"entry: million empty elements": entry(strings.Repeat("<i/>", 1_000_000)),
		"entry: deep tables":            entry(rep("<table><tr><td>", 5*mb)),
		"entry: deep lists":             entry(rep("<ul><li>x", 5*mb)),
		"entry: links":                  entry(rep("<a href=x><p>", 5*mb)),
		"entry: long line":              entry(rep("words without an end ", 5*mb)),
		"entry: long word":              entry(rep("x", 5*mb)),
		"entry: huge attribute":         entry(`<p title="` + rep("x ", 5*mb) + `">x</p>`),
		"entry: huge data":              entry(`<img src="data:image/png;base64,` + rep("AAAA", 5*mb) + `">`),
		"entry: selects":                entry(rep("<select><option>", 5*mb)),
		"entry: classes": entry(
			strings.Repeat(`<div class="`+strings.Repeat("x ", 8000)+`">`, 300) + "x"),
		"entry: many pictures":           entry(rep(`<img src=a>`, 5*mb)),
		"entry: many different pictures": entry(numbered(`<img src="%d.jpg" srcset="a%d.jpg 1w, b%d.jpg 2w">`, 5*mb)),
		"entry: srcset":                  entry(`<img src=a srcset="` + rep("a 1w,", 5*mb) + `">`),
		"entry: entities":                entry(rep("&amp;", 5*mb)),
		"entry: stray ends":              entry(rep("x</i>", 5*mb)),
		"entry: captions":                entry(rep("<figure><figcaption>x", 2*mb)),
		"entry: headings":                entry("<h1>" + rep(`<a href="#x" class=anchor>x</a>`, 3*mb)),
		"entries: a million":             rss(rep("<item/>", 5*mb)),
		"entries: short":                 rss(numbered("<item><guid>%d</guid><title>x%d</title></item>", 5*mb)),
		"entries: pictures": rss(
			numbered(`<item><guid>%d</guid><description>&lt;img src="/%d.jpg"&gt;</description></item>`, 5*mb)),
		"XML: empty elements":             rss("<item><guid>1</guid>" + rep("<x:a/>", 5*mb) + "</item>"),
		"XML: empty elements of no space": rss("<item><guid>1</guid>" + rep("<a/>", 5*mb) + "</item>"),
		"XML: elements of the channel":    rss(rep("<x:a/>", 5*mb) + "<item><guid>1</guid></item>"),
		"XML: attributes":                 rss("<item><guid>1</guid><x:a" + numbered(" a%d=''", 5*mb) + "/></item>"),
		"XML: attributes of the root": []byte(
			"<rss version='2.0'" + numbered(" a%d=''", 5*mb) + "><channel><item><guid>1</guid></item></channel></rss>"),
		"XML: deep": rss(
			"<item><guid>1</guid>" + strings.Repeat("<x:a>", 490) + strings.Repeat("</x:a>", 490) + "</item>"),
		"XML: deep in many": rss(
			strings.Repeat("<item><guid>1</guid>"+strings.Repeat("<x:a>", 400)+strings.Repeat("</x:a>", 400)+"</item>",
				1000)),
		"XML: entity list": []byte(
			`<!DOCTYPE rss [` + entities() +
				`]><rss version="2.0"><channel><item><guid>1</guid><title>&e20;</title></item></channel></rss>`),
		"XML: many entities": []byte(
			`<!DOCTYPE rss [` + numbered(`<!ENTITY e%d "x">`, 5*mb) +
				`]><rss version="2.0"><channel><item><guid>1</guid></item></channel></rss>`),
		"XML: references": rss(
			"<item><guid>1</guid><title>" + rep("&#120;", 5*mb) + "</title></item>"),
		"XML: categories": rss(
			"<item><guid>1</guid>" + numbered("<category>%d</category>", 5*mb) + "</item>"),
		"XML: enclosures": rss(
			"<item><guid>1</guid>" + numbered(`<enclosure url="https://b.example/%d.jpg" type="image/jpeg"/>`, 5*mb) +
				"</item>"),
		"XML: media": rss(
			"<item><guid>1</guid>" + numbered(`<media:content url="https://b.example/%d.jpg"/>`, 5*mb) + "</item>"),
		"XML: damaged":        rss(rep("<item><guid>1</guid></b>", 5*mb)),
		"XML: damaged inside": rss("<item><guid>1</guid>" + rep("<a></b>", 5*mb) + "</item>"),
		"XML: damaged around": rss(rep("<a></b>", 3*mb) + rep("<item><guid>1</guid></item>", 2*mb)),
		"XML: long root, damaged": []byte(
			`<rss version="2.0" x="` + rep("x", mb) + `"><channel>` + rep("<item><guid>1</guid></b></item>", 3*mb) +
				`</channel></rss>`),
		"XML: long head, damaged": rss(
			"<description>" + rep("x", mb) + "</description>" + rep("<item><guid>1</guid></b></item>", 2*mb)),
		"XML: xhtml": []byte(
			`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id><content type="xhtml">` +
				`<div xmlns="http://www.w3.org/1999/xhtml">` + rep("<b/>", 5*mb) + `</div></content></entry></feed>`),
		"XML: links": []byte(
			`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id>` + rep("<link/>", 5*mb) +
				`</entry></feed>`),
		"XML: bases": []byte(
			`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="x"><title>T</title><entry><id>1</id>` +
				rep(`<a xml:base="y"/>`, 5*mb) + `</entry></feed>`),
		"JSON: million arrays": json(`,"x":[` + rep("[],", 3*mb) + `[]]`),
		"JSON: million arrays above": []byte(
			`{"version":"https://jsonfeed.org/version/1.1","x":[` + strings.Repeat("[],", 1_000_000) +
				`[]],"items":[]}`),
		"JSON: arrays for entries": []byte(
			`{"version":"https://jsonfeed.org/version/1.1","items":[` + rep("[],", 3*mb) + `{"id":"1"}]}`),
		"JSON: sensitive arrays": json(`,"nsfw":[` + rep("[],", 5*mb) + `[]]`),
		"JSON: deep": []byte(
			strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)),
		"JSON: deep in an entry": json(
			`,"nsfw":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"JSON: tags":              json(`,"tags":[` + rep(`"",`, 5*mb) + `""]`),
		"JSON: attachments":       json(`,"attachments":[` + rep(`{},`, 5*mb) + `{}]`),
		"JSON: escapes":           json(`,"summary":"` + rep(`\u0041`, 5*mb) + `"`),
		"JSON: members":           json(numbered(`,"m%d":1`, 5*mb)),
		"page: nested formatting": page("<p>" + fonts(400) + rep("<p>x", mb)),
		"page: attributes":        page("<p" + rep(" a=1", 5*mb) + ">x</p>"),
		"page: empty elements":    page(rep("<i/>", 5*mb)),
		"page: nested entries": page(
			strings.Repeat(`<div class="h-entry"><div class="e-content">`, 200) + rep("words ", 2*mb)),
		"page: nested entries with markup": page(
			strings.Repeat(`<div class="h-entry"><div class="e-content">`, 200) + rep("<b>w</b>", mb)),
		"page: many entries":    page(rep(`<div class="h-entry">x</div>`, 5*mb)),
		"page: many properties": page(rep(`<a class="u-photo" href=x>x</a>`, 5*mb)),
		"page: feeds": []byte(
			"<html><head>" + numbered(`<link rel=alternate type="application/rss+xml" href="%d">`, 5*mb)),
		"page: without an end": []byte("<html>" + rep("<", 5*mb)),
		"text: no feed":        []byte(rep("x", 6*mb)),
		"text: controls":       rss("<item><guid>1</guid><title>" + rep("\x01x", 5*mb) + "</title></item>"),
		"text: surrogates": rss(
			"<item><guid>1</guid><title>" + rep("&#55357;&#56841;", 5*mb) + "</title></item>"),
		"text: windows-1252": rss("<item><guid>1</guid><title>" + rep("\xe4", 5*mb) + "</title></item>"),
	}
	return many
}

func entities() string {
	b := strings.Builder{}
	b.WriteString(`<!ENTITY e0 "ha">`)
	for i := 1; i <= 20; i++ {
		fmt.Fprintf(&b, `<!ENTITY e%d "&e%d;&e%d;">`, i, i-1, i-1)
	}
	return b.String()
}

// numbered repeats a text and replaces each %d by the number of the repetition.
func numbered(format string, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(strings.ReplaceAll(format, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

// startBodies starts a subprocess that adds feeds.
func startBodies(t *testing.T) func(address string) added {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), bodiesVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	answers := bufio.NewReader(out)
	return func(address string) (a added) {
		_, err := io.WriteString(in, address+"\n")
		require.NoError(t, err)
		line, err := answers.ReadString('\n')
		require.NoError(t, err, "the subprocess has ended")
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4)
		require.Len(t, fields, 4, line)
		_, err = fmt.Sscan(strings.Join(fields[:3], " "), &a.mib, &a.cpu, &a.entries)
		require.NoError(t, err)
		a.result = fields[3]
		return a
	}
}

// few are the bodies that every test run parses; `make torture-bodies` parses all.
var few = []string{
	"entry: nested formatting", "entries: nested formatting", "entry: 200,000 attributes",
	"entry: million empty elements", "entry: deep tables",
	"entry: deep lists", "XML: entity list", "XML: deep in many", "JSON: million arrays", "JSON: deep",
	"entry: long line", "entry: huge attribute",
	"entry: selects", "entry: many pictures", "page: nested entries", "XML: elements of the channel",
	"JSON: attachments",
}

// No body of a feed or page of up to 6 MB takes more than 64 MiB, as measured by the kernel.
func TestMemoryOfBodies(t *testing.T) {
	if testing.Short() {
		t.Skip("reads large bodies")
	}
	bodies := hostile()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, bytes.NewReader(bodies[r.URL.Query().Get("name")]))
	}))
	t.Cleanup(server.Close)
	add := startBodies(t)
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		body := bodies[name]
		if os.Getenv(allVariable) == "" && !slices.Contains(few, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			require.Less(t, len(body), 6<<20+1)
			a := add(server.URL + "/?" + url.Values{"name": {name}}.Encode())
			t.Logf("%5.1f MB %s", float64(len(body))/(1<<20), a)
			require.Less(t, a.mib, 64.0)
		})
	}
}

// A body of the maximum size takes no more than 160 MiB.
func TestTheLargestBodies(t *testing.T) {
	if os.Getenv(allVariable) == "" {
		t.Skip("reads very large bodies: make torture-bodies")
	}
	bodies := map[string][]byte{}
	for name, unit := range map[string]string{
		"posts": `<item><guid>%d</guid><link>https://blog.example/%d</link><title>Post %d</title>` +
			`<description>&lt;p&gt;` + strings.Repeat("Words of a post. ", 40) +
			`&lt;/p&gt;&lt;img src="/%d.jpg"&gt;</description></item>`,
		"tiny posts": `<item><guid>%d</guid><description>&lt;img src="/%d.jpg"&gt;</description></item>`,
		"elements":   `<item><guid>%d</guid>` + strings.Repeat("<x:a/>", 100) + `</item>`,
		"tags": `<item><guid>%d</guid><description><![CDATA[` + strings.Repeat("<b><p>x", 100) +
			`]]></description></item>`,
	} {
		bodies[name] = []byte(`<rss version="2.0" xmlns:x="urn:x"><channel><title>T</title>` +
			numbered(unit, DefaultMaxBytes-200) + `</channel></rss>`)
		bodies[name] = bodies[name][:min(len(bodies[name]), DefaultMaxBytes)]
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, bytes.NewReader(bodies[r.URL.Query().Get("name")]))
	}))
	t.Cleanup(server.Close)
	add := startBodies(t)
	for name := range bodies {
		t.Run(name, func(t *testing.T) {
			a := add(server.URL + "/?" + url.Values{"name": {name}}.Encode())
			t.Log(a)
			require.Less(t, a.mib, 160.0)
		})
	}
}

// A large feed of ordinary posts is read completely.
func TestLargeFeedsAreReadCompletely(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b,
			`<item><guid>%d</guid><link>https://blog.example/%d</link><title>Post %d</title><category>a</category>`+
				`<description><![CDATA[%s<img src="/%d.jpg" alt="x"><p>End of %d.</p>]]></description></item>`,
			i, i, i,
			strings.Repeat(
				`<p>Some <b>words</b> of a paragraph, with <a href="/x">a link</a> and <em>more</em>, as people `+
					`write.</p>`, 100)+fmt.Sprintf("<p>So much for %d.</p>", i), i, i)
	}
	d, err := Parse(
		[]byte(`<rss version="2.0"><channel><title>T</title><link>https://blog.example/</link>`+b.String()+
			`</channel></rss>`), "", nil)
	require.NoError(t, err)
	require.Greater(t, b.Len(), 5<<20)
	require.True(t, d.Complete)
	require.Empty(t, d.Problems)
	require.Len(t, d.Posts, 500)
	for i, p := range d.Posts {
		require.NotContains(t, fmt.Sprint(p.Markup.Notes), "than Postern reads")
		require.Len(t, p.Media, 1)
		require.Contains(t, p.Text, fmt.Sprintf("So much for %d.", i))
		require.True(t, strings.HasSuffix(p.Text, fmt.Sprintf("End of %d.", i)), p.Text[len(p.Text)-100:])
	}

	// Many short entries are read one by one, with the same result as in a small feed.
	var short strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&short,
			`<entry xml:base="/b/"><id>urn:%d</id><title>Post %d</title><link href="%d"/>`+
				`<content type="html">&lt;img src="%d.jpg"></content></entry>`, i, i, i, i)
	}
	head := `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example/a/"><title>T</title>`
	base, _ := url.Parse("https://blog.example/feed")
	d, err = Parse([]byte(head+short.String()+`</feed>`), "", base)
	require.NoError(t, err)
	require.True(t, d.Complete)
	require.Empty(t, d.Problems)
	require.Equal(t, "T", d.Title)
	require.Len(t, d.Posts, 15_000)
	one, err := Parse([]byte(head+short.String()[:strings.Index(short.String(), "</entry>")+8]+`</feed>`), "", base)
	require.NoError(t, err)
	require.Equal(t, one.Posts[0], d.Posts[0])
	require.Equal(t, "https://blog.example/b/14999.jpg", d.Posts[14_999].Media[0].URL)

	// If there are too many entries, the document says so.
	d, err = Parse([]byte(head+strings.Repeat(short.String(), 2)+`</feed>`), "", base)
	require.NoError(t, err)
	require.False(t, d.Complete)
	require.Equal(t, "the feed has 30000 entries; Postern reads the first 20000", d.Problems[0].String())
}
