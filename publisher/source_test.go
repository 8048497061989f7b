package publisher

import (
	"bytes"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
)

// crawler sets how the site answers Instagram's fetcher.
func (s *theSite) crawler(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.toCrawler = nil
	if h != nil {
		s.toCrawler = h
	}
}

func respond(code int, kind string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.WriteHeader(code)
		_, _ = w.Write(body)
	}
}

var webPage = []byte("<!DOCTYPE html><html><title>Checking your browser</title></html>")

// TestSourceIsRequestedLikeInstagram covers publishing without a public URL, where Instagram fetches from the site.
// Postern requests the files like Instagram's fetcher before it creates a container, and names the obstacle and the
// file to the owner.
func TestSourceIsRequestedLikeInstagram(t *testing.T) {
	jpg := func(r *http.Request) []byte { return pictureAt(r.URL.Path, 0) }
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		reason string // "" if the post is published
	}{
		"a block page": {respond(200, "text/html; charset=utf-8", webPage),
			"blog.example.org answers Instagram's fetcher with a page instead of a picture (a.jpg); let " +
				"facebookexternalhit through there, or set web.base_url"},
		"a page with a picture's type": {respond(200, "image/jpeg", webPage), "with a page instead of a picture (a.jpg)"},
		"refused": {respond(403, "text/plain", nil),
			"blog.example.org refuses the picture a.jpg to Instagram's fetcher (it answered 403), but not to " +
				"Postern"},
		"log-in": {respond(401, "text/html", webPage), "(it answered 401)"},
		"not found": {respond(404, "text/html", webPage),
			"answers Instagram's fetcher 404 instead of the picture a.jpg"},
		"challenge": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(503)
		}, "answers Instagram's fetcher with a bot challenge (503)"},
		"http to https": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://blog.example.org/real/a.jpg?token=hidden", http.StatusMovedPermanently)
		},
			"redirects Instagram's fetcher (301) from a.jpg to https://blog.example.org/real/a.jpg, and Instagram " +
				"follows no redirect to a picture; use the address that the redirect leads to"},
		"to a CDN": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://cdn.example/a.jpg", http.StatusFound)
		}, "to https://cdn.example/a.jpg"},
		"octet-stream": {func(w http.ResponseWriter, r *http.Request) {
			respond(200, "binary/octet-stream", jpg(r))(w, r)
		}, `sends the picture a.jpg with the Content-Type "binary/octet-stream"; make the site send image/jpeg`},
		"a picture with a page's type": {func(w http.ResponseWriter, r *http.Request) {
			respond(200, "text/html", jpg(r))(w, r)
		}, `sends the picture a.jpg with the Content-Type "text/html"`},
		"empty file": {respond(200, "image/jpeg", nil), "with an empty file"},
		"webp": {respond(200, "image/webp", []byte("RIFF\x24\x00\x00\x00WEBPVP8 ")),
			"serves a.jpg to Instagram's fetcher as WEBP, which is not JPEG"},
		"hotlinking": {respond(200, "image/jpeg", pictureAt("/stop-wide.jpg", 0)),
			"serves another picture as a.jpg to Instagram's fetcher"},
		"image/jpg": {func(w http.ResponseWriter, r *http.Request) { respond(200, "image/jpg", jpg(r))(w, r) }, ""},
		"with a parameter": {func(w http.ResponseWriter, r *http.Request) {
			respond(200, "image/jpeg; charset=binary", jpg(r))(w, r)
		}, ""},
		"in capitals": {func(w http.ResponseWriter, r *http.Request) { respond(200, "IMAGE/JPEG", jpg(r))(w, r) },
			""},
		"no type": {func(w http.ResponseWriter, r *http.Request) { respond(200, "", jpg(r))(w, r) }, ""},
		"HEAD not supported": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			respond(200, "image/jpeg", jpg(r))(w, r)
		}, ""},
		"no range requests": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			w.Header().Set("Accept-Ranges", "none")
			respond(200, "image/jpeg", jpg(r))(w, r)
		}, ""},
		"a content delivery network": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "cloudflare")
			w.Header().Set("Cf-Cache-Status", "HIT")
			w.Header().Set("Vary", "Accept")
			respond(200, "image/jpeg", jpg(r))(w, r)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.public = ""
				s.site.crawler(tc.answer)
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				if tc.reason == "" {
					pub = s.reach(pub.ID, store.Published, 10*time.Minute)
					require.Equal(t, "https://blog.example.org/a.jpg", s.live()[0].Slides[0].URL)
					require.Equal(t, 1, s.site.crawled, "once for a picture")
					return
				}
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				pub = s.get(pub.ID)
				require.Equal(t, store.Queued, pub.State)
				require.True(t, pub.Reason.Is(reason.SourceRefuses))
				require.Contains(t, pub.Reason.String(), tc.reason)
				require.Contains(t, pub.Reason.String(), "set web.base_url")
				require.NotContains(t, pub.Reason.String(), "hidden")
				require.Zero(t, pub.Tries)
				require.Zero(t, s.sim.CallCount("create"))
				troubled, err := s.store.Troubled(t.Context())
				require.NoError(t, err)
				require.Len(t, troubled, 1, "the owner is notified")

				// After the site is fixed, the post is published once without further action.
				s.site.crawler(nil)
				s.reach(pub.ID, store.Published, 15*time.Minute)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// TestTemporaryProblemOfASourceWaits checks that a temporary problem delays the post, uses no try and causes no notice.
