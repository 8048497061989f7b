package draft

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
	"postern/words"
)

func TestSpacer(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"": "See the full post at:", "en-GB": "See the full post at:", "de": "Der ganze Beitrag:",
		"de_AT": "Der ganze Beitrag:", "pt-BR": "O post completo:",
		"no": "Les hele innlegget:", "tlh": "See the full post at:",
	} {
		p := store.Post{Text: "Fog.", URL: "https://blog.example/1", Markup: store.Markup{Language: language}}
		c, err := Compose(p, Resolve())
		require.NoError(t, err)
		require.Equal(t, "Fog.\n\n"+want+"\nhttps://blog.example/1", c.Text, language)
		own := " → "
		c, err = Compose(p, Resolve(Layer{"account", store.Settings{AppendURLSpacer: &own}}))
		require.NoError(t, err)
		require.Equal(t, "Fog. → https://blog.example/1", c.Text, "the setting takes precedence over the language")
	}
	require.GreaterOrEqual(t, len(words.SeeFullPost), 12)
}

func TestDateAndHashtagsInFormat(t *testing.T) {
	t.Parallel()
	form, zone := "{{date}} {{date:%d.%m.%Y %H:%M}}\n{{hashtags}}\n{{content}}", "Europe/Berlin"
	p := store.Post{Text: "Fog.", Categories: []string{"street photography", "Sea"},
		PublishedAt: time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)}
	c, err := Compose(p, Resolve(Layer{"account", store.Settings{FormatString: &form, TimeZone: &zone}}))
	require.NoError(t, err)
	require.Equal(t, "2026-03-02 02.03.2026 00:30\n#StreetPhotography #Sea\nFog.", c.Text)
	p.PublishedAt = time.Time{}
	c, err = Compose(p, Resolve(Layer{"account", store.Settings{FormatString: &form}}))
	require.NoError(t, err)
	require.Equal(t, "#StreetPhotography #Sea\nFog.", c.Text, "without a date the placeholder is empty")

	var s store.Settings
	require.NoError(t, Set(&s, "format_string", "{{date:%A}}"))
	require.ErrorContains(t, Set(&s, "format_string", "{{date:%Q}}"), "is not a date format")
	require.ErrorContains(t, Set(&s, "format_string", "{{title:%A}}"), "there is no placeholder")
}

func TestMentions(t *testing.T) {
	t.Parallel()
	var s store.Settings
	require.NoError(t, Set(&s, "mentions", "bob@other.example=@Bob_IG, @carol=carol.photos"))
	c, err := Compose(store.Post{
		Text: "With bob@other.example, @carol, @caroline and mail@bob@other.example. dave@x.example"},
		Resolve(Layer{"account", s}))
	require.NoError(t, err)
	require.Equal(t, "With @bob_ig, @carol.photos, @caroline and mail@bob@other.example. dave@x.example", c.Text)
	require.ErrorContains(t, Set(&s, "mentions", "bob"), "is not a name on your site")
}

func TestTitlesThatRepeatTheText(t *testing.T) {
	t.Parallel()
	for title, text := range map[string]string{
		"It's a dog's life - isn't it?": "It’s a dog’s life – isn’t it? More words.",
		`"Fog" at six…`:                 "“Fog” at\u00A0six, and more.",
	} {
		require.False(t, titleAdds(title, text), title)
	}
	for title, text := range map[string]string{
		"Fog at seven":   "Fog at six.",
		"A dog's dinner": "A dogs dinner.",
	} {
		require.True(t, titleAdds(title, text), title)
	}
}
