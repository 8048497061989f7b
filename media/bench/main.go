//go:build unix

// Command bench compares the conversion of 12 megapixel pictures to a width of 1440 pixels with vipsthumbnail and
// ImageMagick, on the same files in the same run. It measures processor time (user and system, median of seven
// alternating runs), memory, and the similarity to the result of vips. compare.sh runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"postern/media"
)

const runs = 7

func main() {
	var err error
	switch args := append(os.Args[1:], "", "", ""); args[0] {
	case "":
		err = compare()
	case "one":
		err = one(args[1], args[2])
	case "sources":
		err = sources(args[1])
	case "psnr":
		err = psnr(args[1], args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// one converts a file like the daemon does.
func one(in, out string) error {
	body, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := media.NewLibrary(dir, http.DefaultClient, media.Limits{})
	if err != nil {
		return err
	}
	r := media.Rules{Name: "feed", MinRatio: 0.8, MaxRatio: 1.91, MinWidth: 320, MaxWidth: 1440, MaxBytes: 8 << 20}
	f, err := l.PrepareBytes(context.Background(), body, &url.URL{Scheme: "https", Host: "example.org"}, r)
	if err != nil {
		return err
	}
	p, err := l.Path(f.Name())
	if err != nil {
		return err
	}
	return os.Rename(p, out)
}

type tool struct {
	name string
	args func(in, out string) []string
}

type cost struct {
	cpu time.Duration
	rss int64 // bytes
}

// allTools returns the programs to compare. self is the path of this program.
func allTools(self string) []tool {
	return []tool{
		{"postern", func(in, out string) []string { return []string{self, "one", in, out} }},
		{"vips", func(in, out string) []string {
			return []string{"vipsthumbnail", "-s", "1440x", "-o", out + "[Q=90]", in}
		}},
		{"ImageMagick", func(in, out string) []string {
			return []string{"convert", in, "-resize", "1440x", "-quality", "90", out}
		}},
	}
}

func compare() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tools := allTools(self)
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Keep this process small: the kernel attributes the memory of a process to the child it starts.
	if _, err := run(self, "sources", dir); err != nil {
		return err
	}
	fmt.Printf("%-14s %10s %10s %10s   %s\n", "4000×3000", "postern", "vips", "ImageMagick",
		"user+sys in ms, median of 7 alternating runs; resident MiB")
	exceeded := false
	for _, form := range []struct {
		file              string
		vips, magick, rss float64 // limits: multiples of the other tools' time, and MiB
	}{
		{"baseline.jpg", 1, 1, 64}, {"progressive.jpg", 1.3, 1, 128}, {"picture.png", 1.96, 1.3, 128},
		{"picture.webp", 2.45, 1.3, 128},
	} {
		costs := make([][]cost, len(tools))
		for range runs {
			for i, t := range tools {
				c, err := measure(t.args(filepath.Join(dir, form.file), filepath.Join(dir, t.name+".jpg")))
				if err != nil {
					return err
				}
				costs[i] = append(costs[i], c)
			}
		}
		m := [3]cost{median(costs[0]), median(costs[1]), median(costs[2])}
		output, err := run(self, "psnr", filepath.Join(dir, "postern.jpg"), filepath.Join(dir, "vips.jpg"))
		if err != nil {
			return err
		}
		db, err := strconv.ParseFloat(output, 64)
		if err != nil {
			return err
		}
		byVips, byMagick := ratio(m[0], m[1]), ratio(m[0], m[2])
		rss := float64(m[0].rss) / (1 << 20)
		verdict := "ok"
		if byVips > form.vips || byMagick > form.magick || rss > form.rss || db < 38 {
			verdict, exceeded = "EXCEEDED", true
		}
		fmt.Printf("%-14s %4d (%3d) %4d (%3d) %4d (%3d)    %.2f× vips, %.2f× ImageMagick, %.1f dB to vips: %s\n",
			form.file,
			m[0].cpu.Milliseconds(), m[0].rss>>20, m[1].cpu.Milliseconds(), m[1].rss>>20, m[2].cpu.Milliseconds(),
			m[2].rss>>20, byVips, byMagick, db, verdict)
	}
	if exceeded {
		return errors.New("a limit was exceeded")
	}
	return nil
}

func ratio(a, b cost) float64 { return float64(a.cpu) / float64(b.cpu) }

func measure(args []string) (cost, error) {
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // run by hand
	if output, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("%v: %w: %s", args, err, output)
	}
	s := cmd.ProcessState
	c := cost{cpu: s.UserTime() + s.SystemTime()}
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		c.rss = int64(u.Maxrss) << 10 //nolint:unconvert // 32 bits on some machines
	}
	return c, nil
}

