package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Video is what an MP4 or MOV file says of itself. No picture is decoded.
type Video struct {
	Brand         string        // of the file, "isom", "qt  "; "" in old QuickTime files
	Bytes         int64         // of the file
	Duration      time.Duration // 0 when not said, as in many fragmented files
	Codec         string        // sample entry of the first picture track: "avc1", "hvc1", "vp09"; "" without one
	Width, Height int           // as coded, before rotation; 0 when not said
	Rotation      int           // clockwise: 0, 90, 180, 270
	Stretch       float64       // width of a pixel by its height, before rotation; 0 when it is square or not said
	FPS           float64       // mean; 0 when not said
	Bitrate       float64       // of the picture track, bits a second; 0 when not said
	Chroma        string        // "4:2:0", "4:2:2", "4:4:4", "4:0:0"; "" when not said
	Depth         int           // bits of a sample; 0 when not said
	LongestGOP    time.Duration // longest time between two pictures that can be decoded on their own; 0 when all can
	OpenGOP       bool          // some of those are needed by pictures shown before them, as far as the file says
	Reordered     bool          // pictures are coded in another order than they are shown in
	Interlaced    bool          // pictures are made of two fields, or may be
	Transfer      int           // how brightness is coded, by ITU-T H.273: 16 is PQ, 18 is HLG; 0 when not said

	AudioCodec string // sample entry of the first sound track: "mp4a"; "" without sound
	AudioAAC   bool   // "mp4a" holds MP3 as well
	SampleRate int
	Channels   int
	SoundRate  float64 // bits a second; 0 when not said

	VideoTracks, AudioTracks int
	MoovFirst                bool // the index stands before the media ("faststart")
	Fragmented               bool // the index is spread over the file
	// tracks that are cut, delayed or sped up by their edit list; the usual few frames of delay do not count
	EditLists int
	Location  bool // the file contains a GPS location
	// of neither pictures, sound nor time codes: action cameras and drones write the way they took there
	DataTracks int

	hide []box // what of these must not be handed on
}

// Shown is the size as shown, upright, in square pixels.
func (v Video) Shown() (w, h int) {
	w, h = v.Width, v.Height
	if v.Stretch > 0 {
		w = max(int(math.Round(float64(w)*v.Stretch)), 1)
	}
	if v.Rotation == 90 || v.Rotation == 270 {
		return h, w
	}
	return w, h
}

// HDR returns the HDR transfer function, "PQ" or "HLG", or "" for SDR.
func (v Video) HDR() string {
	switch v.Transfer {
	case 16:
		return "PQ"
	case 18:
		return "HLG"
	}
	return ""
}

var errMP4 = errors.New("mp4: damaged")

// box is a piece of an ISO media file (ISO/IEC 14496-12, 4.2).
type box struct {
	kind     string
	off, end int64 // of what is inside
	name     int64 // where the kind stands; 0: it is no box, only a piece of the file
}

const (
	maxBoxes  = 20000    // in all; bounds the work on a file made to be slow
	maxDepth  = 8        // trak/mdia/minf/stbl is 4
	maxTable  = 16 << 20 // of one sample table; an hour has some 2 MB
	maxTables = 64 << 20 // of all
	maxHead   = 4 << 10  // of the short boxes
	maxMeta   = 1 << 20  // of metadata, in which only the location is looked for
	maxExif   = 4        // blocks of Exif in one of these

	// Encoders delay the first picture or sound by some frames and say so in an edit list of one entry.
	usualDelay = 250 * time.Millisecond
)

// walker reads boxes with a count over all levels.
type walker struct {
	r      io.ReaderAt
	boxes  int
	tables int64
}

func (w *walker) each(off, end int64, f func(box) error) error {
	for off+8 <= end {
		if w.boxes++; w.boxes > maxBoxes {
			return fmt.Errorf("%w: too many boxes", errMP4)
		}
		var h [16]byte
		if _, err := w.r.ReadAt(h[:8], off); err != nil {
			return err
		}
		size, head := int64(be.Uint32(h[:])), int64(8)
		switch size {
		case 0: // to the end
			size = end - off
		case 1: // 64 bits
			if off+16 > end {
				return errMP4
			}
			if _, err := w.r.ReadAt(h[8:], off+8); err != nil {
				return err
			}
			size, head = int64(be.Uint64(h[8:])), 16
		}
		if size < head || size > end-off {
			return fmt.Errorf("%w: box %q at %d has %d bytes of %d", errMP4, h[4:8], off, size, end-off)
		}
		if err := f(box{string(h[4:8]), off + head, off + size, off + 4}); err != nil {
			return err
		}
		off += size
	}
	return nil
}

// head reads at most limit bytes of a box.
func (w *walker) head(b box, limit int64) ([]byte, error) {
	p := make([]byte, min(b.end-b.off, limit))
	_, err := w.r.ReadAt(p, b.off)
	return p, err
}

// table reads a whole sample table. Those of a hostile file may be larger than any film's.
func (w *walker) table(b box) ([]byte, error) {
	n := b.end - b.off
	if w.tables += n; n > maxTable || w.tables > maxTables {
		return nil, fmt.Errorf("%w: %s has %d bytes", errMP4, b.kind, n)
	}
	return w.head(b, maxTable)
}

