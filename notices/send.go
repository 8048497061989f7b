package notices

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"postern/redact"
	"postern/words"
)

// errand is what the sending process is given.
type errand struct {
	Address string  `json:"address"`
	Message Message `json:"message"`
}

// Through returns a Send that runs command as a process of its own for each message, with SendMain in it: the
// library knows no deadline and keeps its HTTP clients in package variables, and what hangs there must end with
// its message.
func Through(command ...string) func(ctx context.Context, address redact.Secret, m Message) error {
	return func(ctx context.Context, address redact.Secret, m Message) error {
		in, err := json.Marshal(errand{address.Reveal(), m})
		if err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = inherited(os.Environ())
		var out bytes.Buffer
		cmd.Stdin, cmd.Stdout = bytes.NewReader(in), &out
		cmd.WaitDelay = 5 * time.Second
		err = cmd.Run()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &exit) && out.Len() > 0:
			return errors.New(strings.TrimSpace(out.String()))
		case errors.As(err, &exit):
			return errors.New(words.SenderSilent)
		}
		return fmt.Errorf("starting the sending process: %w", err)
	}
}

// inherited is what of the environment the sending process needs: where to look names and certificates up, and
// which proxy to use. Nothing of ours, which may hold secrets.
func inherited(environ []string) (out []string) {
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		switch strings.ToUpper(name) {
		case "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "PATH", "HOME", "SYSTEMROOT",
			"GODEBUG", "LOCALDOMAIN", "RES_OPTIONS":
			out = append(out, e)
		}
	}
	return out
}

// SendMain is the sending process: one errand comes in, and what went wrong goes out.
func SendMain(in io.Reader, out io.Writer) error {
	var e errand
	err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&e)
	if err != nil {
		return errors.New(words.SenderNoMessage)
	}
	// A redirect would take the address's secrets, or the message, to somewhere that the owner did not name. The
	// library's services use these two, or are told one by one in send.
	http.DefaultTransport = noRedirect{http.DefaultTransport}
	http.DefaultClient = &http.Client{CheckRedirect: refuse, Timeout: sendTime}
	if err := send(e.Address, e.Message); err != nil {
		_, _ = io.WriteString(out, err.Error())
		return errNotSent
	}
	return nil
}

// errNotSent is said by the sending process for a reason that it wrote out.
var errNotSent = errors.New("not sent")

// send hands a message to the library's service.
func send(address string, m Message) (err error) {
	defer func() {
		if r := recover(); r != nil { // the owner's address may be one that the library did not expect
			err = errors.New(words.TargetUnusable(fmt.Sprint(r)))
		}
	}()
	r, err := router.New(log.New(io.Discard, "", 0))
	if err != nil {
		return err
	}
	s, err := r.Locate(address)
	if err != nil {
		return fmt.Errorf("the address cannot be used: %w", err)
	}
	switch s := s.(type) {
	case *ntfy.Service:
		t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			InsecureSkipVerify: s.Config.DisableTLSVerification, //nolint:gosec // the owner said so in the address
		}}
		s.SetHTTPClient(&http.Client{Transport: t, CheckRedirect: refuse, Timeout: sendTime})
	case interface{ GetHTTPClient() *http.Client }:
		if c := s.GetHTTPClient(); c != nil {
			c.CheckRedirect = refuse
		}
	}
	service, _, _ := strings.Cut(s.GetID(), "+")
	params := types.Params{}
	if services[strings.ToLower(service)] {
		params.SetTitle(m.Title)
	} else {
		m.Text = m.Title + ": " + m.Text
	}
	return s.Send(m.Text, &params)
}

var errRedirect = errors.New(words.TargetRedirects)

func refuse(*http.Request, []*http.Request) error { return errRedirect }

// noRedirect makes a redirect an error.
type noRedirect struct{ next http.RoundTripper }

func (n noRedirect) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := n.next.RoundTrip(r)
	if err == nil && res.StatusCode >= 300 && res.StatusCode < 400 && res.Header.Get("Location") != "" {
		_ = res.Body.Close()
		return nil, errRedirect
	}
	return res, err
}
