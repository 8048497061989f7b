package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"net/url"
	"runtime/debug"
	"time"

	"postern/reason"
	"postern/words"
)

// Prepare downloads a picture, repairs what the rules require and stores the result. A JPEG within the rules is
// copied byte for byte. If it carries private metadata, only the metadata is removed. Every other picture is
// re-encoded.
//
// Errors are *[Error]. Preparing the same source by the same rules again produces the same file.
func (l *Library) Prepare(ctx context.Context, src *url.URL, r Rules) (File, error) {
	t, k, err := l.fetch(ctx, src, l.wantImage())
	if err != nil {
		return File{}, err
	}
	defer t.discard()
	f, err := l.image(ctx, t, k, src, r)
	if e, ok := errors.AsType[*Error](err); ok && e.Rule == "media.image.broken" {
		e.Seen = t.version
	}
	return f, err
}

// PrepareBytes is like [Library.Prepare] for a picture in memory. src is recorded as its origin.
func (l *Library) PrepareBytes(ctx context.Context, body []byte, src *url.URL, r Rules) (File, error) {
	t, k, err := l.receive(bytes.NewReader(body), src, l.wantImage())
	if err != nil {
		return File{}, err
	}
	defer t.discard()
	return l.image(ctx, t, k, src, r)
}

// image decodes, repairs and stores a downloaded picture.
func (l *Library) image(ctx context.Context, t *temp, k kind, src *url.URL, r Rules) (File, error) {
	where := displayURL(src)
	cfg, rare, err := l.measure(t, k, where)
	if err != nil {
		return File{}, err
	}
	apart := k.heavy() || rare
	release, err := l.admit(ctx, t, k, cfg, apart, src)
	if err != nil {
		return File{}, err
	}
	defer release()
	began := time.Now()
	defer func() { l.lim.OnDecode(cfg.Width*cfg.Height, time.Since(began)) }()

	if err := t.rewind(); err != nil {
		return File{}, diskFault(err, "reading")
	}
	// Allocate the exact size: a growing buffer would cause a garbage collection at each step, next to the decoder's
	// own large buffer.
	body := make([]byte, t.bytes, t.bytes+2) // with room for an end marker
	if _, err := io.ReadFull(t.f, body); err != nil {
		return File{}, diskFault(err, "reading")
	}
	p, err := open(k, rare, body, cfg, r, l.lim.DecodeMemory, func(body []byte, half bool) (image.Image, error) {
		if apart {
			began := time.Now()
			m, err := l.convert(ctx, k, body)
			l.lim.OnConvert("picture", time.Since(began), err)
			return m, err
		}
		return decode(k, body, cfg, half)
	})
	var disk *Error
	switch {
	case errors.As(err, &disk):
		return File{}, disk
	case err != nil && ctx.Err() != nil:
		return File{}, networkFault(ctx.Err(), src)
	case err != nil:
		return File{}, brokenImage(err, k, where)
	}
	p.where = where
	return l.finish(t, p, src, r)
}

// measure returns the size of a picture, or an error if the picture will not be decoded. rare reports that it is a
// JPEG of a form that image/jpeg does not decode.
func (l *Library) measure(t *temp, k kind, where string) (cfg image.Config, rare bool, err error) {
	if err := t.rewind(); err != nil {
		return cfg, false, diskFault(err, "reading")
	}
	cfg, err = dimensions(k, t.f)
	if rare = rareJPEG(k, err); rare {
		cfg, err = rareDimensions(t.f)
	}
	switch pixels := cfg.Width * cfg.Height; {
	case err != nil:
		return cfg, rare, brokenImage(err, k, where)
	case cfg.Width < 1 || cfg.Height < 1:
		return cfg, rare, fault("media.image.too-small", nil, reason.New(reason.MediaNoPixels, where))
	case pixels > l.lim.MaxPixels || pixels/cfg.Width != cfg.Height:
		return cfg, rare, fault("media.image.too-many-pixels", nil,
			reason.New(reason.MediaTooManyPixels, where, cfg.Width, cfg.Height, l.lim.MaxPixels/1_000_000))
	}
	return cfg, rare, nil
}

// admit waits for the memory that decoding a picture needs. The caller must call release afterwards.
func (l *Library) admit(ctx context.Context, t *temp, k kind, cfg image.Config, apart bool,
	src *url.URL) (release func(), err error) {
	if apart { // one at a time, and before it reserves memory, so that it blocks no others while it waits
		if err := l.converts.Acquire(ctx, 1); err != nil {
			return nil, networkFault(err, src)
		}
	}
	free := func() {
		if apart {
			l.converts.Release(1)
		}
	}
	if err := t.rewind(); err != nil {
		free()
		return nil, diskFault(err, "reading")
	}
	weight := weigh(k, t, cfg)
	// First come, first served, so that small pictures do not overtake a large one.
	if err := l.decodes.Acquire(ctx, weight); err != nil {
		free()
		return nil, networkFault(err, src)
	}
	return func() {
		if weight > decodeRoom/decodeMost {
			// Otherwise the next large picture is decoded while this one's memory is still held, which doubles the
			// total.
			debug.FreeOSMemory()
		}
		l.decodes.Release(weight)
		free()
	}, nil
}

