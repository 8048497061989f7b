package instagram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

const (
	token  = "IGAAtoken/with+signs=="
	basePa = "/base/path"
)

// setup serves the API below a base path, so that an address built from the
// host alone is seen: everything outside the base path fails the test.
func setup(t *testing.T) (*instagram.Client, *http.ServeMux) {
	t.Helper()
	api := http.NewServeMux()
	root := http.NewServeMux()
	root.Handle(basePa+"/", http.StripPrefix(basePa, api))
	root.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("call outside the base path: %s %s", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusTeapot)
	})
	server := httptest.NewServer(root)
	t.Cleanup(server.Close)
	return &instagram.Client{
		BaseURL: server.URL + basePa, Version: "v24.0", UserID: "17841405793187219",
		Token: token, HTTP: server.Client(), TokenURL: server.URL + basePa + "/login/oauth/access_token",
	}, api
}

// expect registers a path that asserts the request and answers.
func expect(t *testing.T, api *http.ServeMux, pattern string, want url.Values, status int, answer string) *atomic.Int32 {
	t.Helper()
	var calls atomic.Int32
	api.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			t.Errorf("Authorization = %q", got)
		}
		if got := r.Header.Get("Idempotency-Key"); got != "" {
			t.Errorf("Idempotency-Key = %q would make net/http repeat the call", got)
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got := r.PostForm
		if r.Method == http.MethodGet {
			got = r.Form
		} else if r.URL.RawQuery != "" {
			t.Errorf("POST parameters in the address: %s", r.URL.RawQuery)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("parameters\n got %v\nwant %v", got, want)
		}
		w.Header().Set("Date", "Sat, 03 Oct 2026 10:00:00 GMT")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
	return &calls
}

var answered = time.Date(2026, 10, 3, 10, 0, 0, 0, time.UTC)

