package media

import (
	"fmt"
	"math"
	"time"
)

// track is the metadata of one track.
type track struct {
	video                   *Video // receives the metadata
	box                     box
	handler                 string // "vide", "soun"
	codec                   string
	aac                     bool
	width, height, rotation int
	stretch                 float64
	chroma                  string
	depth, transfer         int
	interlaced              bool
	prefix                  int // size of the length field of a NAL unit, in bytes; 0 if not stated
	rate, channels          int

	scale    uint32
	declared uint64 // duration, in units of 1/scale s
	samples  uint64
	total    uint64 // sum of the samples' durations, in units of 1/scale s
	bytes    uint64
	longest  time.Duration
	open     bool

	edits      int
	edit       edit // the last one
	stts, stss []byte
	ctts, stsz []byte // only of picture tracks, to find groups of pictures
	stsc, stco []byte
	wide       bool // stco is co64
}

// edit is an entry of an edit list (8.6.6).
type edit struct {
	length uint64 // in the time scale of the movie
	start  int64  // in the time scale of the track; -1: empty edit
	rate   uint32 // 16.16
}

func (t *track) read(w *walker, b box, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: boxes nested too deep", errMP4)
	}
	return w.each(b.off, b.end, func(b box) error {
		switch b.kind {
		case "mdia", "minf", "stbl", "edts":
			return t.read(w, b, depth+1)
		case "udta", "meta", "uuid":
			return t.video.findLocation(w, b)
		case "stps": // QuickTime's list of pictures that start an open group
			t.open = true
			return nil
		case "stts", "stss", "stsz", "ctts", "stsc", "stco", "co64":
			// Only duration and size of sound are needed.
			if t.handler == "soun" && b.kind != "stts" && b.kind != "stsz" {
				return nil
			}
			p, err := w.table(b)
			if err != nil {
				return err
			}
			t.tables(b.kind, p)
			return nil
		case "tkhd", "hdlr", "stsd", "mdhd", "elst", "sgpd":
			p, err := w.head(b, maxHead)
			if err != nil {
				return err
			}
			t.heads(b.kind, p)
		}
		return nil
	})
}

func (t *track) heads(kind string, p []byte) {
	switch kind {
	case "tkhd":
		t.rotation = rotation(p)
	case "hdlr":
		if len(p) >= 12 && t.handler == "" { // QuickTime has a second one, for the data
			t.handler = string(p[8:12])
		}
	case "mdhd":
		t.scale, t.declared = lengthOf(p)
	case "stsd":
		t.entry(p)
	case "sgpd":
		t.open = t.open || len(p) >= 8 && string(p[4:8]) == "rap "
	case "elst":
		size := 12
		if len(p) > 0 && p[0] == 1 {
			size = 20
		}
		if len(p) < 8 {
			return
		}
		n := int(be.Uint32(p[4:]))
		for i := 0; i < n && 8+(i+1)*size <= len(p); i++ {
			e := p[8+i*size:]
			t.edits++
			if size == 20 {
				t.edit = edit{be.Uint64(e), int64(be.Uint64(e[8:])), be.Uint32(e[16:])}
			} else {
				t.edit = edit{uint64(be.Uint32(e)), int64(int32(be.Uint32(e[4:]))), be.Uint32(e[8:])}
			}
		}
	}
}

func (t *track) tables(kind string, p []byte) {
	switch kind {
	case "stts":
		t.stts = p
	case "stss":
		t.stss = p
	case "ctts":
		t.ctts = p
	case "stsc":
		t.stsc = p
	case "stco", "co64":
		t.stco, t.wide = p, kind == "co64"
	case "stsz":
		t.stsz = p
		if len(p) < 12 {
			return
		}
		if s := be.Uint32(p[4:]); s != 0 {
			t.bytes = uint64(s) * uint64(be.Uint32(p[8:]))
			return
		}
		t.bytes = 0
		for i := 12; i+4 <= len(p); i += 4 {
			t.bytes += uint64(be.Uint32(p[i:]))
		}
	}
}

// edited reports whether the edit list does more than correct the usual delay of an encoder.
func (t *track) edited(movieScale uint32) bool {
	switch {
	case t.edits == 0:
		return false
	case t.edits > 1, t.edit.start < 0, t.edit.rate != 1<<16:
		return true
	case t.scale > 0 && ticks(uint64(t.edit.start), t.scale) > usualDelay:
		return true
	}
	shown, whole := ticks(t.edit.length, movieScale), ticks(t.declared, t.scale)
	// A length of 0 means the rest of the track in fragmented files.
	return t.edit.length > 0 && whole > 0 && shown < whole-2*usualDelay
}

func (t *track) length() time.Duration { return ticks(t.total, t.scale) }

// timing computes the number and total duration of samples from the time table (8.6.1.2), and the longest group of
// pictures from the table of sync samples (8.6.2).
func (t *track) timing() {
	sync := 8
	var last uint64
	gap := func(at uint64) {
		if at > last {
			t.longest = max(t.longest, ticks(at-last, t.scale))
		}
		last = at
	}
	n := uint64(0)
	for i := 8; i+8 <= len(t.stts); i += 8 {
		c, d := uint64(be.Uint32(t.stts[i:])), uint64(be.Uint32(t.stts[i+4:]))
		for sync+4 <= len(t.stss) {
			k := uint64(be.Uint32(t.stss[sync:])) // counted from 1
			if k > n+c {
				break
			}
			if k > n {
				gap(t.total + (k-n-1)*d)
			}
			sync += 4
		}
		if n += c; t.total > math.MaxUint64/2-c*d {
			return
		}
		t.total += c * d
	}
	if len(t.stss) > 0 {
		gap(t.total)
	}
	t.samples = n
}

