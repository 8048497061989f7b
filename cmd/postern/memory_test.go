//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// twelveMegapixels are soft shapes with a camera's noise.
func twelveMegapixels() *image.RGBA {
	const w, h = 4000, 3000
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(m.Pix); i += 4 {
		x, y := i/4%w, i/4/w
		n := uint8(rnd.Uint32() & 7)
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = uint8(x>>4)+n, uint8(y>>4)+n, uint8((x+y)>>5)+n, 255
	}
	return m
}

// inForms are that picture as the program may meet it. The ones that Go cannot write are left out where the tools
// are not installed.
func inForms(t *testing.T) map[string][]byte {
	t.Helper()
	m := twelveMegapixels()
	var jpg, lossless bytes.Buffer
	require.NoError(t, jpeg.Encode(&jpg, m, &jpeg.Options{Quality: 90}))
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&lossless, m))
	dir := t.TempDir()
	in := filepath.Join(dir, "in.jpg")
	require.NoError(t, os.WriteFile(in, jpg.Bytes(), 0o600))
	forms := map[string][]byte{"baseline.jpg": jpg.Bytes(), "lossless.png": lossless.Bytes()}
	for name, command := range map[string][]string{
		"lossy.webp":      {"ffmpeg", "-v", "error", "-nostdin", "-i", in, "-c:v", "libwebp", "-quality", "85"},
		"progressive.jpg": {"/usr/bin/convert", in, "-interlace", "Plane"},
		"still.avif": {"ffmpeg", "-v", "error", "-nostdin", "-i", in, "-frames:v", "1", "-c:v", "libaom-av1",
			"-still-picture", "1", "-cpu-used", "8", "-crf", "20", "-pix_fmt", "yuv420p"},
		"still.mp4": {"ffmpeg", "-v", "error", "-nostdin", "-i", in, "-frames:v", "1", "-c:v", "libx265",
			"-preset", "ultrafast", "-crf", "12", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p",
			"-tag:v", "hvc1"},
	} {
		out := filepath.Join(dir, name)
		if said, err := exec.CommandContext(t.Context(), command[0],
			append(command[1:], out)...).CombinedOutput(); err != nil {
			t.Logf("LEFT OUT: %s: %v %.200s", name, err, said)
			continue
		}
		b, err := os.ReadFile(out)
		require.NoError(t, err)
		forms[name] = b
	}
	if film := forms["still.mp4"]; film != nil {
		forms["still.heic"] = heicOf(t, film, m.Rect.Size())
	}
	return forms
}

// heicOf makes a picture of a film of one frame, which is coded alike (ISO/IEC 23008-12).
func heicOf(t *testing.T, film []byte, size image.Point) []byte {
	t.Helper()
	// inside finds the first box of a kind, wherever it is.
	inside := func(kind string) []byte {
		at := bytes.Index(film, []byte(kind))
		require.Greater(t, at, 3, kind)
		n := int(binary.BigEndian.Uint32(film[at-4:]))
		return film[at+4 : at-4+n]
	}
	box := func(kind string, contents ...[]byte) []byte {
		all := bytes.Join(contents, nil)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(all))), kind...), all...)
	}
	number := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	zero, frame := make([]byte, 4), inside("mdat")
	head := box("ftyp", []byte("heic"), zero, []byte("mif1heic"))
	meta := func(at int) []byte {
		return box("meta", zero,
			box("hdlr", zero, zero, []byte("pict"), make([]byte, 13)),
			box("pitm", zero, []byte{0, 1}),
			// Version 0, offsets and lengths of four bytes, one item in one piece.
			box("iloc", zero, []byte{0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1}, number(at), number(len(frame))),
			box("iinf", zero, []byte{0, 1}, box("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte("hvc1\x00"))),
			box("iprp", box("ipco", box("hvcC", inside("hvcC")), box("ispe", zero, number(size.X), number(size.Y))),
				box("ipma", zero, number(1), []byte{0, 1, 2, 0x81, 2})))
	}
	at := len(head) + len(meta(0)) + 8
	return bytes.Join([][]byte{head, meta(at), box("mdat", frame)}, nil)
}

// peakMiB is the most that a process has had in memory, as the kernel counts.
func peakMiB(t *testing.T, pid int) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			require.NoError(t, err)
			return float64(kb) / 1024
		}
	}
	t.Fatal("the kernel does not say")
	return 0
}

// The whole running daemon, with database, pages, poller and publisher, while it publishes one picture of 12 megapixels
// and, in one case, somebody logs in. The figures are in docs/performance.md.
func TestResidentMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes and converts large pictures")
	}
	forms := inForms(t)
	for _, c := range []struct {
		name  string
		login bool
		most  float64 // MiB
		child float64 // of the process that converts; 0: there is none
	}{
		{"baseline.jpg", false, 96, 0}, {"progressive.jpg", false, 256, 0}, {"lossless.png", false, 256, 0},
		{"lossy.webp", false, 256, 0}, {"baseline.jpg", true, 96, 0},
		{"still.avif", false, 256, 1536}, {"still.heic", false, 256, 1536},
	} {
		body, ok := forms[c.name]
		if !ok {
			continue
		}
		site := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
		w := mediaWorld(t, site, []string{c.name})
		const password = "a long enough password"
		if c.login {
			w.must(w.post(password+"\n", "password"))
			w.must(w.run("hold", "1"))
		}
		s := startServe(t, w.binary, w.dir, w.config)
		if c.login {
			w.logIn(password)
			w.must(w.run("publish", "1"))
		}
		require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, time.Minute, 50*time.Millisecond, s.log)
		peak := peakMiB(t, s.cmd.Process.Pid)
		require.NoError(t, s.cmd.Process.Signal(os.Interrupt))
		_ = s.cmd.Wait()
		list := w.publications(w.must(w.run("publications", "--json")))
		require.Equal(t, store.Published, list[0].State)
		t.Logf("%s (%.1f MB), login %v: peak %.0f MiB of %.0f", c.name, float64(len(body))/1e6, c.login, peak, c.most)
		require.LessOrEqual(t, peak, c.most, c.name)
		if c.child > 0 {
			// The kernel tells the most of the program and the processes it waited for: which is the converting one.
			largest := float64(s.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
			t.Logf("%s: the converting process: peak %.0f MiB of %.0f", c.name, largest, c.child)
			require.Greater(t, largest, peak, "it was converted elsewhere")
			require.LessOrEqual(t, largest, c.child, c.name)
		}
	}
}

// logIn does so as a browser does.
func (w *world) logIn(password string) {
	w.t.Helper()
	config, err := os.ReadFile(w.config)
	require.NoError(w.t, err)
	_, rest, _ := strings.Cut(string(config), `web.base_url = "`)
	base, _, _ := strings.Cut(rest, `"`)
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	c := &http.Client{Jar: jar}
	require.Eventually(w.t, func() bool {
		res, err := c.Get(base + "/login")
		if err != nil {
			return false
		}
		res.Body.Close()
		return true
	}, time.Minute, 50*time.Millisecond)
	res, err := c.PostForm(base+"/login", url.Values{"password": {password}})
	require.NoError(w.t, err)
	res.Body.Close()
	require.Equal(w.t, http.StatusOK, res.StatusCode)
	require.NotContains(w.t, res.Request.URL.Path, "login")
}