func TestCreate(t *testing.T) {
	t.Parallel()
	yes := true
	tests := map[string]struct {
		call func(context.Context, *instagram.Client) (instagram.Created, error)
		want url.Values
	}{
		"image": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateImage(ctx, instagram.Image{URL: "https://example.org/a.jpg?a=b&c=d", Caption: "Hi #sun & sea", AltText: "a sea"})
			},
			url.Values{"image_url": {"https://example.org/a.jpg?a=b&c=d"}, "caption": {"Hi #sun & sea"}, "alt_text": {"a sea"}},
		},
		"reel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateReel(ctx, instagram.Reel{URL: "https://example.org/a.mp4", CoverURL: "https://example.org/c.jpg", ShareToFeed: &yes})
			},
			url.Values{"media_type": {"REELS"}, "video_url": {"https://example.org/a.mp4"}, "cover_url": {"https://example.org/c.jpg"}, "share_to_feed": {"true"}},
		},
		"story": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateStory(ctx, instagram.Story{ImageURL: "https://example.org/a.jpg"})
			},
			url.Values{"media_type": {"STORIES"}, "image_url": {"https://example.org/a.jpg"}},
		},
		"picture of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx, instagram.CarouselItem{ImageURL: "https://example.org/a.jpg", AltText: "x"})
			},
			url.Values{"is_carousel_item": {"true"}, "image_url": {"https://example.org/a.jpg"}, "alt_text": {"x"}},
		},
		"video of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx, instagram.CarouselItem{VideoURL: "https://example.org/a.mp4"})
			},
			url.Values{"is_carousel_item": {"true"}, "media_type": {"VIDEO"}, "video_url": {"https://example.org/a.mp4"}},
		},
		"carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarousel(ctx, instagram.Carousel{Children: []string{"1", "2"}, Caption: "both"})
			},
			url.Values{"media_type": {"CAROUSEL"}, "children": {"1,2"}, "caption": {"both"}},
		},
		"image with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateImage(ctx, instagram.Image{URL: "https://example.org/a.jpg", LocationID: "7640348500", Collaborators: []string{"ada", "grace"},
					UserTags: []instagram.UserTag{{Username: "mary", At: &instagram.Spot{X: 0.5, Y: 0.9}}}})
			},
			url.Values{"image_url": {"https://example.org/a.jpg"}, "location_id": {"7640348500"}, "collaborators": {`["ada","grace"]`},
				"user_tags": {`[{"username":"mary","x":0.5,"y":0.9}]`}},
		},
		"reel with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateReel(ctx, instagram.Reel{URL: "https://example.org/a.mp4", LocationID: "7640348500", Collaborators: []string{"ada"},
					UserTags: []instagram.UserTag{{Username: "mary"}}, ShareToFeed: new(false)})
			},
			url.Values{"media_type": {"REELS"}, "video_url": {"https://example.org/a.mp4"}, "location_id": {"7640348500"}, "collaborators": {`["ada"]`},
				"user_tags": {`[{"username":"mary"}]`}, "share_to_feed": {"false"}},
		},
		"carousel with all that goes along": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarousel(ctx, instagram.Carousel{Children: []string{"1", "2"}, LocationID: "7640348500", Collaborators: []string{"ada"}})
			},
			url.Values{"media_type": {"CAROUSEL"}, "children": {"1,2"}, "location_id": {"7640348500"}, "collaborators": {`["ada"]`}},
		},
		"tagged picture of a carousel": {
			func(ctx context.Context, c *instagram.Client) (instagram.Created, error) {
				return c.CreateCarouselItem(ctx, instagram.CarouselItem{ImageURL: "https://example.org/a.jpg", UserTags: []instagram.UserTag{{Username: "mary", At: &instagram.Spot{}}}})
			},
			url.Values{"is_carousel_item": {"true"}, "image_url": {"https://example.org/a.jpg"}, "user_tags": {`[{"username":"mary","x":0,"y":0}]`}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			expect(t, api, "POST /v24.0/17841405793187219/media", test.want, 200, `{"id":17874540375429190}`)
			got, err := test.call(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, "17874540375429190", got.ID, "an id never goes through a float64")
			require.True(t, got.At.Equal(answered))
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]instagram.Status{
		`{"status_code":"FINISHED","status":"FINISHED","id":"17"}`:                                           {Code: instagram.Finished, Text: "FINISHED"},
		`{"status_code":"ERROR","status":"Error: Media upload has failed with error code 2207082","id":"1"}`: {Code: instagram.Errored, Text: "Error: Media upload has failed with error code 2207082", Subcode: 2207082},
		`{"status_code":"IN_PROGRESS"}`:                                                                      {Code: instagram.InProgress},
	}
	for answer, want := range tests {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			expect(t, api, "GET /v24.0/17", url.Values{"fields": {"status_code,status"}}, 200, answer)
			got, err := client.Status(t.Context(), "17")
			require.NoError(t, err)
			require.True(t, got.At.Equal(answered))
			got.At = time.Time{}
			require.Equal(t, want, got)
		})
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "POST /v24.0/17841405793187219/media_publish", url.Values{"creation_id": {"17"}}, 200, `{"id":"18"}`)
	got, err := client.Publish(t.Context(), "17")
	require.NoError(t, err)
	require.Equal(t, "18", got)
}

func TestPermalinkAndQuota(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "GET /v24.0/18", url.Values{"fields": {"permalink"}}, 200, `{"permalink":"https:\/\/www.instagram.com\/p\/DPzPlMyj9W8\/","id":"18"}`)
	link, err := client.Permalink(t.Context(), "18")
	require.NoError(t, err)
	require.Equal(t, "https://www.instagram.com/p/DPzPlMyj9W8/", link)

	expect(t, api, "GET /v24.0/17841405793187219/content_publishing_limit", url.Values{"fields": {"config,quota_usage"}}, 200,
		`{"data":[{"quota_usage":2,"config":{"quota_total":100,"quota_duration":86400}}]}`)
	quota, err := client.Quota(t.Context())
	require.NoError(t, err)
	require.Equal(t, instagram.Quota{Used: 2, Total: 100, Duration: 24 * time.Hour}, quota)
}