// run returns the output of a program.
func run(args ...string) (string, error) {
	output, err := exec.Command(args[0], args[1:]...).CombinedOutput() //nolint:noctx // run by hand
	if err != nil {
		return "", fmt.Errorf("%v: %w: %s", args, err, output)
	}
	return strings.TrimSpace(string(output)), nil
}

// median returns the median of the processor times with the maximum of the memory.
func median(c []cost) cost {
	slices.SortFunc(c, func(a, b cost) int { return int(a.cpu - b.cpu) })
	m := c[len(c)/2]
	for _, o := range c {
		m.rss = max(m.rss, o.rss)
	}
	return m
}

// sources writes one picture in four formats. It has soft shapes, some edges, and noise like a camera's.
func sources(dir string) error {
	const w, h = 4000, 3000
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/w, float64(y)/h
			v := 128 + 60*math.Sin(9*fx+3*math.Sin(7*fy)) + 40*math.Cos(23*fy*fx)
			if (x/311+y/257)%5 == 0 {
				v += 25
			}
			noise := float64(rnd.IntN(13)) - 6
			p := m.Pix[m.PixOffset(x, y):][:4]
			p[0] = clamp(v + 30*math.Sin(5*fy) + noise)
			p[1] = clamp(v + noise)
			p[2] = clamp(v - 40*math.Cos(4*fx) + noise)
			p[3] = 255
		}
	}
	if err := write(filepath.Join(dir, "picture.png"),
		func(f io.Writer) error { return png.Encode(f, m) }); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "baseline.jpg"),
		func(f io.Writer) error { return jpeg.Encode(f, m, &jpeg.Options{Quality: 90}) }); err != nil {
		return err
	}
	in := filepath.Join(dir, "picture.png")
	for _, args := range [][]string{
		{"convert", in, "-interlace", "Plane", "-sampling-factor", "2x2", "-quality", "90",
			filepath.Join(dir, "progressive.jpg")},
		{"vipsthumbnail", "-s", "4000x", "-o", filepath.Join(dir, "picture.webp") + "[Q=85]", in},
	} {
		if _, err := run(args...); err != nil {
			return err
		}
	}
	return nil
}

func clamp(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

func write(name string, encode func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(encode(f), f.Close())
}

// psnr prints the peak signal-to-noise ratio of two JPEG files, in decibels.
func psnr(a, b string) error {
	var m [2]image.Image
	for i, name := range [2]string{a, b} {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		m[i], err = jpeg.Decode(f)
		f.Close()
		if err != nil {
			return err
		}
	}
	if m[0].Bounds() != m[1].Bounds() {
		return fmt.Errorf("sizes differ: %v and %v", m[0].Bounds(), m[1].Bounds())
	}
	var sum float64
	s := m[0].Bounds().Size()
	for y := range s.Y {
		for x := range s.X {
			r, g, b, _ := m[0].At(x, y).RGBA()
			u, v, w, _ := m[1].At(x, y).RGBA()
			for _, d := range [3]float64{float64(r>>8) - float64(u>>8), float64(g>>8) - float64(v>>8),
				float64(b>>8) - float64(w>>8)} {
				sum += d * d
			}
		}
	}
	_, err := fmt.Println(10 * math.Log10(255*255*3*float64(s.X*s.Y)/max(sum, 1e-9)))
	return err
}
