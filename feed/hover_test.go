package feed

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHoverText(t *testing.T) {
	t.Parallel()
	const joke = "The gulls have read the whole manual, and they still prefer my lunch."
	for html, want := range map[string]string{
		`<img src="/c.png" title="` + joke + `">`:                                              joke,
		`<img src="/c.png" title="` + joke + `" alt="` + joke + `">`:                           joke,
		`<p>New page.</p><img src="/c.png" title="` + joke + `">`:                              "New page.\n\n" + joke,
		`<img src="/c.png" title="Don&amp;#39;t ask the gulls.">`:                              "Don't ask the gulls.",
		`<p>` + joke + `</p><img src="/c.png" title="` + joke + `">`:                           joke,
		`<img src="/c.png" title="Click to see enlarged">`:                                     "",
		`<img src="/c.png" title="Fog at quay">`:                                               "",
		`<img src="/c.png" title="Screenshot 2025-11-27 at 12.02.48 PM">`:                      "",
		`<img src="/c.jpg" title="Dundee,Nikon D750,Ilford FP4+,black and white printing">`:    "",
		`<img src="/a.jpg" title="` + joke + `"><img src="/b.jpg" title="One more of those.">`: "",
		`<img src="/i.png" width="16" height="16" title="` + joke + `">`:                       "",
		`<p>The fog came in at six, and by seven the whole quay was gone. We waited until the ferry horn told us ` +
			`where the water was, then rowed.</p><img src="/c.png" title="` + joke + `">`: "The fog came in at six, and by seven the whole quay was gone. We waited until the ferry horn told us where the water was, then rowed.",
		`<p>Fog.</p><img src="/c.jpg" title="The old harbour of Kirkwall in fog, seen from the north pier">`: "Fog.",
	} {
		require.Equal(t, want, mediaIn(t, html).Text, html)
	}
}