func TestComments(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "GET /v24.0/18/comments", url.Values{"fields": {"id,text,username,timestamp"}, "limit": {"50"}}, 200,
		`{"data":[{"id":17874540375429190,"text":"Fine","username":"ada","timestamp":"2026-09-28T17:05:11+0000"},{"id":"2","text":"Nobody may see who"}]}`)
	got, err := client.Comments(t.Context(), "18")
	require.NoError(t, err)
	require.Equal(t, []instagram.Comment{
		{ID: "17874540375429190", Text: "Fine", Username: "ada", At: time.Date(2026, 9, 28, 17, 5, 11, 0, time.UTC)}, {ID: "2", Text: "Nobody may see who"},
	}, got)
	expect(t, api, "POST /v24.0/18/comments", url.Values{"message": {"Hi #sun & sea"}}, 200, `{"id":"17"}`)
	made, err := client.Comment(t.Context(), "18", "Hi #sun & sea")
	require.NoError(t, err)
	require.Equal(t, "17", made)

	expect(t, api, "GET /v24.0/19/comments", url.Values{"fields": {"id,text,username,timestamp"}, "limit": {"50"}}, 200, `{}`)
	_, err = client.Comments(t.Context(), "19")
	require.Error(t, err, "no list is not an empty one")
	expect(t, api, "POST /v24.0/19/comments", url.Values{"message": {"Hi"}}, 403, `{"error":{"message":"(#10) no","code":10}}`)
	_, err = client.Comment(t.Context(), "19", "Hi")
	require.True(t, instagram.IsForbidden(err))
	require.False(t, instagram.IsForbidden(errors.New("else")))
}

func TestRecentMediaFollowsCursors(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	var pages []string
	api.HandleFunc("GET /v24.0/17841405793187219/media", func(w http.ResponseWriter, r *http.Request) {
		pages = append(pages, r.URL.Query().Get("after"))
		switch r.URL.Query().Get("after") {
		case "":
			_, _ = io.WriteString(w, `{"data":[{"id":"3","caption":"three","timestamp":"2026-09-28T17:05:11+0000","permalink":"https://x/3","media_product_type":"FEED","shortcode":"c"}],
				"paging":{"cursors":{"before":"A","after":"B"},"next":"http://trap.invalid/?access_token=x"}}`)
		case "B":
			_, _ = io.WriteString(w, `{"data":[{"id":"2","timestamp":"2026-09-27T00:00:00+0000"},{"id":"1","timestamp":"2026-09-20T17:05:11+0000"}],
				"paging":{"cursors":{"before":"A","after":"C"},"next":"http://trap.invalid/"}}`)
		default:
			t.Error("read beyond the time that was asked for")
		}
	})
	got, err := client.RecentMedia(t.Context(), time.Date(2026, 9, 27, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, []string{"", "B"}, pages)
	require.Len(t, got, 2)
	require.Equal(t, instagram.Media{
		ID: "3", Caption: "three", Timestamp: time.Date(2026, 9, 28, 17, 5, 11, 0, time.UTC),
		Permalink: "https://x/3", ProductType: "FEED", Shortcode: "c",
	}, got[0])
	require.Equal(t, "2", got[1].ID, "the time itself belongs to it")
}

func TestRecentMediaIsNeverSilentlyShort(t *testing.T) {
	t.Parallel()
	endless := `{"data":[{"id":"3","timestamp":"2026-09-28T17:05:11+0000"}],"paging":{"cursors":{"after":"B"},"next":"http://trap.invalid/"}}`
	for name, answer := range map[string]string{
		"more pages than are read": endless,
		"no data":                  `{}`,
		"data is null":             `{"data":null}`,
		"an entry without time":    `{"data":[{"id":"3"}]}`,
		"next without cursor":      `{"data":[],"paging":{"next":"http://trap.invalid/"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("GET /v24.0/17841405793187219/stories", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
			_, err := client.RecentStories(t.Context(), time.Time{})
			require.Error(t, err)
			require.Equal(t, instagram.Retry, instagram.Classify(err).Action)
		})
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	want := instagram.Profile{ID: "28978671838402975", UserID: "17841405793187219", Username: "shot", Name: "Shot", AccountType: "BUSINESS", PictureURL: "https://x/p"}
	for name, answer := range map[string]string{
		"flat":            `{"id":"28978671838402975","user_id":"17841405793187219","username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}`,
		"numbers":         `{"id":28978671838402975,"user_id":17841405793187219,"username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}`,
		"in data, as doc": `{"data":[{"id":"28978671838402975","user_id":17841405793187219,"username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			client.UserID = "" // not needed: it is what Me is asked for
			expect(t, api, "GET /v24.0/me", url.Values{"fields": {"id,user_id,username,name,account_type,profile_picture_url"}}, 200, answer)
			got, err := client.Me(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	api.HandleFunc("GET /refresh_access_token", func(w http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get("Authorization"); h != "" {
			t.Errorf("Authorization = %q", h)
		}
		if got := r.URL.Query(); got.Get("access_token") != token || got.Get("grant_type") != "ig_refresh_token" {
			t.Errorf("query %v", got)
		}
		_, _ = io.WriteString(w, `{"access_token":"IGnew","token_type":"bearer","expires_in":5183944}`)
	})
	got, err := client.RefreshToken(t.Context())
	require.NoError(t, err)
	require.Equal(t, "IGnew", got.Token.Reveal())
	require.Equal(t, 5183944*time.Second, got.ExpiresIn)
}

func TestExchangeCode(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"flat":            `{"access_token":"IGshort","user_id":17841405793187219,"permissions":["a","b"]}`,
		"in data, as doc": `{"data":[{"access_token":"IGshort","user_id":"17841405793187219","permissions":"a, b"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			client.Token, client.UserID = "", ""
			api.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				want := url.Values{"client_id": {"app"}, "client_secret": {"s3"}, "grant_type": {"authorization_code"}, "redirect_uri": {"https://us/cb?x=1"}, "code": {"AQB"}}
				if fmt.Sprint(r.PostForm) != fmt.Sprint(want) || r.URL.RawQuery != "" {
					t.Errorf("form %v query %s", r.PostForm, r.URL.RawQuery)
				}
				_, _ = io.WriteString(w, answer)
			})
			api.HandleFunc("GET /access_token", func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("access_token") != "IGshort" || q.Get("client_secret") != "s3" || q.Get("grant_type") != "ig_exchange_token" {
					t.Errorf("query %v", q)
				}
				_, _ = io.WriteString(w, `{"access_token":"IGlong","token_type":"bearer","expires_in":5184000}`)
			})
			got, err := client.ExchangeCode(t.Context(), "app", "s3", "https://us/cb?x=1", "AQB#_")
			require.NoError(t, err)
			require.Equal(t, instagram.Grant{
				Token:  instagram.Token{Token: "IGlong", ExpiresIn: 60 * 24 * time.Hour},
				UserID: "17841405793187219", Permissions: []string{"a", "b"},
			}, got)
		})
	}
}

