package instagram_test

import (
	"fmt"
	"io"
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
func expect(t *testing.T, api *http.ServeMux, pattern string, want url.Values, status int,
	answer string) *atomic.Int32 {
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
			`{"error":{"message":"Media ID is not ` +
				`available","type":"OAuthException","code":9007,"error_subcode":2207027,"is_transient":false,"error_user_title":"Media Not Ready","error_user_msg":"Please wait.","fbtrace_id":"Ab1"}}`,
			instagram.Error{Code: 9007, Subcode: 2207027, Type: "OAuthException", Message: "Media ID is not available",
				UserTitle: "Media Not Ready", UserMessage: "Please wait.", TraceID: "Ab1"},
		},
		"codes as strings": {
			400, http.Header{"X-Fb-Request-Id": {"T"}},
			`{"error":{"message":"m","code":"230","error_subcode":"33"}}`,
			instagram.Error{Code: 230, Subcode: 33, Message: "m", TraceID: "T"},
		},
		"throttled": {
			400,
			http.Header{"X-Business-Use-Case-Usage": {
				`{"17841":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":7}],"102":[{"estimated_time_to_regain_access":"3"}]}`}},
			`{"error":{"message":"m","code":80002}}`,
			instagram.Error{Code: 80002, Message: "m", RegainAfter: 7 * time.Minute},
		},
		"an error with status 200": {
			200, nil, `{"error":{"message":"m","code":2}}`,
			instagram.Error{Code: 2, Message: "m"},
		},
		"a gateway's page": {
			502, nil, "<html>" + strings.Repeat("x", 2<<20),
			instagram.Error{Message: "Bad Gateway; the answer is not in Meta's error format"},
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

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
