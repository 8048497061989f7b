package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/web"
)

// Pages are made one after the other, as many at once as there are processors; the time it takes to send one is
// not part of that, and a visitor who left has no turn.
func TestPagesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun, sent []string
		at := time.Now()
		var mu sync.Mutex
		say := func(list *[]string, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			*list = append(*list, fmt.Sprintf("%s %s", r.URL.Path[1:], time.Since(at)))
		}
		h := web.InTurn(1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			say(&begun, r)
			time.Sleep(time.Second) // making it
			if r.URL.Path == "/c" {
				return // with nothing to say
			}
			_, _ = w.Write([]byte("page"))
			time.Sleep(time.Hour) // a slow line
			say(&sent, r)
		}))
		ask := func(name string) {
			go h.ServeHTTP(httptest.NewRecorder(),
				httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+name, nil))
			synctest.Wait()
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			ask(name)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, []string{"a 0s", "b 1s", "c 2s", "d 3s"}, begun)
		require.Equal(t, []string{"a 1h0m1s", "b 1h0m2s", "d 1h0m4s"}, sent)
	})
}