func TestExchangeCodeError(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	api.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found or was already used"}`)
	})
	_, err := client.ExchangeCode(t.Context(), "app", "s3", "https://us/cb", "AQB")
	var e *instagram.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 400, e.Code)
	require.Equal(t, "Matching code was not found or was already used", e.Message)
	require.Equal(t, instagram.Reconnect, instagram.Classify(err).Action)
}

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		header http.Header
		body   string
		want   instagram.Error
	}{
		"recorded": {
			400, nil,
			`{"error":{"message":"Media ID is not available","type":"OAuthException","code":9007,"error_subcode":2207027,"is_transient":false,"error_user_title":"Media Not Ready","error_user_msg":"Please wait.","fbtrace_id":"Ab1"}}`,
			instagram.Error{Code: 9007, Subcode: 2207027, Type: "OAuthException", Message: "Media ID is not available", UserTitle: "Media Not Ready", UserMessage: "Please wait.", TraceID: "Ab1"},
		},
		"codes as strings": {
			400, http.Header{"X-Fb-Request-Id": {"T"}},
			`{"error":{"message":"m","code":"230","error_subcode":"33"}}`,
			instagram.Error{Code: 230, Subcode: 33, Message: "m", TraceID: "T"},
		},
		"throttled": {
			400, http.Header{"X-Business-Use-Case-Usage": {`{"17841":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":7}],"102":[{"estimated_time_to_regain_access":"3"}]}`}},
			`{"error":{"message":"m","code":80002}}`,
			instagram.Error{Code: 80002, Message: "m", RegainAfter: 7 * time.Minute},
		},
		"an error with status 200": {
			200, nil, `{"error":{"message":"m","code":2}}`,
			instagram.Error{Code: 2, Message: "m"},
		},
		"a gateway's page": {
			502, nil, "<html>" + strings.Repeat("x", 2<<20),
			instagram.Error{Message: "Bad Gateway; the answer is not Meta's error format"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("POST /v24.0/17841405793187219/media_publish", func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := client.Publish(t.Context(), "17")
			var got *instagram.Error
			require.ErrorAs(t, err, &got)
			test.want.Op, test.want.HTTPStatus = "publish", test.status
			require.Equal(t, test.want, *got)
		})
	}
}