// entry reads the first sample entry (8.5.2, 12.1.3, 12.2.3).
func (t *track) entry(p []byte) {
	if len(p) < 16 {
		return
	}
	size := int(be.Uint32(p[8:]))
	e := p[8:]
	if size >= 8 && size < len(e) {
		e = e[:size]
	}
	t.codec = string(e[4:8])
	switch t.handler {
	case "soun":
		if len(e) < 36 {
			return
		}
		t.channels, t.rate = int(be.Uint16(e[24:])), int(be.Uint32(e[32:])>>16)
		at := 36
		switch be.Uint16(e[16:]) { // QuickTime's versions 1 and 2 are longer
		case 1:
			at += 16
		case 2:
			at += 36
			if len(e) >= 52 {
				t.rate = int(math.Float64frombits(be.Uint64(e[40:])))
				t.channels = int(be.Uint32(e[48:]))
			}
		}
		t.sound(e[min(at, len(e)):], 0)
	default:
		if len(e) < 36 {
			return
		}
		t.width, t.height = int(be.Uint16(e[32:])), int(be.Uint16(e[34:]))
		if len(e) >= 86 {
			t.coding(e[86:])
		}
	}
}

// sub calls f with each box in memory.
func sub(p []byte, f func(kind string, p []byte)) {
	for len(p) >= 8 {
		n := int(be.Uint32(p))
		if n < 8 || n > len(p) {
			return
		}
		f(string(p[4:8]), p[8:n])
		p = p[n:]
	}
}

// sound reads the decoder's configuration, because the sample entry is wrong for newer kinds of AAC.
func (t *track) sound(p []byte, depth int) {
	sub(p, func(kind string, p []byte) {
		switch {
		case kind == "wave" && depth == 0:
			t.sound(p, 1)
		case kind == "esds" && len(p) > 4:
			t.decoder(p[4:])
		}
	})
}

// decoder reads an ES descriptor (ISO/IEC 14496-1, 7.2.6.5). The sample entry always states 2 channels and cannot
// state more than 65535 Hz. The decoder's configuration has the correct values.
func (t *track) decoder(p []byte) {
	for len(p) >= 2 {
		tag := p[0]
		n, i := 0, 1
		for more := true; more && i < len(p) && i <= 4; i++ {
			n, more = n<<7|int(p[i]&0x7f), p[i]&0x80 != 0
		}
		p = p[i:]
		switch tag {
		case 3: // ES_Descriptor: id, flags, then nested descriptors
			if len(p) < 3 {
				return
			}
			flags := p[2]
			p = p[3:]
			if flags&0x80 != 0 {
				p = p[min(2, len(p)):]
			}
			if flags&0x40 != 0 && len(p) > 0 {
				p = p[min(1+int(p[0]), len(p)):]
			}
			if flags&0x20 != 0 {
				p = p[min(2, len(p)):]
			}
		case 4: // DecoderConfigDescriptor: object type, 12 more bytes, then nested descriptors
			if len(p) < 13 {
				return
			}
			t.aac = p[0] == 0x40 || p[0] >= 0x66 && p[0] <= 0x68 // AAC and MPEG-2 AAC; MP3 is 0x69 and 0x6b
			p = p[13:]
		case 5:
			if t.aac {
				t.settings(p[:min(n, len(p))])
			}
			return
		default:
			p = p[min(n, len(p)):]
		}
	}
}

var aacRates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// settings reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
func (t *track) settings(p []byte) {
	b := &bits{p: p}
	bits := b.take
	rate := func() int {
		i := bits(4)
		switch {
		case i == 15:
			return bits(24)
		case i < len(aacRates):
			return aacRates[i]
		}
		return 0
	}
	object := bits(5)
	if object == 31 {
		bits(6)
	}
	r, channels := rate(), bits(4)
	if object == 5 || object == 29 { // HE-AAC: the decoded sound has a higher rate
		r = rate()
	}
	if b.overrun() {
		return
	}
	if r > 0 {
		t.rate = r
	}
	switch {
	case channels == 7:
		t.channels = 8
	case channels > 0 && channels < 7:
		t.channels = channels
	}
	if object == 29 && channels == 1 {
		t.channels = 2 // parametric stereo
	}
}

// rotation reads the matrix of a track header (8.3.2), in steps of 90°.
func rotation(p []byte) int {
	o := 40
	if len(p) > 0 && p[0] == 1 {
		o = 52 // has 64-bit times
	}
	if len(p) < o+36 {
		return 0
	}
	a, b := float64(int32(be.Uint32(p[o:]))), float64(int32(be.Uint32(p[o+4:])))
	quarter := int(math.Round(math.Atan2(b, a) / (math.Pi / 2)))
	return (quarter + 4) % 4 * 90
}
