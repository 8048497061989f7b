package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Video is what an MP4 or MOV file states about itself. Nothing is decoded.
type Video struct {
	Brand         string        // brand of the file, "isom" or "qt  "; "" in old QuickTime files
	Bytes         int64         // size of the file
	Duration      time.Duration // 0 if not stated, as in many fragmented files
	Codec         string        // sample entry of the first picture track: "avc1", "hvc1", "vp09"; "" without one
	Width, Height int           // as coded, before rotation; 0 if not stated
	Rotation      int           // clockwise: 0, 90, 180, 270
	Stretch       float64       // width of a pixel divided by its height, before rotation; 0 if square or not stated
	FPS           float64       // mean; 0 if not stated
	Bitrate       float64       // of the picture track, in bits per second; 0 if not stated
	Chroma        string        // "4:2:0", "4:2:2", "4:4:4" or "4:0:0"; "" if not stated
	Depth         int           // bits per sample; 0 if not stated
	LongestGOP    time.Duration // longest time between two frames that can be decoded independently; 0 if all can
	OpenGOP       bool          // frames displayed before such a frame depend on it, as far as the file states it
	Reordered     bool          // frames are not coded in display order
	Interlaced    bool          // frames consist of two fields, or may do so
	Transfer      int           // transfer characteristics, ITU-T H.273: 16 is PQ, 18 is HLG; 0 if not stated

	AudioCodec string // sample entry of the first sound track: "mp4a"; "" without sound
	AudioAAC   bool   // "mp4a" may also contain MP3
	SampleRate int
	Channels   int
	SoundRate  float64 // in bits per second; 0 if not stated

	VideoTracks, AudioTracks int
	MoovFirst                bool // the index precedes the media data ("faststart")
	Fragmented               bool // the index is spread over the file
	// EditLists is the number of tracks that an edit list cuts, delays or speeds up. The usual delay of a few frames
	// does not count.
	EditLists int
	Location  bool // the file contains a GPS location
	// DataTracks is the number of tracks that are neither picture, sound nor time code. Action cameras and drones
	// record their GPS position in them.
	DataTracks int

	hide []box // pieces that must be removed for privacy
}

// Shown returns the size as shown, upright, in square pixels.
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

// box is a box of an ISO media file (ISO/IEC 14496-12, 4.2).
type box struct {
	kind     string
	off, end int64 // of its contents
	name     int64 // offset of its type; 0 for a piece of the file that is not a box
}

const (
	maxBoxes  = 20000    // in total; limits the work for a hostile file
	maxDepth  = 8        // trak/mdia/minf/stbl has depth 4
	maxTable  = 16 << 20 // of one sample table; an hour of video needs about 2 MB
	maxTables = 64 << 20 // of all sample tables
	maxHead   = 4 << 10  // of the short boxes
	maxMeta   = 1 << 20  // of metadata, in which only the location is searched
	maxExif   = 4        // Exif blocks in one metadata box

	// usualDelay is the delay that does not count as an edit: encoders delay the first picture or sound by some
	// frames and declare it in an edit list with one entry.
	usualDelay = 250 * time.Millisecond
)

// walker iterates over boxes and counts those of all levels.
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
		case 0: // extends to the end
			size = end - off
		case 1: // 64-bit size
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

// table reads a whole sample table, within limits, because a hostile file may declare any size.
func (w *walker) table(b box) ([]byte, error) {
	n := b.end - b.off
	if w.tables += n; n > maxTable || w.tables > maxTables {
		return nil, fmt.Errorf("%w: %s has %d bytes", errMP4, b.kind, n)
	}
	return w.head(b, maxTable)
}

// ProbeVideo reads what a file of size bytes states about itself. It returns an error for a file without an index, or
// one that ends inside a box: such a file is truncated and cannot be played. The returned Video then contains what
// was read before.
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

// places are the names under which cameras store the location: QuickTime user data, 3GPP, Apple's metadata keys, XMP,
// Sony's XML.
var places = []string{"\xa9xyz", "loci", "quicktime.location", "GPSLatitude", "GPSCoordinates", "ExifGPS"}

// findLocation notes a metadata box that contains a location.
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
	case "gps ": // of dashboard cameras: an index of the locations in the file
		found = true
	case "free", "skip": // they may contain these locations
		found = string(p) == "GPS "
	default:
		for _, s := range places {
			found = found || bytes.Contains(p, []byte(s))
		}
		// The metadata may contain a picture with Exif, or an Exif block alone.
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

// lengthOf reads time scale and duration, which mvhd and mdhd contain at the same offsets (8.2.2, 8.4.2).
func lengthOf(p []byte) (scale uint32, d uint64) {
	switch {
	case len(p) >= 32 && p[0] == 1:
		return be.Uint32(p[20:]), be.Uint64(p[24:])
	case len(p) >= 20:
		d := uint64(be.Uint32(p[16:]))
		if d == math.MaxUint32 { // unknown
			d = 0
		}
		return be.Uint32(p[12:]), d
	}
	return 0, 0
}

// ticks returns a duration, 0 if the scale is not stated, and at most a year.
func ticks(n uint64, scale uint32) time.Duration {
	if scale == 0 {
		return 0
	}
	const year = 365 * 24 * 3600
	return time.Duration(min(float64(n)/float64(scale), year) * float64(time.Second))
}
