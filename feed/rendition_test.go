package feed

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAttributesOfTheUnscaledFile(t *testing.T) {
	t.Parallel()
	for attributes, want := range map[string]string{
		`src="/fog-m.jpg" data-example-lightbox="/fog.jpg"`:         "fog.jpg",
		`src="/small/fog.jpg" data-zoom-image="/large/fog.jpg"`:     "large/fog.jpg",
		`src="/fog.jpg" data-large_image="/fog-1920x1280.jpg"`:      "fog-1920x1280.jpg",
		`data-src="/fog_s.jpg" data-highres="/fog.jpg"`:             "fog.jpg",
		`src="/fog.jpg" data-full-screen="/fog_original.jpg?v=2"`:   "fog_original.jpg?v=2",
		`src="/fog.jpg" data-zoom-image="/fog-detail.jpg"`:          "fog.jpg", // a different picture
		`src="/fog.jpg" data-large-hover="/quay.jpg"`:               "fog.jpg",
		`src="/fog.jpg" data-lightbox="fog"`:                        "fog.jpg", // the name of a gallery
		`src="/fog.jpg" data-zoom="/fog.html"`:                      "fog.jpg",
		`src="/fog.jpg" data-thumb="/small/fog.jpg"`:                "fog.jpg",
		`src="/fog12.jpg" data-zoom="/fog1.jpg"`:                    "fog12.jpg",
		`src="/fog-m.jpg" data-enlarged="/fog.jpg"`:                 "fog-m.jpg", // not a known attribute
		`src="/fog.jpg" title="fog" full="/large/fog.jpg"`:          "fog.jpg",
		`src="/fog-m.jpg" data-large-for-phones="/fog-320x240.jpg"`: "fog-m.jpg",
	} {
		require.Equal(t, []string{want}, shown(rssOf(t, inItem(`<p>Fog.</p><img `+attributes+`>`))[0]), attributes)
	}
}