// finish repairs a decoded picture and stores the result. If there is nothing to repair, it stores the original file.
func (l *Library) finish(t *temp, p *picture, src *url.URL, r Rules) (File, error) {
	f, out, err := p.repair(r)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return File{}, e
		}
		return File{}, fault("media.image.broken", err, reason.New(reason.MediaUnencodable, p.where))
	}
	f.Ext, f.ContentType, f.SourceURL, f.Rules = "jpg", "image/jpeg", src.String(), r.Name
	f.OwnWidth, f.OwnHeight, f.Source = p.w, p.h, t.version.SHA256
	f.Film = f.Animated && p.kind == kindGIF && l.ffmpeg != ""
	if f.Animated && p.kind == kindGIF && l.ffmpeg == "" {
		advice := words.RepairNeedsFFmpeg
		if l.lim.FFmpeg == NoFFmpeg {
			advice = words.RepairNeedsFFmpegOn
		}
		f.Repairs = append(f.Repairs, Repair{"media.image.animation", advice})
	}
	if out == nil {
		f.Bytes = t.bytes
		f.SHA256, err = l.keep(t, f.Ext)
	} else {
		f.Bytes = int64(len(out))
		f.SHA256, err = l.keepBytes(out, f.Ext)
	}
	if err != nil {
		return File{}, err
	}
	return f, nil
}

// picture is a decoded source.
type picture struct {
	meta
	kind       kind
	body       []byte
	jpeg       jpegFile    // segments of a JPEG
	noEnd      bool        // a JPEG without an end marker
	rare       bool        // a JPEG of a form that image/jpeg does not decode
	img        image.Image // opaque; oriented as stored
	w, h       int         // size when upright
	space      string      // "CMYK" or ""
	where      string      // its URL without secrets
	grey       bool        // stored with a single colour channel
	filled     bool        // transparent parts were filled
	profile    *profile    // profile to convert from; nil for sRGB or an unreadable profile
	badProfile bool        // there is a profile, but it is unreadable
}

// open decodes the whole picture to detect truncation, even if its bytes could be copied. It refuses a picture whose
// decoding would need more than memory bytes.
func open(k kind, rare bool, body []byte, cfg image.Config, r Rules, memory int64,
	decode func(body []byte, half bool) (image.Image, error)) (*picture, error) {
	p := &picture{kind: k, rare: rare, body: body}
	if k == kindJPEG {
		var err error
		if p.jpeg, err = parseJPEG(body); errors.Is(err, errNoEnd) {
			p.noEnd, p.body = true, p.jpeg.withEndMarker(body)
			p.jpeg, err = parseJPEG(p.body)
		}
		if err != nil {
			return nil, err
		}
		if p.noEnd && rare { // the decoder for rare forms does not detect truncation
			return nil, errNoEnd
		}
		p.meta = p.jpeg.meta
	} else {
		p.meta = readMeta(k, body)
	}
	if decodeMemory(k, bytes.NewReader(body), p.jpeg, cfg) > memory {
		return nil, errNoMemory
	}
	half := k == kindJPEG && halves(cfg, p.orientation, r)
	img, err := decode(p.jpeg.withAdobeSegment(p.body), half)
	switch {
	case err != nil && p.noEnd:
		return nil, errNoEnd
	case err != nil:
		return nil, err
	}
	if k.heavy() { // the decoder has already applied the rotation
		cfg.Width, cfg.Height = img.Bounds().Dx(), img.Bounds().Dy()
	}
	if _, ok := img.(*image.CMYK); ok {
		p.space = "CMYK"
	}
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		p.grey = true
	}
	const pngGrey, pngAlpha = 0, 4 // colour types; with alpha, grey is decoded as RGB
	p.grey = p.grey || k == kindPNG && len(body) > 25 && body[25]&^pngAlpha == pngGrey
	p.readProfile()
	if p.profile != nil {
		if n := withAlpha(img); n != nil {
			// The background is sRGB, so convert the picture before blending both.
			p.profile.toSRGB(&image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect})
			img, p.profile = n, &profile{name: p.profile.name, done: true}
		}
	}
	size := image.Pt(cfg.Width, cfg.Height)
	if half && img.Bounds().Size() == size.Div(2) {
		size = size.Div(2)
	}
	p.img, p.filled = flatten(img, size, r.background())
	p.w, p.h = orientedSize(cfg.Width, cfg.Height, p.orientation)
	return p, nil
}

// halves reports whether half of the stored width and height is enough for the result that the rules require.
func halves(cfg image.Config, orientation int, r Rules) bool {
	w, h := orientedSize(cfg.Width, cfg.Height, orientation)
	plan := Fit(w, h, r)
	return w%2 == 0 && h%2 == 0 && 2*plan.Width <= w && 2*plan.Height <= h
}

// readProfile sets the colour profile from which the picture must be converted.
func (p *picture) readProfile() {
	if p.space == "CMYK" {
		return
	}
	p.profile = p.declared
	if len(p.icc) == 0 {
		return
	}
	prof, err := parseProfile(p.icc)
	switch {
	case err != nil, prof.grey && !p.grey:
		p.badProfile = p.declared == nil
	case prof.isSRGB():
		p.profile = nil
	default:
		p.profile = prof
	}
}

// render returns the picture scaled, converted, turned upright and padded as planned.
func (p *picture) render(plan Plan, r Rules) image.Image {
	if m, ok := p.img.(*image.YCbCr); ok && m.Rect.Min == (image.Point{}) && p.profile == nil && p.orientation < 2 &&
		!plan.Padded() && !plan.Cropped() {
		return resizePlanes(m, plan.Width, plan.Height)
	}
	w, h := orientedSize(plan.Width, plan.Height, p.orientation)
	// The part to keep is in the middle, in every orientation.
	vw, vh := orientedSize(min(plan.Width, plan.CanvasWidth), min(plan.Height, plan.CanvasHeight), p.orientation)
	at := image.Pt((w-vw)/2, (h-vh)/2)
	m := resize(p.img, w, h, image.Rectangle{at, at.Add(image.Pt(vw, vh))})
	if p.profile != nil && !p.profile.done {
		p.profile.toSRGB(m)
		if m == p.img { // nothing was scaled, so this converted the source itself
			p.profile.done = true
		}
	}
	return pad(upright(m, p.orientation), plan, r)
}