func TestUnusableAnswersToPublishAreAmbiguous(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"empty":    func(http.ResponseWriter, *http.Request) {},
		"not JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no id":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 2<<20)+"{}")
		},
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id":"18"}`)
		},
		"dropped": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, basePa+"/trap", http.StatusTemporaryRedirect)
		},
		"redirect to nowhere": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[bad")
			w.WriteHeader(http.StatusSeeOther)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("/trap", func(http.ResponseWriter, *http.Request) { t.Error("followed a redirect") })
			api.HandleFunc("POST /v24.0/17841405793187219/media_publish", answer)
			_, err := client.Publish(t.Context(), "17")
			var e *instagram.TransportError
			require.ErrorAs(t, err, &e)
			require.True(t, e.Sent)
			require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
		})
	}
}

func TestNothingWasSent(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the handshake, rightly
	tls.StartTLS()
	t.Cleanup(tls.Close)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, test := range map[string]struct {
		ctx  context.Context
		base string
	}{
		"refused":          {t.Context(), closed.URL},
		"no trust in TLS":  {t.Context(), tls.URL},
		"not a URL":        {t.Context(), "http://[bad"},
		"already stopped":  {stopped, closed.URL},
		"no such protocol": {t.Context(), "gopher://x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &instagram.Client{BaseURL: test.base, UserID: "1", Token: token, HTTP: &http.Client{Transport: &http.Transport{}}}
			_, err := client.Publish(test.ctx, "17")
			var e *instagram.TransportError
			require.ErrorAs(t, err, &e)
			if name == "no such protocol" {
				return // never asked for a connection, so nothing is known
			}
			require.False(t, e.Sent)
			v := instagram.Classify(err)
			require.Equal(t, instagram.Retry, v.Action)
			require.True(t, v.Account)
		})
	}
}