// ProbeVideo reads what a file of size bytes says of itself. A file without an
// index, or that ends inside a box, is cut off and cannot be played: the error
// then is not nil, what was read before may be in the answer.
func ProbeVideo(r io.ReaderAt, size int64) (Video, error) {
	w := walker{r: r}
	v := Video{Bytes: size}
	seen, data := false, false
	err := w.each(0, size, func(b box) error {
		switch b.kind {
		case "ftyp":
			p, err := w.head(b, 4)
			if err != nil || len(p) < 4 || v.Brand != "" {
				return err
			}
			v.Brand = string(p)
		case "mdat":
			data = true
		case "moof":
			v.Fragmented = true
		case "udta", "meta", "uuid", "free", "skip":
			return v.findLocation(&w, b)
		case "moov":
			if seen {
				return nil
			}
			seen, v.MoovFirst = true, !data
			return v.movie(&w, b)
		}
		return nil
	})
	if err == nil && !seen {
		err = fmt.Errorf("%w: no moov box", errMP4)
	}
	return v, err
}

func (v *Video) movie(w *walker, moov box) error {
	var scale uint32
	var tracks []*track
	err := w.each(moov.off, moov.end, func(b box) error {
		switch b.kind {
		case "mvhd":
			p, err := w.head(b, maxHead)
			if err != nil {
				return err
			}
			var d uint64
			scale, d = lengthOf(p)
			v.Duration = ticks(d, scale)
		case "mvex":
			v.Fragmented = true
			return w.each(b.off, b.end, func(b box) error {
				if b.kind != "mehd" {
					return nil
				}
				p, err := w.head(b, maxHead)
				switch {
				case len(p) >= 12 && p[0] == 1:
					v.Duration = max(v.Duration, ticks(be.Uint64(p[4:]), scale))
				case len(p) >= 8:
					v.Duration = max(v.Duration, ticks(uint64(be.Uint32(p[4:])), scale))
				}
				return err
			})
		case "udta", "meta", "uuid", "free", "skip", "gps ":
			return v.findLocation(w, b)
		case "trak":
			t := &track{video: v, box: b}
			if err := t.read(w, b, 0); err != nil {
				return err
			}
			tracks = append(tracks, t)
		}
		return nil
	})
	for _, t := range tracks {
		v.add(w, t, scale)
	}
	return err
}

func (v *Video) add(w *walker, t *track, movieScale uint32) {
	t.timing()
	switch t.handler {
	case "vide":
		if v.VideoTracks++; v.VideoTracks > 1 {
			return
		}
		v.Codec, v.Width, v.Height, v.Rotation, v.Stretch = t.codec, t.width, t.height, t.rotation, t.stretch
		v.Chroma, v.Depth, v.Interlaced, v.Transfer = t.chroma, t.depth, t.interlaced, t.transfer
		v.Reordered = len(t.ctts) > 8
		t.groups(w)
		v.LongestGOP, v.OpenGOP = t.longest, t.open
		if length := t.length(); length > 0 {
			v.FPS = float64(t.samples) / length.Seconds()
			v.Bitrate = float64(t.bytes) * 8 / length.Seconds()
		}
		if v.Duration == 0 {
			v.Duration = t.length()
		}
	case "soun":
		if v.AudioTracks++; v.AudioTracks > 1 {
			return
		}
		v.AudioCodec, v.AudioAAC, v.SampleRate, v.Channels = t.codec, t.aac, t.rate, t.channels
		if length := t.length(); length > 0 {
			v.SoundRate = float64(t.bytes) * 8 / length.Seconds()
		}
	case "tmcd":
		return
	default:
		v.DataTracks++
		v.hide = append(append(v.hide, t.box), t.contents(v.Bytes)...)
		return
	}
	if t.edited(movieScale) {
		v.EditLists++
	}
}

// Where cameras write the place: QuickTime user data, 3GPP, Apple's metadata keys, XMP, Sony's XML.
var places = []string{"\xa9xyz", "loci", "quicktime.location", "GPSLatitude", "GPSCoordinates", "ExifGPS"}

func (v *Video) findLocation(w *walker, b box) error {
	most := int64(maxMeta)
	if b.kind == "free" || b.kind == "skip" {
		most = 4
	}
	p, err := w.head(b, most)
	if err != nil {
		return err
	}
	found := false
	switch b.kind {
	case "gps ": // of dashboard cameras: where in the file the places are
		found = true
	case "free", "skip": // there they are
		found = string(p) == "GPS "
	default:
		for _, s := range places {
			found = found || bytes.Contains(p, []byte(s))
		}
		// A picture beside the film, or its Exif block alone.
		rest := p
		for range maxExif {
			_, rest, _ = bytes.Cut(rest, []byte("Exif\x00\x00"))
			found = found || parseExif(rest).gps
		}
	}
	if found {
		v.Location = true
		v.hide = append(v.hide, b)
	}
	return nil
}

// lengthOf reads time scale and duration, which mvhd and mdhd have at the same place (8.2.2, 8.4.2).
func lengthOf(p []byte) (scale uint32, d uint64) {
	switch {
	case len(p) >= 32 && p[0] == 1:
		return be.Uint32(p[20:]), be.Uint64(p[24:])
	case len(p) >= 20:
		d := uint64(be.Uint32(p[16:]))
		if d == math.MaxUint32 { // "not known"
			d = 0
		}
		return be.Uint32(p[12:]), d
	}
	return 0, 0
}

// ticks is a length of time, 0 when it is not said, and never more than a year.
func ticks(n uint64, scale uint32) time.Duration {
	if scale == 0 {
		return 0
	}
	const year = 365 * 24 * 3600
	return time.Duration(min(float64(n)/float64(scale), year) * float64(time.Second))
}
