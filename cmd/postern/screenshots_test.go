package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestScreenshots makes the pictures of the README from the demo, when it is told where to put them: `make
// screenshots`.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("POSTERN_SCREENSHOTS")
	if dir == "" {
		t.Skip("left out: makes pictures for the README (`make screenshots`)")
	}
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	var demo struct{ Pages string }
	require.NoError(t, json.NewDecoder(bufio.NewReader(out)).Decode(&demo))

	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.DisableGPU, chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	time.Sleep(40 * time.Second) // the demo publishes its posts meanwhile
	for _, page := range []struct{ name, path string }{{"home", "/"}, {"posts", "/posts"},
		{"publication", "/publications/2"}, {"accounts", "/accounts"}, {"activity", "/activity"}} {
		for _, look := range []struct {
			name, scheme  string
			width, height int64
		}{{"wide-light", "light", 1200, 800}, {"wide-dark", "dark", 1200, 800}, {"phone-light", "light", 390, 844},
			{"phone-dark", "dark", 390, 844}} {
			_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride,
				emulation.SetDeviceMetricsOverrideParams{Width: look.width, Height: look.height, DeviceScaleFactor: 1,
					Mobile: look.width < 600})
			require.NoError(t, err)
			_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia,
				emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
			require.NoError(t, err)
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(demo.Pages[:len(demo.Pages)-1]+page.path),
				chromedp.WaitVisible("main")))
			time.Sleep(2 * time.Second) // pictures are drawn when they are asked for
			shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			require.NoError(t, small(filepath.Join(dir, page.name+"-"+look.name+".jpg"), shot))
		}
	}
}

// small writes a picture in a form in which photographs take little room.
func small(path string, shot []byte) error {
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(jpeg.Encode(f, m, &jpeg.Options{Quality: 84}), f.Close())
}