// keepAlive is a server that answers the first request of a connection and
// then does as told: the situation in which net/http sends requests again.
func keepAlive(t *testing.T, second func(net.Conn)) (address string, requests func() []string) {
	t.Helper()
	var posts [64]atomic.Value
	var n atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	note := func(head string) { posts[n.Add(1)-1].Store(strings.SplitN(head, " HTTP", 2)[0]) }
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				buf := make([]byte, 8192)
				size, err := conn.Read(buf)
				if err != nil {
					return
				}
				note(string(buf[:size]))
				body := `{"id":"18","status_code":"FINISHED"}`
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
				if second == nil {
					return // and close: the client learns of it too late
				}
				if size, err = conn.Read(buf); err != nil {
					return
				}
				note(string(buf[:size]))
				second(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String(), func() []string {
		var all []string
		for i := range n.Load() {
			if s, ok := posts[i].Load().(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
}

func TestPostIsNotReplayed(t *testing.T) {
	t.Parallel()
	t.Run("create on a reused connection that dies", func(t *testing.T) {
		t.Parallel()
		base, requests := keepAlive(t, func(net.Conn) {})
		client := &instagram.Client{BaseURL: base, UserID: "1", Token: token, HTTP: &http.Client{Transport: &http.Transport{}}}
		_, err := client.Status(t.Context(), "17")
		require.NoError(t, err)
		_, err = client.CreateImage(t.Context(), instagram.Image{URL: "https://example.org/a.jpg"})
		var e *instagram.TransportError
		require.ErrorAs(t, err, &e)
		require.True(t, e.Sent)
		require.Equal(t, []string{"GET /17", "POST /1/media"}, withoutQuery(requests()))
	})
	t.Run("publish takes a new connection", func(t *testing.T) {
		t.Parallel()
		for range 20 {
			base, requests := keepAlive(t, nil)
			client := &instagram.Client{BaseURL: base, UserID: "1", Token: token, HTTP: &http.Client{Transport: &http.Transport{}}}
			_, err := client.Status(t.Context(), "17")
			require.NoError(t, err)
			_, err = client.Publish(t.Context(), "17")
			require.NoError(t, err)
			require.Equal(t, []string{"GET /17", "POST /1/media_publish"}, withoutQuery(requests()))
		}
	})
	t.Run("over HTTP/2", func(t *testing.T) {
		t.Parallel()
		var posts atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			posts.Add(1)
			panic(http.ErrAbortHandler) // resets the stream
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		client := &instagram.Client{BaseURL: server.URL, UserID: "1", Token: token, HTTP: server.Client()}
		_, err := client.Publish(t.Context(), "17")
		var e *instagram.TransportError
		require.ErrorAs(t, err, &e)
		require.True(t, e.Sent)
		require.EqualValues(t, 1, posts.Load())
	})
}

func withoutQuery(requests []string) []string {
	for i, r := range requests {
		requests[i], _, _ = strings.Cut(r, "?")
	}
	return requests
}

// echo is a hostile or broken other side: it repeats what it was sent.
func echo(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	sent := r.URL.String() + " " + r.Header.Get("Authorization") + " " + r.Form.Get("access_token") + r.Form.Get("client_secret")
	w.WriteHeader(400)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"message": sent, "error_user_msg": sent, "error_user_title": sent, "code": 100, "type": sent, "fbtrace_id": sent,
	}})
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	const appSecret = "app/secret+"
	handlers := map[string]http.HandlerFunc{
		"echo": echo,
		"drop": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect to a broken copy of the address": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://[bad?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusFound)
		},
	}
	calls := map[string]func(context.Context, *instagram.Client) error{
		"refresh": func(ctx context.Context, c *instagram.Client) error { _, err := c.RefreshToken(ctx); return err },
		"me":      func(ctx context.Context, c *instagram.Client) error { _, err := c.Me(ctx); return err },
		"publish": func(ctx context.Context, c *instagram.Client) error { _, err := c.Publish(ctx, "1"); return err },
		"exchange": func(ctx context.Context, c *instagram.Client) error {
			_, err := c.ExchangeCode(ctx, "app", appSecret, "https://us/cb", "thecode")
			return err
		},
		"second step of exchange": func(ctx context.Context, c *instagram.Client) error {
			c.TokenURL = c.BaseURL + "/login/works/oauth/access_token"
			_, err := c.ExchangeCode(ctx, "app", appSecret, "https://us/cb", "thecode")
			return err
		},
	}
	for kind, handler := range handlers {
		for name, call := range calls {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				client, api := setup(t)
				api.HandleFunc("/", handler)
				api.HandleFunc("/login/works/", func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, `{"access_token":"IGshort/token","user_id":1}`)
				})
				err := call(t.Context(), client)
				require.Error(t, err)
				requireHidden(t, err, token, appSecret, "thecode", "IGshort/token")
				requireHidden(t, instagram.Classify(err), token, appSecret, "thecode", "IGshort/token")
				for err := err; err != nil; err = errors.Unwrap(err) {
					requireHidden(t, err, token, appSecret, "thecode", "IGshort/token")
				}
			})
		}
	}
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		client := instagram.Client{Token: token}
		requireHidden(t, client, token)
		requireHidden(t, &client, token)
		requireHidden(t, client.Token, token)
		requireHidden(t, instagram.Token{Token: token}, token)
		require.Equal(t, token, client.Token.Reveal())
	})
}

func requireHidden(t *testing.T, v any, secrets ...string) {
	t.Helper()
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v)
	text := logged.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		text += fmt.Sprintf(verb, v)
	}
	marshalled, _ := json.Marshal(v)
	text += string(marshalled)
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			require.NotContains(t, text, form)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What net/http needs to send a POST again is not there to be used.
func TestPostCannotBeRewound(t *testing.T) {
	t.Parallel()
	client := &instagram.Client{BaseURL: "http://x.invalid", UserID: "1", Token: token}
	client.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || r.Body == nil || r.ContentLength <= 0 || len(r.Header["Idempotency-Key"]) > 0 {
			t.Errorf("%s %s can be sent again", r.Method, r.URL.Path)
		}
		return nil, io.ErrUnexpectedEOF
	})}
	_, err := client.CreateImage(t.Context(), instagram.Image{URL: "https://example.org/a.jpg"})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = client.Publish(t.Context(), "17")
	require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action, "a RoundTripper that traces nothing proves nothing")
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("/v24.0/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, basePa+"/trap", code) })
			api.HandleFunc("/trap", func(w http.ResponseWriter, _ *http.Request) {
				t.Error("followed a redirect")
				_, _ = io.WriteString(w, `{"id":"18"}`)
			})
			_, err := client.Me(t.Context())
			require.Equal(t, instagram.Retry, instagram.Classify(err).Action)
			_, err = client.Publish(t.Context(), "17")
			require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
			require.ErrorContains(t, err, fmt.Sprint(code))
		})
	}
}
