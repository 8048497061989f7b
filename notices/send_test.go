package notices_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/notices"
	"postern/redact"
)

// sender sends as the program does: in a process of its own.
func sender(t *testing.T) func(address string) error {
	exe, err := os.Executable()
	require.NoError(t, err)
	send := notices.Through(exe, "tell")
	return func(address string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return send(ctx, redact.Secret(address), notices.Message{Title: "Postern", Text: "Harbour needs reconnecting."})
	}
}

// got is what a server was sent.
type got struct {
	mu   sync.Mutex
	all  []string
	code int
	to   string // where it redirects
}

func (g *got) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, fmt.Sprintf("%s %s %q %s", r.Method, r.URL.Path, r.Header.Get("Title"), b))
	if g.to != "" {
		http.Redirect(w, r, g.to, http.StatusTemporaryRedirect)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if g.code != 0 {
		w.WriteHeader(g.code)
	}
	_, _ = io.WriteString(w, `{"id":"1","ok":true}`)
}

func (g *got) messages() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.all, "\n")
}

func TestSendToServers(t *testing.T) {
	t.Parallel()
	send := sender(t)
	for name, c := range map[string]struct{ address, path, want string }{
		"ntfy": {"ntfy://HOST/my-topic-7?scheme=http", "/my-topic-7", "Harbour needs reconnecting."},
		"webhook": {"generic://HOST/hook/key-1234?disabletls=yes", "/hook/key-1234",
			"Harbour needs reconnecting."},
		"webhook by URL":  {"generic+http://HOST/hook/key-1234", "/hook/key-1234", "Harbour needs reconnecting."},
		"webhook in JSON": {"generic+http://HOST/hook/key-1234?template=json", "/hook/key-1234", `"title":"Postern"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &got{}
			srv := httptest.NewServer(g)
			defer srv.Close()
			host := strings.TrimPrefix(srv.URL, "http://")
			address := strings.ReplaceAll(c.address, "HOST", host)
			_, err := notices.Label(redact.Secret(address))
			require.NoError(t, err)
			require.NoError(t, send(address))
			require.Contains(t, g.messages(), c.path)
			require.Contains(t, g.messages(), c.want)

			g.code = http.StatusServiceUnavailable
			require.Error(t, send(address))
		})
	}
}

// A server that leads elsewhere is not followed: the address of the first holds secrets, and nobody named the second.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	send := sender(t)
	for _, address := range []string{"ntfy://HOST/my-topic-7?scheme=http", "generic+http://HOST/hook/key-1234",
		"gotify://HOST/AbCdEfGhIjKlMnO?disabletls=yes"} {
		other := &got{}
		elsewhere := httptest.NewServer(other)
		g := &got{to: elsewhere.URL + "/taken"}
		srv := httptest.NewServer(g)
		err := send(strings.ReplaceAll(address, "HOST", strings.TrimPrefix(srv.URL, "http://")))
		require.ErrorContains(t, err, "redirect", address)
		require.NotEmpty(t, g.messages(), address)
		require.Empty(t, other.messages(), address)
		srv.Close()
		elsewhere.Close()
	}
}

// A server that takes the connection and says nothing must not hold anything up for longer than a message may take.
func TestAServerThatSaysNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	exe, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err = notices.Through(exe, "tell")(ctx,
		redact.Secret("smtp://"+l.Addr().String()+"/?from=a@example.org&to=b@example.org"),
		notices.Message{Title: "Postern", Text: "x"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSendMail(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	mail := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		mail <- smtpServer(c)
	}()
	q := url.Values{"from": {"postern@example.org"}, "to": {"me@example.org"}, "auth": {"none"}}
	require.NoError(t, sender(t)("smtp://"+l.Addr().String()+"/?"+q.Encode()))
	got := <-mail
	require.Contains(t, got, "RCPT TO:<me@example.org>")
	require.Contains(t, got, "Subject: Postern\r\n")
	require.Contains(t, got, "Harbour needs reconnecting.")
}

// smtpServer takes one mail and returns everything that was said to it.
func smtpServer(c net.Conn) string {
	var all strings.Builder
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 here\r\n")
	data := false
	for {
		line, err := r.ReadString('\n')
		all.WriteString(line)
		switch {
		case err != nil:
			return all.String()
		case data:
			if data = line != ".\r\n"; !data {
				fmt.Fprint(c, "250 kept\r\n")
			}
		case strings.HasPrefix(line, "DATA"):
			data = true
			fmt.Fprint(c, "354 go on\r\n")
		case strings.HasPrefix(line, "QUIT"):
			fmt.Fprint(c, "221 bye\r\n")
			return all.String()
		default:
			fmt.Fprint(c, "250 well\r\n")
		}
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ntfy://ntfy.sh/topic":                                              "ntfy at ntfy.sh",
		"smtp://u:p@mail.example.org:587/?from=a@b.c&to=d@e.f":              "smtp at mail.example.org",
		"telegram://123:abc@telegram?chats=1":                               "telegram",
		"slack://hook:AAAAAAAAA-BBBBBBBBB-CCCCCCCCCCCCCCCCCCCCCCCC@webhook": "slack",
		"pushover://shoutrrr:APIKEY@USERKEY":                                "pushover",
		"matrix://u:p@matrix.example.org:443/":                              "matrix at matrix.example.org",
		"generic+https://example.org/hook/secret":                           "generic at example.org",
		"discord://TOKENxyz@123":                                            "discord",
	} {
		got, err := notices.Label(redact.Secret(address))
		require.NoError(t, err, address)
		require.Equal(t, want, got)
	}
	for address, want := range map[string]string{
		"":                                    "this is not a notification target",
		"hello secret-9":                      "this is not a notification target",
		"logger://":                           "does not know this service",
		"https://x.example.org/secret-9":      "generic+https://",
		"mattermost://h.example.org/secret-9": "generic+https://HOST/hooks",
		"smtp://mail.example.org/?from=secret-9@b.c": "the mail address is missing",
		"ntfy://ntfy.sh/secret-9\nBcc: x":            "this is not a notification target",
		"ntfy://":                                    "one for ntfy as ntfy://ntfy.sh/TOPIC",
		"ntfy://secret-9.example.org/":               "a part of this target is missing or wrong",
		"ntfy://ntfy.sh/topic?priority=secret-9":     "one for ntfy as",
		"ntfy://ntfy.sh/topic?secret-9=1":            "one for ntfy as",
		"telegram://secret-9@telegram":               "telegram://TOKEN@telegram?chats=CHAT",
		"slack://hook:secret-9@webhook":              "slack://hook:KEY@webhook",
		"smtp://u:secret-9@":                         "one for smtp as",
		"smtp://u:secret-9@h.example.org/?to=a@b.c":  "one for smtp as",
		"matrix://": "for matrix", "matrix://secret-9.example.org": "for matrix",
		"gotify://secret-9.example.org/": "gotify://HOST/TOKEN",
		"generic+https://":               "generic+https://HOST/PATH",
		"generic://?key=secret-9":        "generic+https://HOST/PATH",
		"opsgenie://":                    "as https://shoutrrr.nickfedor.com/ shows",
		"discord://secret-9":             "for discord",
	} {
		_, err := notices.Label(redact.Secret(address))
		require.ErrorContains(t, err, want, address)
		require.NotContains(t, err.Error(), "secret-9")
	}
}

// The library logs in to Matrix when it reads an address; only what sends may do so.
func TestLabelAsksNobody(t *testing.T) {
	t.Parallel()
	g := &got{}
	srv := httptest.NewServer(g)
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	label, err := notices.Label(redact.Secret("matrix://ada:p@" + host + "/?disabletls=yes"))
	require.NoError(t, err)
	require.Equal(t, "matrix at 127.0.0.1", label)
	require.Empty(t, g.messages())
	require.Error(t, sender(t)("matrix://ada:p@"+host+"/?disabletls=yes"))
	require.NotEmpty(t, g.messages(), "the trap works")
}
