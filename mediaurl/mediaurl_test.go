package mediaurl

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRenditionsOfOnePicture(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]string{
		"scheme": {"http://blog.example/fog.jpg", "https://www.blog.example/fog.jpg",
			"https://blog.example/fog.jpeg"},
		"query": {"https://blog.example/fog.jpg", "https://blog.example/fog.jpg?w=300&h=200&quality=80&ssl=1",
			"https://blog.example/fog.jpg?resize=640%2C480"},
		"number": {"https://blog.example/get?id=4&w=300", "https://blog.example/get?id=4&width=600&h=400"},
		"Photon": {"https://i0.wp.com/blog.example/fog.jpg?fit=1024%2C683&ssl=1",
			"https://i2.wp.com/blog.example/fog.jpg?resize=300%2C200", "https://blog.example/fog.jpg"},
		"weserv": {"https://images.weserv.nl/?url=blog.example/fog.jpg&w=300", "https://blog.example/fog.jpg"},
		"Next": {"https://blog.example/_next/image?url=%2Fimages%2Ffog.jpg&w=1080&q=75",
			"https://blog.example/images/fog.jpg"},
		"Vercel": {"https://blog.example/_vercel/image?url=%2Ffog.jpg&w=1080", "https://blog.example/fog.jpg"},
		"Netlify": {"https://blog.example/.netlify/images?url=/img/fog.jpg&w=800",
			"https://blog.example/img/fog.jpg"},
		"Astro": {"https://blog.example/_image?href=%2F_astro%2Ffog.jpg&w=800&f=webp",
			"https://blog.example/_astro/fog.jpg"},
		"Cloudflare": {"https://blog.example/cdn-cgi/image/width=800,fit=cover/img/fog.jpg",
			"https://blog.example/img/fog.jpg",
			"https://c.example/cdn-cgi/image/w=80/https://blog.example/img/fog.jpg"},
		"Craft": {"https://blog.example/uploads/_1200x800_crop_center-center_82_none/fog.jpg",
			"https://blog.example/uploads/fog.jpg",
			"https://blog.example/uploads/_AUTOx400_fit_center-center_none/fog.jpg"},
		"SPIP": {"https://blog.example/local/cache-vignettes/L500xH333/fog-2f5d9.jpg?1699",
			"https://blog.example/local/cache-vignettes/L150xH100/fog-a05d1.jpg",
			"https://blog.example/IMG/jpg/fog.jpg"},
		"Astro copy": {"https://blog.example/_astro/fog.Bx1a2b3c_Z1abcd.webp",
			"https://blog.example/_astro/fog.Bx1a2b3c_2qK9fB.jpg", "https://blog.example/_astro/fog.Bx1a2b3c.jpg"},
		"Camo": {
			"https://camo.githubusercontent.com/0123456789abcdef/68747470733a2f2f626c6f672e6578616d706c652f666f672e6a7067", "https://blog.example/fog.jpg"},
		"Wix": {"https://static.wixstatic.com/media/aa11_bb~mv2.jpg/v1/fill/w_740,h_493,al_c,q_85/aa11_bb~mv2.jpg",
			"https://static.wixstatic.com/media/aa11_bb~mv2.jpg/v1/fit/w_1000,h_1000,al_c,q_80/file.png",
			"https://static.wixstatic.com/media/aa11_bb~mv2.jpg"},
		"Cloudinary": {"https://res.cloudinary.com/demo/image/upload/w_800,c_limit,q_auto,f_auto/v1612/blog/fog.jpg",
			"https://res.cloudinary.com/demo/image/upload/c_fill,w_1200,h_630/v1612/blog/fog.jpg",
			"https://res.cloudinary.com/demo/image/upload/blog/fog.jpg"},
		"Sanity": {"https://cdn.sanity.io/images/p/d/abc123-4000x3000.jpg?w=800&rect=0,0,10,10",
			"https://cdn.sanity.io/images/p/d/abc123-4000x3000.jpg?w=1200&h=630"},
		"Contentful": {"https://images.ctfassets.net/s/a/b/fog.jpg?fl=progressive&w=3",
			"https://images.ctfassets.net/s/a/b/fog.jpg"},
		"imgix":    {"https://me.imgix.net/fog.jpg?ixlib=rb&ar=3:2", "https://me.imgix.net/fog.jpg"},
		"ImageKit": {"https://ik.imagekit.example/x/tr:w-800,h-600/fog.jpg", "https://ik.imagekit.example/x/fog.jpg"},
		"Storyblok": {"https://a.storyblok.com/f/1/2000x1000/ab/fog.jpg/m/300x0/filters:quality(80)",
			"https://a.storyblok.com/f/1/2000x1000/ab/fog.jpg"},
		"Squarespace": {"https://images.squarespace-cdn.com/content/v1/5a/1612-XYZ/fog.jpg?format=1000w",
			"https://images.squarespace-cdn.com/content/v1/5a/1612-XYZ/fog.jpg"},
		"Shopify": {"https://cdn.shopify.com/s/files/1/2/files/fog_1024x1024.jpg?v=161",
			"https://cdn.shopify.com/s/files/1/2/files/fog_grande.jpg?v=161",
			"https://cdn.shopify.com/s/files/1/2/files/fog_800x.progressive.jpg",
			"https://cdn.shopify.com/s/files/1/2/files/fog.jpg?v=161&width=300"},
		"Blogger": {"https://blogger.googleusercontent.com/img/a/AVvXsEj1=s4032",
			"https://blogger.googleusercontent.com/img/a/AVvXsEj1=w400-h300",
			"https://blogger.googleusercontent.com/img/a/AVvXsEj1=s72-w400-h300-c",
			"https://blogger.googleusercontent.com/img/a/AVvXsEj1"},
		"Blogger folders": {"https://1.bp.blogspot.com/-a/b/c/d/s1600/fog.jpg",
			"https://1.bp.blogspot.com/-a/b/c/d/w640-h480/fog.jpg", "https://1.bp.blogspot.com/-a/b/c/d/s72-c/fog.jpg"},
		"Flickr": {"https://live.staticflickr.com/65535/53120_abcdef_b.jpg",
			"https://live.staticflickr.com/65535/53120_123456_o.jpg",
			"https://farm9.staticflickr.com/1/53120_abcdef.jpg"},
		"Tumblr": {"https://64.media.tumblr.com/tumblr_abc1_500.jpg",
			"https://66.media.tumblr.com/tumblr_abc1_1280.png"},
		"Tumblr folders": {"https://64.media.tumblr.com/aa/bb-1/s640x960/cc.jpg",
			"https://64.media.tumblr.com/aa/bb-1/s1280x1920/dd.jpg"},
		"Medium": {"https://miro.medium.com/max/800/1*abc.jpeg",
			"https://miro.medium.com/v2/resize:fit:1400/1*abc.jpeg"},
		"thumbor": {"https://t.example/unsafe/300x200/smart/filters:quality(80)/media/img/fog.jpg",
			"https://t.example/abcdefghijklmnopqrstuvwxyz0=/1000x500/media/img/fog.jpg",
			"https://t.example/media/img/fog.jpg"},
		"Ghost": {"https://blog.example/content/images/size/w600/2026/05/fog.jpg",
			"https://blog.example/content/images/size/w1000/format/webp/2026/05/fog.jpg",
			"https://blog.example/content/images/2026/05/fog.jpg"},
		"WordPress": {"https://blog.example/wp-content/uploads/2026/05/fog-1024x683.jpg",
			"https://blog.example/wp-content/uploads/2026/05/fog-scaled.jpg",
			"https://blog.example/wp-content/uploads/2026/05/fog.jpg?w=640"},
		"Drupal": {"https://blog.example/sites/default/files/styles/large/public/2026-05/fog.jpg.webp?itok=ab",
			"https://blog.example/sites/default/files/2026-05/fog.jpg"},
		"TypePad": {"http://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-200wi",
			"http://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-pi",
			"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-75si",
			"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d"},
		"Discourse": {"https://f.example/uploads/default/optimized/2X/a/abcd_2_690x388.jpeg",
			"https://f.example/uploads/default/original/2X/a/abcd.jpeg"},
		"MediaWiki": {"https://upload.example/thumb/a/ab/Fog.jpg/300px-Fog.jpg", "https://upload.example/a/ab/Fog.jpg"},
		"Kirby": {"https://blog.example/media/pages/notes/fog/a04bdfa1e8-1735511389/fog-500x-crop.jpg",
			"https://blog.example/media/pages/notes/fog/a04bdfa1e8-1735511389/fog.jpg",
			"https://blog.example/media/pages/notes/fog/a04bdfa1e8-1735511389/fog-1200x800-crop-q80.jpg"},
		"Hugo": {"https://blog.example/posts/x/fog_hu_9d3a4bc1.jpg",
			"https://blog.example/posts/x/fog_hu9d3a4bc1ff_12345_600x0_resize_q75_box.jpg",
			"https://blog.example/posts/x/fog.jpg"},
		"Eleventy": {"https://blog.example/img/AbCdEf1234-600.jpeg", "https://blog.example/img/AbCdEf1234-1200.webp"},
	} {
		for _, other := range list[1:] {
			require.Equal(t, Key(list[0], 0, 0), Key(other, 0, 0), "%s: %s", name, other)
		}
	}
}

