package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/config"
	"postern/draft"
)

// Bad input gets one clear line and loses nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>A page</title><p>Hello")
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<?xml version="1.0"?><rss version="2.0"><channel>`)
		for range 40 << 10 {
			if _, err := w.Write(bytes.Repeat([]byte("<item/>"), 1<<10)); err != nil {
				return
			}
		}
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	for address, says := range map[string]string{
		site.URL + "/page": "feed", site.URL + "/none": "404", site.URL + "/gone": "410",
		secure.URL + "/page":  "certificate",
		site.URL + "/endless": "larger", "http://192.168.255.1/feed": "network.allow", "ftp://example.org/feed": "http",
	} {
		r := w.run("feed", "add", address)
		w.fails(r)
		require.Contains(t, strings.ToLower(r.stderr), says, address)
	}
	require.Equal(t, "[]\n", w.must(w.run("feed", "list", "--json")).stdout, "none of them was kept")

	w.fails(w.post("IGwrong\n", "account", "add", "--access-token-file", "-"), "token")
	w.fails(w.post(worldToken, "account", "add", "--access-token-file", "-", "--user-id", "17841499999999999"),
		"this token belongs to @harbour")
	w.fails(w.post("\n", "account", "add", "--access-token-file", "-"), "empty")
	require.Equal(t, "[]\n", w.must(w.run("account", "list", "--json")).stdout)
}

func TestBadPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, err := os.ReadFile(w.config)
	require.NoError(t, err)
	configure := func(text string) { require.NoError(t, os.WriteFile(w.config, []byte(text), 0o600)) }

	configure(string(good) + "publish.sette = \"3m\"\n")
	w.fails(w.run("serve"), "there is no key publish.sette; did you mean publish.settle?")

	file := filepath.Join(w.dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	configure(strings.Replace(string(good), filepath.Join(w.dir, "data"), filepath.Join(file, "data"), 1))
	w.fails(w.run("serve"), "the data directory", "cannot be written", "set data_dir")
	if os.Getuid() != 0 { // nothing is unwritable for root
		closed := filepath.Join(w.dir, "closed")
		require.NoError(t, os.Mkdir(closed, 0o500))
		configure(strings.Replace(string(good), filepath.Join(w.dir, "data"), closed, 1))
		w.fails(w.run("serve"), "cannot be written (permission denied)")
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	configure(strings.Replace(string(good), "127.0.0.1:0", l.Addr().String(), 1))
	w.fails(w.run("serve"), "port in use", l.Addr().String(), "set web.listen (POSTERN_WEB_LISTEN)")

	configure(string(good))
	w.must(w.run("token", "add", "--label", "first"))
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "postern.db")+"?_pragma=busy_timeout(60000)")
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (9999, 1, '2030-01-01')`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	w.fails(w.run("serve"), "written by a newer version")
	w.fails(w.run("publications"), "written by a newer version")
}

// A word where a number belongs is answered with the command that shows the numbers.
func TestNamesInsteadOfNumbers(t *testing.T) {
	t.Parallel()
	for command, list := range map[string]string{
		"account pause Play": "`postern account list`", "account check Play": "`postern account list`",
		"account set Play":    "`postern account list`",
		"account remove Play": "`postern account list`", "feed pause Blog": "`postern feed list`",
		"feed check Blog":    "`postern feed list`",
		"feed remove Blog":   "`postern feed list`",
		"feed route Blog 1":  "`postern feed list` and `postern account list`",
		"feed route 1 Play":  "`postern account list`",
		"token remove build": "`postern token list`", "notify remove mail": "`postern notify list`",
		"webhook test Play":   "`postern account list`",
		"webhook resend pier": "`postern publications`",
	} {
		var errs bytes.Buffer
		in := &invocation{ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: &errs}
		require.Equal(t, exitUsage, run(strings.Fields(command), in), command)
		require.Contains(t, errs.String(), "must be a number, not", command)
		require.Contains(t, errs.String(), list, command)
		require.Equal(t, 1, strings.Count(errs.String(), "\n"), command)
	}
	var errs bytes.Buffer
	in := &invocation{ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: &errs}
	require.Equal(t, exitUsage, run([]string{"demo", "--seed", "x"}, in))
	require.Contains(t, errs.String(), "See `postern demo --help`", "a flag is explained by the help")
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	settings := draft.SettingNames()
	for word, want := range map[string]string{
		"quiet_hour": "quiet_hours", "quiethours": "quiet_hours", "cooldown": "cool_down", "hastags": "hashtags",
		"min_pictres": "min_pictures", "aprove": "approve",
	} {
		require.Equal(t, want, config.Closest(word, settings), word)
	}
	for _, word := range []string{"", "x", "colour", "weather", "quiet_hours_of_the_night"} {
		require.Empty(t, config.Closest(word, settings), word)
	}
	require.Equal(t, "web.listen",
		config.Closest("metrics.lisen", []string{"web.listen", "web.base_url"}),
		"the last part elsewhere")
	for word, command := range map[string]string{"list": "publications", "queue": "publications",
		"status": "publications", "feeds": "feed list"} {
		var errs bytes.Buffer
		in := &invocation{ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: &errs}
		require.Equal(t, exitUsage, run([]string{word}, in))
		require.Equal(t, "postern: there is no command "+word+". Did you mean `postern "+command+"`?\n", errs.String())
	}
}
