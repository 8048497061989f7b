package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// The output of the decoder process is: magic, form, subsampling, width and height, then the planes without gaps.
const (
	convertMagic = "POSTERN1"
	convertHead  = len(convertMagic) + 2 + 4 + 4

	formRGBA byte = iota
	formNRGBA
	formGray
	formYCbCr
)

var errConvert = errors.New("media: invalid output of the decoder process")

// ConvertMain is the main function of the separate decoder process. It decodes one AVIF or HEIC picture, or a JPEG of
// a form that image/jpeg does not decode, from stdin, and writes its pixels to stdout in a format that only [Library]
// reads. [Limits].Convert starts it, so that a hostile picture can exhaust or crash only that process. The error is
// one line.
func ConvertMain(stdin io.Reader, stdout io.Writer) error {
	b, err := io.ReadAll(stdin)
	if err != nil {
		return fmt.Errorf("reading the picture: %w", err)
	}
	k := sniff(b[:min(len(b), sniffLen)])
	if !k.heavy() && k != kindJPEG {
		return errors.New(words.ConvertNeither)
	}
	m, err := decodeSeparately(k, b)
	if err != nil {
		return fmt.Errorf("decoding %s: %w", k, err)
	}
	return writePlanes(stdout, m)
}

// writePlanes writes the pixels of a picture for readPlanes.
func writePlanes(w io.Writer, m image.Image) error {
	size := m.Bounds().Size()
	head := append(make([]byte, 0, convertHead), convertMagic...)
	var planes []plane
	switch m := m.(type) {
	case *image.YCbCr:
		cw, ch := chromaSize(m.SubsampleRatio, size.X, size.Y)
		head = append(head, formYCbCr, byte(m.SubsampleRatio))
		planes = []plane{{m.Y, m.YStride, 1, size.X, size.Y}, {m.Cb, m.CStride, 1, cw, ch},
			{m.Cr, m.CStride, 1, cw, ch}}
	case *image.Gray:
		head = append(head, formGray, 0)
		planes = []plane{{m.Pix, m.Stride, 1, size.X, size.Y}}
	case *image.NRGBA:
		head = append(head, formNRGBA, 0)
		planes = []plane{{m.Pix, m.Stride, 1, 4 * size.X, size.Y}}
	default:
		d := toRGBA(m)
		head = append(head, formRGBA, 0)
		planes = []plane{{d.Pix, d.Stride, 1, 4 * size.X, size.Y}}
	}
	head = binary.BigEndian.AppendUint32(head, uint32(size.X))
	head = binary.BigEndian.AppendUint32(head, uint32(size.Y))
	buf := bufio.NewWriterSize(w, 1<<20)
	_, _ = buf.Write(head)
	for _, p := range planes {
		for y := range p.h {
			_, _ = buf.Write(p.pix[y*p.stride:][:p.w])
		}
	}
	return buf.Flush()
}

// readPlanes reads the output of writePlanes. It allocates memory for at most maxPixels, even if the header is wrong.
func readPlanes(r io.Reader, maxPixels int) (image.Image, error) {
	head := make([]byte, convertHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n := len(convertMagic)
	w, h := uint64(be.Uint32(head[n+2:])), uint64(be.Uint32(head[n+6:]))
	if string(head[:n]) != convertMagic || w == 0 || h == 0 || w*h > uint64(maxPixels) {
		return nil, errConvert
	}
	rect := image.Rect(0, 0, int(w), int(h))
	var m image.Image
	var planes [][]byte
	switch head[n] {
	case formRGBA:
		d := image.NewRGBA(rect)
		m, planes = d, [][]byte{d.Pix}
	case formNRGBA:
		d := image.NewNRGBA(rect)
		m, planes = d, [][]byte{d.Pix}
	case formGray:
		d := image.NewGray(rect)
		m, planes = d, [][]byte{d.Pix}
	case formYCbCr:
		if head[n+1] > byte(image.YCbCrSubsampleRatio410) {
			return nil, errConvert
		}
		d := image.NewYCbCr(rect, image.YCbCrSubsampleRatio(head[n+1]))
		m, planes = d, [][]byte{d.Y, d.Cb, d.Cr}
	default:
		return nil, errConvert
	}
	for _, p := range planes {
		if _, err := io.ReadFull(r, p); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// errNoMemory reports that decoding reached the memory limit.
var errNoMemory = errors.New("media: needs more memory than is allowed")

// decodeSeparately decodes the kinds that the decoder process is for.
func decodeSeparately(k kind, b []byte) (image.Image, error) {
	if k == kindJPEG {
		return decodeRare(b)
	}
	return decodeHeavy(k, b)
}

// convert decodes a picture in the decoder process, or in this process if Limits.Convert is empty.
func (l *Library) convert(ctx context.Context, k kind, b []byte) (image.Image, error) {
	if len(l.lim.Convert) == 0 {
		return decodeSeparately(k, b)
	}
	ctx, cancel := context.WithTimeout(ctx, l.lim.ConvertTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.lim.Convert[0], l.lim.Convert[1:]...)
	// The process inherits no environment. Go's collector stays below the memory limit while it can.
	cmd.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", l.lim.ConvertMemory*3/4), "GOMAXPROCS=1"}
	defer ownGroup(cmd)()
	cmd.WaitDelay = 5 * time.Second
	stderr := &stderrHead{}
	cmd.Stderr = stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, decoderFault(err, reason.New(reason.MediaDecoderUnstarted))
	}
	// The process reads all of its input before it decodes. Therefore the limit is set in time.
	limitErr := limitMemory(cmd.Process.Pid, l.lim.ConvertMemory)
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if limitErr == nil {
			_, _ = io.Copy(in, bytes.NewReader(b)) // a process that stops reading reports the reason itself
		}
		_ = in.Close()
	}()
	m, err := readPlanes(bufio.NewReaderSize(out, 1<<20), l.lim.MaxPixels)
	if errors.Is(err, errConvert) {
		cancel()
	}
	killed := ctx.Err()
	// Discard output after the picture, but do not wait for more than 1 KiB of it.
	_, _ = io.Copy(io.Discard, io.LimitReader(out, 1<<10))
	waitErr := cmd.Wait()
	<-fed
	switch {
	case limitErr != nil:
		return nil, decoderFault(limitErr, reason.New(reason.MediaDecoderUnbounded))
	case err == nil && waitErr == nil:
		return m, nil
	case strings.Contains(stderr.String(), "out of memory") || strings.Contains(stderr.String(), "cannot allocate"):
		return nil, errNoMemory
	case errors.Is(killed, context.DeadlineExceeded):
		return nil, fmt.Errorf("converting took longer than %s: %w", l.lim.ConvertTimeout, context.DeadlineExceeded)
	}
	// Postern did not kill it, so usually the system ran out of memory.
	if killed == nil && strings.Contains(fmt.Sprint(waitErr), "signal: killed") {
		return nil, decoderFault(waitErr, reason.New(reason.MediaDecoderKilled))
	}
	return nil, fmt.Errorf("converting: %w: %s", errors.Join(err, waitErr), stderr.String())
}

func decoderFault(cause error, why reason.Reason) *Error {
	return processFault("media.image.too-large", cause, why)
}

// stderrHead keeps the first 4 KiB of a process's stderr, which with Go's panics contain the cause.
type stderrHead struct{ b bytes.Buffer }

func (t *stderrHead) Write(p []byte) (int, error) {
	if room := 4<<10 - t.b.Len(); room > 0 {
		t.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *stderrHead) String() string { return strings.TrimSpace(t.b.String()) }
