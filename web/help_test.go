package web_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/accounts"
)

func TestGuideIsTheSameAsInTheRepository(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	p := b.get("/help/instagram")
	require.Equal(t, http.StatusOK, p.Status)
	source, err := os.ReadFile(filepath.Join("..", "docs", "instagram-setup.md"))
	require.NoError(t, err)

	// Word for word, once the signs of Markdown are taken away from the one and the tags from the other.
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	plain := string(source)
	for _, r := range []struct{ from, to string }{
		{`!\[[^\]]*\]\([^)]*\)`, ``}, {`(?s)\[([^\]]*)\]\([^)]*\)`, `$1`}, {`(?m)^#+ `, ``}, {`(?m)^\s*(\d+\.|-) `, ``},
		{`(?m)^\|[-|]+\|$`, ``}, {`[|*` + "`" + `]`, ` `},
	} {
		plain = regexp.MustCompile(r.from).ReplaceAllString(plain, r.to)
	}
	tight := func(s string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(s, "") }
	require.Equal(t, tight(plain), tight(p.Find(".guide-text").Text()))

	pictures := regexp.MustCompile(`!\[([^\]]*)\]\(instagram/([a-z]+\.svg) "([^"]*)"\)`).FindAllStringSubmatch(
		string(source), -1)
	require.Equal(t, len(pictures), p.Find(".guide-text img").Length())
	require.GreaterOrEqual(t, len(pictures), 6)
	p.Find(".guide-text img").Each(func(i int, img *goquery.Selection) {
		require.Equal(t, words(pictures[i][1]), words(img.AttrOr("alt", "")))
		require.Equal(t, pictures[i][3], img.AttrOr("title", ""))
		svg := b.get(img.AttrOr("src", ""))
		require.Equal(t, http.StatusOK, svg.Status, pictures[i][2])
		require.Equal(t, "image/svg+xml", svg.Header.Get("Content-Type"))
		require.Contains(t, svg.Body, "<title", pictures[i][2])
		require.Contains(t, svg.Body, "prefers-color-scheme:dark", pictures[i][2])
		for d := xml.NewDecoder(strings.NewReader(svg.Body)); ; {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, pictures[i][2])
		}
	})
}

func TestEveryLinkToTheGuideArrives(t *testing.T) {
	h, _ := front(t)
	b := h.owner()
	guide := b.get("/help/instagram")
	for _, step := range accounts.Steps() {
		require.Equal(t, 1, guide.Find(`h2[id="`+string(step)+`"], h3[id="`+string(step)+`"]`).Length(),
			"step %s", step)
	}
	links := 0
	for _, p := range []*page{guide, b.get("/accounts")} {
		p.Find(`a[href^="#"], a[href^="/help/instagram#"]`).Each(func(_ int, a *goquery.Selection) {
			_, id, _ := strings.Cut(a.AttrOr("href", ""), "#")
			if id == "content" {
				return
			}
			links++
			require.True(t, guide.has(`[id="`+id+`"]`), "%s on %s", id, p.Path)
		})
	}
	require.Greater(t, links, 20)
	require.True(t, b.get("/accounts").has(`a[href="/help/instagram"]`))
}

func TestGuideFits(t *testing.T) {
	path := chromium(t)
	_, base := front(t)
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"guide-phone", 320, true}, {"guide-wide", 1280, false}} {
		ctx, complaints := window(t, path, c.width, c.dark)
		enter(ctx, t, base)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(base+"/help/instagram"),
			chromedp.WaitVisible(`.guide-text img`)))
		loaded, err := chromedp.Run(ctx,
			chromedp.Evaluate[bool](
				`[...document.querySelectorAll(".guide-text img")].every(i => i.complete && i.naturalWidth > 0)`))
		require.NoError(t, err)
		require.True(t, loaded, "every drawing is shown")
		fits(ctx, t, c.name)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(base+"/accounts"),
			chromedp.WaitVisible(`form[action="/accounts/connect"]`)))
		fits(ctx, t, c.name+" accounts")
		require.Empty(t, complaints())
	}
}