// TestTwoPictures holds what a rule that removes sizes by one pattern would merge.
func TestTwoPictures(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"https://blog.example/photos/w44/1.jpg", "https://blog.example/photos/w45/1.jpg"},
		{"https://blog.example/garden/s2023/before.jpg", "https://blog.example/garden/s2024/before.jpg"},
		{"https://blog.example/_astro/fog.Bx1a2b3c_Z1abcd.webp",
			"https://blog.example/_astro/fog.Cy4d5e6f_Z1abcd.webp"},
		{"https://blog.example/u/_1200x800_prints/fog.jpg", "https://blog.example/u/fog.jpg"},
		{"https://blog.example/local/cache-vignettes/L500xH333/fog-12.jpg",
			"https://blog.example/local/cache-vignettes/L500xH333/fog-13.jpg"},
		{"https://blog.example/400x300/1.jpg", "https://blog.example/800x600/1.jpg"},
		{"https://img.example/get?s=4401", "https://img.example/get?s=4402"},
		{"https://blog.example/photo.php?h=1f2e3d", "https://blog.example/photo.php?h=9a8b7c"},
		{"https://blog.example/u/small-boat.jpg", "https://blog.example/u/large-boat.jpg"},
		{"https://blog.example/u/kitchen-original.jpg", "https://blog.example/u/kitchen.jpg"},
		{"https://blog.example/u/print-8x10.jpg", "https://blog.example/u/print-5x7.jpg"},
		{"https://blog.example/wp-content/uploads/2026/05/print-50x70.jpg",
			"https://blog.example/wp-content/uploads/2026/05/print-70x99.jpg"},
		{"https://blog.example/u/walk-1920x1080.jpg", "https://blog.example/u/walk-1080x1920.jpg"},
		{"https://blog.example/u/fisher.png", "https://blog.example/u/fisher.gif"},
		{"https://blog.example/u/5312_abcdef_b.jpg", "https://blog.example/u/5312_abcdef_c.jpg"},
		{"https://live.staticflickr.com/65535/53120_abcdef_b.jpg",
			"https://live.staticflickr.com/65535/53121_abcdef_b.jpg"},
		{"https://blog.example/img/holiday202-600.jpeg", "https://blog.example/img/holiday202-601.jpeg"},
		{"https://static.wixstatic.com/media/aa11_bb~mv2.jpg/v1/fill/w_7/file.jpg",
			"https://static.wixstatic.com/media/aa11_cc~mv2.jpg/v1/fill/w_7/file.jpg"},
		{"https://blog.example/_next/image?url=%2Fa.jpg&w=1080",
			"https://blog.example/_next/image?url=%2Fb.jpg&w=1080"},
		{"https://res.cloudinary.com/demo/image/upload/w_800/v1/a.jpg",
			"https://res.cloudinary.com/demo/image/upload/w_800/v1/b.jpg"},
		{"https://blog.example/media/pages/fog-500x.jpg", "https://blog.example/media/pages/fog-800x.jpg"},
		{"https://blog.example/2025/harbour.jpg", "https://blog.example/2026/harbour.jpg"},
		{"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-200wi",
			"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c971d-200wi"},
		{"https://blog.example/.a/walk-200wi", "https://blog.example/.a/walk-300wi"},
		{"https://blog.example/burst/1.jpg", "https://blog.example/burst/2.jpg"},
		{"https://blog.example/v/1.mp4?id=1", "https://blog.example/v/1.mp4?id=2"},
	} {
		require.NotEqual(t, Key(pair[0], 0, 0), Key(pair[1], 0, 0), pair[0])
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]int{
		"https://blog.example/fog.jpg":                                                                 Unsized,
		"https://blog.example/fog.jpg?w=300":                                                           300,
		"https://blog.example/u/fog-1024x683.jpg":                                                      1024,
		"https://blog.example/u/print-8x10.jpg":                                                        Unsized,
		"https://i0.wp.com/blog.example/fog.jpg?fit=1024%2C683":                                        1024,
		"https://i0.wp.com/blog.example/fog.jpg":                                                       converted,
		"https://images.squarespace-cdn.com/content/v1/5a/fog.jpg?format=1000w":                        1000,
		"https://cdn.shopify.com/s/files/1/2/files/fog_1024x1024.jpg?v=161":                            1024,
		"https://blogger.googleusercontent.com/img/a/AVvXsEj1=w400-h300":                               400,
		"https://blogger.googleusercontent.com/img/a/AVvXsEj1=s4032":                                   4032,
		"https://static.wixstatic.com/media/aa11_bb~mv2.jpg/v1/fill/w_740,h_493,al_c,q_85/fog.jpg":     740,
		"https://live.staticflickr.com/65535/53120_123456_o.jpg":                                       Unsized,
		"https://live.staticflickr.com/65535/53120_123456.jpg":                                         500,
		"https://substackcdn.com/image/fetch/w_1456,c_limit/https%3A%2F%2Fblog.example%2Ffog_1x1.jpeg": 1456,
		"https://blog.example/content/images/size/w600/2026/05/fog.jpg":                                600,
		"https://blog.example/photos/w44/1.jpg":                                                        Unsized,
		"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-200wi":                             200,
		"https://blog.example/.a/6a00d8341c0a1f53ef0192ab17096c970d-pi":                                Unsized,
	} {
		require.Equal(t, want, Width(address), address)
	}
}

