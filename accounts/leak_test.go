package accounts_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/redact"
	"postern/store"
)

// Everything that is done with credentials is done once with planted ones, well and badly; then they are looked for in
// the log, in every error and finding, and in every file of the data directory but the key.
func TestSecretsAppearNowhere(t *testing.T) {
	t.Parallel()
	planted := []string{"IGQWRplantedTokenOne", "IGQWRplantedTokenTwo", "IGQWRplantedTokenThree",
		"IGQWRplanted/Refreshed+Four", "planted0123456789appsecret"}
	var heard buffer
	g := newGraph()
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	h := with(t, g, accounts.Options{
		BaseURL: srv.URL + "/base", HTTP: srv.Client(),
		Logger: slog.New(slog.NewJSONHandler(&heard, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	hear := func(vs ...any) {
		for _, v := range vs {
			fmt.Fprintf(&heard, "%v %+v %#v\n", v, v, v)
			b, _ := json.Marshal(v)
			heard.Write(b)
		}
	}
	ctx := t.Context()
	candidate := accounts.Candidate{API: store.Instagram, AppID: "1", AppSecret: redact.Secret(planted[4]),
		Token: redact.Secret(planted[0])}
	hear(candidate)
	_, err := h.Add(ctx, candidate)
	hear(err) // not known yet
	g.break_("me", reply{400, `{"error":{"message":"no such token ` + planted[0] + `","code":190}}`})
	_, err = h.Add(ctx, candidate)
	hear(err) // echoed by the other side
	g.break_("me", reply{})
	g.issue(planted[0], alice)
	g.issue(planted[1], alice)
	g.issue(planted[2], bob)
	acc, err := h.Add(ctx, candidate)
	require.NoError(t, err)
	hear(acc)
	_, err = h.Reconnect(ctx, acc.ID, redact.Secret(planted[2]))
	require.Error(t, err)
	hear(err)
	acc, err = h.Reconnect(ctx, acc.ID, redact.Secret(planted[1]))
	require.NoError(t, err)
	hear(acc)

	g.fresh = func(string) string { return planted[3] }
	old := func() {
		h.edit(t, acc.ID, func(a *store.Account) { a.TokenAt = time.Now().Add(-72 * time.Hour) })
		g.mu.Lock()
		g.tokens[planted[1]].at = time.Now().Add(-72 * time.Hour)
		g.mu.Unlock()
	}
	old()
	g.break_("refresh", reply{400, `{"error":{"message":"bad ` + url.QueryEscape(planted[1]) + `","code":190}}`})
	hear(h.RefreshDue(ctx))
	g.break_("refresh", reply{})
	g.break_("me", down)
	h.edit(t, acc.ID, func(a *store.Account) { a.Refresh.NextAt = time.Time{} })
	hear(h.RefreshDue(ctx), h.account(t, acc.ID))
	g.break_("me", reply{})
	hear(h.RefreshDue(ctx))
	require.Equal(t, planted[3], h.token(t, acc.ID))
	client, err := h.Client(ctx, acc.ID)
	require.NoError(t, err)
	hear(client, h.Accounts, h.Check(ctx, acc.ID))

	// Nobody listens any more: errors of the network name the address they were for.
	srv.Close()
	old()
	hear(h.RefreshDue(ctx), h.Check(ctx, acc.ID), h.account(t, acc.ID))
	_, err = h.QuotaNow(ctx, acc.ID)
	hear(err)
	_, err = h.Add(ctx, candidate)
	hear(err)
	events, err := h.store.Events(ctx, 1000)
	require.NoError(t, err)
	hear(events)

	said := heard.Bytes()
	require.Contains(t, string(said), "token refreshed", "the log was heard")
	places := map[string][]byte{"what was said": said}
	require.NoError(t, filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "secret.key" {
			return err
		}
		places[d.Name()], err = os.ReadFile(path)
		return err
	}))
	require.Contains(t, places, "postern.db")
	require.Contains(t, places, "postern.db-wal")
	for _, secret := range planted {
		for form, text := range map[string]string{
			"plain": secret, "quoted for a URL": url.QueryEscape(secret), "hex": hex.EncodeToString([]byte(secret)),
			"base64":     base64.StdEncoding.EncodeToString([]byte(secret)),
			"as numbers": fmt.Sprintf("%d", []byte(secret)),
		} {
			for place, content := range places {
				require.False(t, bytes.Contains(content, []byte(text)), "%s, %s, is in %s", secret, form, place)
			}
		}
	}
}

// buffer is a bytes.Buffer for several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.b.Bytes())
}
