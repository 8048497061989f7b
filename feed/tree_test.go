package feed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// asTags formats a tree like a browser's developer tools, without the elements that only one of the two parsers
// implies.
func asTags(n *html.Node) string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		name := n.Data
		implied := n.Type != html.ElementNode || name == "html" || name == "head" || name == "body" || name == "tbody"
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case !implied:
			b.WriteString("<" + name)
			for _, a := range n.Attr {
				fmt.Fprintf(&b, " %s=%q", a.Key, a.Val)
			}
			b.WriteString(">")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if !implied && n.Type == html.ElementNode {
			b.WriteString("</" + name + ">")
		}
	}
	walk(n)
	return b.String()
}

// Typical HTML is parsed as browsers parse it.
func TestHTMLIsParsedLikeInBrowsers(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`<p>one<p>two<br>three<br/>four`, `<ul><li>one<li>two<ul><li>deep</ul><li>three</ul>`,
		`<dl><dt>a<dd>b<dt>c<dd>d</dl>`,
		`<table><tr><td>a<td>b<tr><th>c</table>after`,
		`<table><thead><tr><td>a<p>x</td></tr></thead><tbody><tr><td>b</table>`,
		`<p>x<table><tr><td><p>y</table>z`, `<h1>a<h2>b</h3>c`, `<p>a</div>b</p>`, `<div><p>a</div>b`, `</p>x`,
		`a<br></br>b`,
		`<a href=1>a<a href=2>b</a>c`, `<select><option>a<option>b</select>c`, `<p>a<span>b</p>c`,
		`<img src=a.jpg alt="x > y" title='a "b"'>`,
		`<img src="/i?a=1&copy=2&amp;b=3&lt;&notit;&#38;&unknown;" data-x>`,
		`<a href="?x&reg=1&para&sect;&lang=de&copy">&copy &copy; &amp;lt; &nbsp;&hellip;x</a>`,
		`<script>if (a < b) "</p>"</script>x`, `<style>p > a {}</style>x`, `<textarea><b>&amp;</textarea>x`,
		`<title><b>x</title>`,
		`<iframe src=x><p>y</iframe>z`, `<!-- <p> -->a<!-->b<!--->c<!doctype x>d<?php x ?>e</ x>f`, `a < b <3 c <- d`,
		`<p>a<`, `a</`, `a<p`,
		`<svg><path d=x /><g><title>t</title></g></svg>after`, `<math><mi>x</mi><mo>=</mo></math>y`,
		`<video src=a><source src=b>x</video>`,
		`<picture><source srcset="a 1w, b 2w"><img src=c></picture>`,
		`<figure><img src=a><figcaption>b</figcaption></figure>`,
		`x<noscript><img src=a></noscript>`, "<pre>\n a\n  b</pre>", `<IMG SRC=a ALT=B><P CLASS=X>y`, `<p/>x`,
		`<blockquote><p>a</blockquote>b`,
		`<details><summary>a</summary>b</details>`, `<p a=1 a=2 = b==c d='>' /e/f>x`, `<amp-img src=a></amp-img>`,
		`<button>a<button>b`,
		`<form><input name=a><p>b</form>c`, `<li>a<li>b`, `<x-y>a</x-y>b`, `<object data=a><param name=b>c</object>d`,
		`<p>&#128512;&#xD7;&#0;</p>`,
	} {
		doc, err := html.ParseWithOptions(strings.NewReader(s), html.ParseOptionEnableScripting(false))
		require.NoError(t, err)
		require.Equal(t, asTags(doc), asTags(parseHTML(s, false)), s)
	}
}

func countNodes(n *html.Node) (nodes, attrs int) {
	nodes, attrs = 1, len(n.Attr)
	for c := range n.Descendants() {
		nodes++
		attrs += len(c.Attr)
	}
	return nodes, attrs
}

// No text results in more nodes than it has tags and pieces of text.
func TestNodesPerText(t *testing.T) {
	t.Parallel()
	var fonts strings.Builder
	for i := range 400 {
		fmt.Fprintf(&fonts, "<font size=%d>", i)
	}
	for name, s := range map[string]string{
		"formatting":  "<p>" + fonts.String() + strings.Repeat("<p>x", 20_000),
		"in tables":   "<p>" + fonts.String() + strings.Repeat("<table><td>x</font></table>", 5_000),
		"links":       strings.Repeat("<a><p>", 20_000),
		"misnested":   strings.Repeat("<b><p></b>", 20_000),
		"foster":      "<table>" + strings.Repeat("<b>x<tr>y", 10_000),
		"deep":        strings.Repeat("<div>", 50_000),
		"deep lists":  strings.Repeat("<ul><li>", 50_000),
		"deep tables": strings.Repeat("<table><tr><td>", 20_000),
		"selects":     strings.Repeat("<select><option>", 20_000),
		"stray ends":  strings.Repeat("x</i>", 20_000),
		"empty":       strings.Repeat("<i/>", 90_000),
		"svg":         strings.Repeat("<svg><desc><b>", 20_000),
		"templates":   strings.Repeat("<template><i>", 20_000),
		"attributes":  "<p" + strings.Repeat(" a=1", 200_000) + ">x",
	} {
		nodes, attrs := countNodes(parseHTML(s, false))
		require.LessOrEqual(t, nodes, 2+2*strings.Count(s, "<"), name)
		require.LessOrEqual(t, attrs, maxAttributes*strings.Count(s, "<"), name)
		require.LessOrEqual(t, nodes+attrs, maxUnits+3, name)
	}
	require.True(t, isCut(parseHTML(strings.Repeat("<i/>", 1_000_000), false)))
}

// A long article of realistic size is read completely. For one that is too large, the entry notes what is missing.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	entryOf := func(body string) (notes []string, media int, text string) {
		d, err := Parse(
			[]byte(
				`<rss version="2.0"><channel><title>T</title><item><guid>1</guid><link>https://blog.example/1</link>`+
					`<description><![CDATA[`+body+`]]></description></item></channel></rss>`), "", nil)
		require.NoError(t, err)
		require.Len(t, d.Posts, 1)
		return d.Posts[0].Markup.Notes, len(d.Posts[0].Media), d.Posts[0].Text
	}
	var pictures, notes strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&pictures,
			`<p>Words before it, <b>in bold</b></p><figure>`+
				`<img class="wp-image" src="https://blog.example/photo-%d.jpg" alt="Photo %d"></figure>`, i, i)
		fmt.Fprintf(&notes,
			`<p>A sentence with a claim<sup id="r%d"><a href="#n%d" class="footnote-ref">%d</a>`+
				`</sup> and <em>more</em>.</p>`, i, i, i)
	}
	left, media, text := entryOf(pictures.String() + "<p>The last words.</p>")
	require.Empty(t, left)
	require.Equal(t, 2000, media)
	require.True(t, strings.HasSuffix(text, "The last words."))
	left, _, text = entryOf(notes.String() + "<p>The last words.</p>")
	require.Equal(t, []string(nil), left)
	require.Equal(t, 2000, strings.Count(text, "A sentence with a claim and more."))
	require.True(t, strings.HasSuffix(text, "The last words."))

	left, _, text = entryOf("<p>The first words.</p>" + strings.Repeat("<i></i>", 200_000) + "<p>The last words.</p>")
	require.Equal(t, []string{"left out: the end of the text, which is longer than Postern reads"}, left)
	require.Equal(t, "The first words.", text)
}