// allowedServices are all services that the package may know by name.
var allowedServices = strings.Fields(
	`TypePad Photon weserv Next.js Vercel Netlify Astro Cloudflare Camo imgproxy Wix Cloudinary Sanity Contentful imgix Storyblok ImageKit
	Squarespace Shopify Blogger Flickr Tumblr Medium thumbor Ghost WordPress Drupal Discourse MediaWiki Mastodon Gatsby Kirby Craft SPIP Hugo Eleventy`)

func TestNamesAreServices(t *testing.T) {
	t.Parallel()
	hosts := map[string]bool{}
	for _, s := range imageServices {
		require.Contains(t, allowedServices, s.name)
		u, err := url.Parse(s.source)
		require.NoError(t, err)
		require.Equal(t, "https", u.Scheme, s.name)
		hosts[u.Host] = true
		for _, h := range s.hosts {
			hosts[h] = true
		}
	}
	for _, file := range []string{"mediaurl.go", "services.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(
			`"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|nl|de|fr|uk|jp|ru)\b`).FindAllString(string(text), -1) {
			require.True(t, hosts[strings.Trim(name, `"`)] || slices.Contains(allowedServices, strings.Trim(name, `"`)),
				"%s in %s", name, file)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"https://i0.wp.com/a/b.jpg?resize=3,4", "https://a/unsafe/3x4/http://b/c", "//x",
		"https://a/_next/image?url=/_next/image?url=/b", "https://a/cdn-cgi/image/x",
		"https://a.bp.blogspot.com/s1600/", "https://a/thumb/a/300px-",
		"https://res.cloudinary.com/image/upload/w_1/v1", "https://static.flickr.com/123456_abcdef0_o.jpg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := Read(s)
		require.Equal(t, a, Read(s))
		require.GreaterOrEqual(t, a.Width, 0)
		Key(s, 300, 200)
	})
}

func TestRelated(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"https://a.example/full/fog.jpg", "https://cdn.example/small/FOG.webp"}:                 true,
		{"https://a.example/fog.jpg", "https://a.example/fog-300x200.jpg"}:                       true,
		{"https://a.example/fog_thumb.jpg", "https://a.example/2024/fog.jpg"}:                    true,
		{"https://a.example/frame-1.jpg", "https://a.example/frame-2.jpg"}:                       false,
		{"https://a.example/fog.jpg", "https://a.example/fog-bw.jpg"}:                            false,
		{"https://a.example/print-8x10.jpg", "https://a.example/print-5x7.jpg"}:                  false,
		{"https://a.example/", "https://b.example/"}:                                             false,
		{"https://a.example/kitchen-original.jpg", "https://a.example/kitchen.jpg"}:              false,
		{"https://i0.wp.com/a.example/up/fog.jpg?w=300", "https://a.example/wp-content/fog.jpg"}: true,
	} {
		require.Equal(t, want, Related(pair[0], pair[1]), pair)
		require.Equal(t, want, Related(pair[1], pair[0]), pair)
	}
}