func TestTemporaryProblemOfASourceWaits(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"503": respond(503, "text/html", webPage), "429": respond(429, "text/plain", nil), "408": respond(408, "", nil),
		"timeout": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.public = ""
				s.site.crawler(answer)
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				pub = s.get(pub.ID)
				require.Equal(t, store.Queued, pub.State, s.history(pub.ID))
				require.Zero(t, pub.Tries)
				require.Zero(t, s.sim.CallCount("create"))
				troubled, err := s.store.Troubled(t.Context())
				require.NoError(t, err)
				require.Empty(t, troubled)
				s.site.crawler(nil)
				s.reach(pub.ID, store.Published, 2*time.Hour)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// TestSourceIsCheckedOnce checks that a picture costs Instagram four calls with or without the check of its source, and
// the site one request for several accounts. A source that Instagram could not fetch is checked again.
func TestSourceIsCheckedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.site.crawler(func(w http.ResponseWriter, r *http.Request) {
			respond(200, "image/jpeg", pictureAt(r.URL.Path, 0))(w, r)
		})
		first := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(first.ID, store.Published, 10*time.Minute)
		calls := 0
		for _, c := range s.sim.Calls() {
			if c.Op == "create" || c.Op == "status" || c.Op == "publish" || c.Op == "permalink" || c.Op == "media" {
				calls++
			}
		}
		require.LessOrEqual(t, calls, 4)
		again := s.entry("The same picture.", "a.jpg", "b.jpg")
		s.reach(again.ID, store.Published, 10*time.Minute)
		require.Equal(t, 2, s.site.crawled)

		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create",
			Reply: simulator.Reply{Code: 9004, Subcode: cannotFetch}})
		third := s.entry("Once more.", "b.jpg")
		s.reach(third.ID, store.Published, 10*time.Minute)
		require.Equal(t, 3, s.site.crawled, "checked again, although it answered before")
	})
}

// TestSourceIsNotCheckedWithPublicURL checks that the source is not checked if there is a public URL.
func TestSourceIsNotCheckedWithPublicURL(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.site.crawler(respond(403, "text/plain", nil))
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Zero(t, s.site.crawled)
	})
}

// TestSourceOfCarouselAndVideo checks that each file of a carousel, and a video, is requested, and that the reason
// names the refused one.
func TestSourceOfCarouselAndVideo(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.site.crawler(func(w http.ResponseWriter, r *http.Request) {
			switch body := s.site.film(r.URL.Path); {
			case r.URL.Path == "/b.jpg":
				respond(403, "", nil)(w, r)
			case bytes.HasSuffix([]byte(r.URL.Path), []byte(".jpg")):
				respond(200, "image/jpeg", pictureAt(r.URL.Path, 0))(w, r)
			default:
				respond(200, "text/html", body)(w, r)
			}
		})
		three, reel := s.entry("Three.", "a.jpg", "b.jpg"), s.entry("Waves.", "waves.mp4")
		s.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Contains(t, s.get(three.ID).Reason.String(),
			"image 2 of 2: Instagram cannot fetch from the site: blog.example.org refuses the picture b.jpg to "+
				"Instagram's fetcher")
		require.Contains(t, s.get(reel.ID).Reason.String(),
			`sends the video waves.mp4 with the Content-Type "text/html"; make the site send video/mp4`)
		require.Zero(t, s.sim.CallCount("create"))
	})
}

// TestRobotsOfASourceAreNoted checks that robots.txt leads to a note and delays nothing.
func TestRobotsOfASourceAreNoted(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.site.crawler(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				respond(200, "text/plain", []byte("User-agent: *\nDisallow: /\n"))(w, r)
				return
			}
			respond(200, "image/jpeg", pictureAt(r.URL.Path, 0))(w, r)
		})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Contains(t, s.history(pub.ID),
			"https://blog.example.org/robots.txt forbids Instagram's fetcher to fetch our files")
	})
}
