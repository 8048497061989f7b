package webhook_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/redact"
	"postern/webhook"
)

// The receivers of docs/give-back.md do what the document says, with the interpreters that are there.
func TestReceiversOfTheGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/give-back.md")
	require.NoError(t, err)
	for language, tc := range map[string]struct {
		file    string
		command []string
	}{
		"python": {"receiver.py", []string{"python3", "receiver.py"}},
		"js":     {"receiver.mjs", []string{"node", "receiver.mjs"}},
		"go":     {"receiver.go", nil},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			code := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)\n```\n").FindSubmatch(guide)
			require.NotNil(t, code)
			address := doors.Port(t)
			_, port, _ := strings.Cut(address, ":")
			dir := t.TempDir()
			text := strings.ReplaceAll(string(code[1]), "8099", port)
			require.NotEqual(t, string(code[1]), text)
			require.NoError(t, os.WriteFile(filepath.Join(dir, tc.file), []byte(text), 0o600))
			// Instead of a build: a file that grows.
			require.NoError(t, os.WriteFile(filepath.Join(dir, "make"),
				[]byte("#!/bin/sh\necho \"$1\" >> "+filepath.Join(dir, "built")+"\n"),
				0o700)) //nolint:gosec // it has to run
			if tc.command == nil {
				tc.command = []string{filepath.Join(dir, "receiver")}
				out, err := exec.CommandContext(t.Context(), "go", "build", "-o", tc.command[0],
					filepath.Join(dir, tc.file)).CombinedOutput()
				require.NoError(t, err, "%s", out)
			}
			if _, err := exec.LookPath(tc.command[0]); err != nil {
				t.Skip(tc.command[0] + " is not installed")
			}
			const secret = redact.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
			ctx, cancel := context.WithCancel(context.Background())
			cmd := exec.CommandContext(ctx, tc.command[0], tc.command[1:]...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "WEBHOOK_SECRET="+secret.Reveal(),
				"PATH="+dir+":"+os.Getenv("PATH"))
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { cancel(); _ = cmd.Wait() })

			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			post := func(body, signedBody string, at time.Time) int {
				signature, err := webhook.Sign(secret, "msg_1", at, []byte(signedBody))
				require.NoError(t, err)
				var res *http.Response
				require.Eventually(t, func() bool { // it may not listen yet
					r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/hook",
						strings.NewReader(body))
					require.NoError(t, err)
					r.Header.Set("webhook-id", "msg_1")
					r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
					r.Header.Set("webhook-signature", signature)
					res, err = client.Do(r)
					return err == nil
				}, time.Minute, 50*time.Millisecond)
				res.Body.Close()
				return res.StatusCode
			}
			now := time.Now()
			require.Equal(t, 204, post(`{"event":"test"}`, `{"event":"test"}`, now))
			require.Equal(t, 401, post(`{"event":"published"}`, `{"event":"test"}`, now), "another body")
			require.Equal(t, 401, post(`{"event":"published"}`, `{"event":"published"}`, now.Add(-time.Hour)),
				"an old one")
			res, err := client.Post("http://"+address+"/hook", "application/json",
				strings.NewReader(`{"event":"published"}`))
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, 401, res.StatusCode, "not signed")
			require.NoFileExists(t, filepath.Join(dir, "built"))
			require.Equal(t, 204, post(`{"event":"published"}`, `{"event":"published"}`, now))
			require.Eventually(t, func() bool {
				b, _ := os.ReadFile(filepath.Join(dir, "built"))
				return string(b) == "site\n"
			}, time.Minute, 50*time.Millisecond)
		})
	}
}
