package feed

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// guardedItem parses one RSS item with a picture outside its text.
func guardedItem(t *testing.T, title, inner string) store.Post {
	t.Helper()
	base, err := url.Parse("https://blog.example/")
	require.NoError(t, err)
	d, err := Parse(fmt.Appendf(nil,
		`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>F</title><link>https://blog.example/</link>
		<item><title>%s</title><link>https://blog.example/1</link><guid>g1</guid>%s</item></channel></rss>`, title,
		inner), "application/rss+xml", base)
	require.NoError(t, err)
	require.Len(t, d.Posts, 1)
	return d.Posts[0]
}

const besideText = `<media:content url="https://blog.example/kids.jpg" medium="image"/>`

func TestProtectedPostIsSkipped(t *testing.T) {
	t.Parallel()
	for title, body := range map[string]string{
		"Protected: Family": `<description>There is no excerpt because this is a protected post.</description>`,
		"Family":            `<description>There is no excerpt because this is a protected post.</description>`,
		"Geschützt: Ferien": `<description>Es gibt keinen Auszug, da dies ein geschützter Beitrag ist.</description>`,
		"Protegido: Playa":  `<description>No hay ningún resumen, es una entrada protegida.</description>`,
		"保護中: 旅行":           `<description>この投稿は保護されています。</description>`,
		"Holiday": `<content:encoded><![CDATA[<form class="post-password-form" method="post">` +
			`<p>Mot de passe :</p><input name="post_password" type="password"></form>]]></content:encoded>`,
		"Other program": `<content:encoded><![CDATA[<form class="protected">` +
			`<input type="password" name="protectPassword"></form>]]></content:encoded>`,
	} {
		p := guardedItem(t, title, body+besideText)
		require.Equal(t, store.Skip, p.Decision, title)
		require.Equal(t, reason.New(reason.PasswordProtected), p.Reason, title)
	}
	for title, body := range map[string]string{
		"Protected areas of Peru":  `<description>We walked through the protected areas of Peru.</description>`,
		"Protected: areas of Peru": `<description>Seven areas in Peru are protected by law.</description>`,
		"Recipe: Apple pie":        `<description>My favourite recipe for autumn.</description>`,
		"A log-in form": `<content:encoded><![CDATA[<p>This is what it looks like.</p>` +
			`<img src="https://blog.example/a.jpg"><form><input type="password"></form>]]></content:encoded>`,
		"A password field in words": `<content:encoded><![CDATA[<p>Write <code>&lt;input ` +
			`type="password"&gt;</code>.</p>]]></content:encoded>`,
	} {
		require.Equal(t, store.Publish, guardedItem(t, title, body+besideText).Decision, title)
	}
}

// The title prefix of a protected post counts if the entry is otherwise empty, but not if it has a text or a
// picture.
func TestProtectedPrefixOfEmptyEntry(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<description></description>", "<description> <p> </p> </description>"} {
		p := guardedItem(t, "Protected: Family", body)
		require.Equal(t, reason.New(reason.PasswordProtected), p.Reason, body)
	}
	for title, body := range map[string]string{
		"Family":                   "",
		"Protected areas of Peru":  "",
		"Protected: areas of Peru": "<description>Seven areas in Peru.</description>",
	} {
		require.Equal(t, reason.NoMedia, guardedItem(t, title, body).Reason.Code, title)
	}
	require.Equal(t, store.Publish, guardedItem(t, "Protected: Family", besideText).Decision)
}

func TestSensitivePostIsMarked(t *testing.T) {
	t.Parallel()
	rated := func(scheme, value string) string {
		return fmt.Sprintf(
			`<description>Life drawing</description><media:content url="https://blog.example/a.jpg" medium="image">`+
				`<media:rating scheme=%q>%s</media:rating></media:content>`, scheme, value)
	}
	mastodon := rated("urn:simple", "nonadult")[len("<description>Life drawing</description>"):]
	for name, inner := range map[string]string{
		"simple": rated("urn:simple", "adult"),
		"mpaa":   rated("urn:mpaa", "nc-17"),
		"icra":   rated("urn:icra", "nb 1 lz 1 vz 1"),
		"item":   `<description>x</description><media:rating>adult</media:rating>` + besideText,
		"words": `<description><![CDATA[<p><strong>Content warning:</strong> nudity</p><hr /><p>Class</p>]]>` +
			`</description>` + besideText,
		"language": `<description><![CDATA[<p><strong>Varoitus:</strong> alastomuus</p><hr /><p>Tunti</p>]]>` +
			`</description>` + mastodon,
		"tag": `<description>x</description><category>NSFW</category>` + besideText,
		"class": `<content:encoded><![CDATA[<figure class="sensitive"><img src="https://blog.example/a.jpg">` +
			`</figure>]]></content:encoded>`,
	} {
		require.NotEmpty(t, guardedItem(t, "Post", inner).Markup.Sensitive, name)
	}
	for name, inner := range map[string]string{
		"nonadult": rated("urn:simple", "nonadult"),
		"mpaa":     rated("urn:mpaa", "pg"),
		"icra":     rated("urn:icra", "nz 1 lz 1 oz 1 vz 1"),
		"update": `<description><![CDATA[<p><strong>Update:</strong> it rained</p><hr /><p>Fog</p>]]></description>` +
			besideText,
		"words": `<description>Sensitive plants fold their leaves. Content warning labels are old.</description>` +
			besideText,
	} {
		require.Empty(t, guardedItem(t, "Post", inner).Markup.Sensitive, name)
	}
}
