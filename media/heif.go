package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
)

// heif is the metadata of the primary picture of an AVIF or HEIC file (ISO/IEC 23008-12), without decoding.
type heif struct {
	meta
	w, h    int  // as stored, before rotation; 0 if not stated
	largest int  // pixels of the largest picture in the file, primary or not
	video   bool // luma is coded from 16 to 235 instead of 0 to 255
	matrix  int  // matrix coefficients, ITU-T H.273, table 4; 2 if not stated

	pitm  []byte // the box that names the primary item
	alpha uint32 // item with the primary picture's transparency; 0 for none
}

var errHEIF = errors.New("heif: damaged")

const (
	maxHEIFBoxes = 4096
	maxBeside    = 16 // auxiliary pictures of the primary one
)

// heifReader iterates over boxes in memory and counts those of all levels.
type heifReader struct{ boxes int }

func (r *heifReader) each(b []byte, f func(kind string, p []byte) error) error {
	for len(b) >= 8 {
		if r.boxes++; r.boxes > maxHEIFBoxes {
			return errHEIF
		}
		n, head := uint64(be.Uint32(b)), uint64(8)
		switch n {
		case 0:
			n = uint64(len(b))
		case 1:
			if len(b) < 16 {
				return errHEIF
			}
			n, head = be.Uint64(b[8:]), 16
		}
		if n < head {
			return errHEIF
		}
		end := min(n, uint64(len(b))) // b may be only the beginning of the file
		if err := f(string(b[4:8]), b[head:end]); err != nil {
			return err
		}
		b = b[end:]
	}
	return nil
}

// parseHEIF reads the "meta" box. b may be only the beginning of the file.
func parseHEIF(b []byte) (heif, error) {
	h := heif{meta: meta{orientation: 1}, matrix: matrixNone}
	r := heifReader{}
	found := false
	err := r.each(b, func(kind string, p []byte) error {
		switch {
		case kind == "ftyp" && len(p) >= 4 &&
			(string(p[:4]) == "avis" || string(p[:4]) == "msf1" || string(p[:4]) == "hevc"):
			h.frames = 2
		case kind == "meta" && !found:
			found = true
			return h.readMeta(&r, b, p)
		}
		return nil
	})
	if err == nil && !found {
		err = errHEIF
	}
	return h, err
}

// readMeta reads the relevant parts of a "meta" box, in any order.
func (h *heif) readMeta(r *heifReader, file, p []byte) error {
	if len(p) < 4 {
		return errHEIF
	}
	parts := map[string][]byte{}
	err := r.each(p[4:], func(kind string, p []byte) error {
		switch kind {
		case "pitm", "iinf", "iloc", "iprp", "iref":
			if _, ok := parts[kind]; !ok {
				parts[kind] = p
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	h.pitm = parts["pitm"]
	primary := primaryItem(h.pitm)
	beside, err := auxiliaries(r, parts["iref"], primary)
	if err != nil {
		return err
	}
	if err := h.properties(r, parts["iprp"], primary, beside); err != nil {
		return err
	}
	exif, err := h.items(r, parts["iinf"])
	if err != nil {
		return err
	}
	for _, id := range exif {
		h.private = true
		// The first four bytes are the offset of the TIFF header after them (A.2.1).
		block := itemData(file, parts["iloc"], id)
		if len(block) < 4 {
			continue
		}
		if skip := uint64(be.Uint32(block)) + 4; skip < uint64(len(block)) {
			// Ignore the Exif orientation: the file has its own property for it, which decoders apply.
			h.gps = h.gps || parseExif(block[skip:]).gps
		}
	}
	return nil
}

// primaryItem returns the id of the primary item, 0 if not stated.
func primaryItem(p []byte) uint32 {
	switch {
	case len(p) >= 6 && p[0] == 0:
		return uint32(be.Uint16(p[4:]))
	case len(p) >= 8:
		return be.Uint32(p[4:])
	}
	return 0
}

// auxiliaries returns the auxiliary items of the primary one, such as its transparency or depth (8.11.12, "auxl").
func auxiliaries(r *heifReader, p []byte, primary uint32) (items []uint32, err error) {
	if len(p) < 4 {
		return nil, nil
	}
	id := func(p []byte) uint32 { return uint32(be.Uint16(p)) }
	width := 2
	if p[0] != 0 {
		id, width = be.Uint32, 4
	}
	err = r.each(p[4:], func(kind string, p []byte) error {
		if kind == "auxl" && len(p) >= 2*width+2 && id(p[width+2:]) == primary {
			items = append(items, id(p))
		}
		return nil
	})
	return items, err
}

// items notes private metadata among the items of the file, and returns the ids of Exif blocks.
func (h *heif) items(r *heifReader, p []byte) (exif []uint32, err error) {
	head := 6
	if len(p) > 0 && p[0] != 0 {
		head = 8
	}
	if len(p) < head {
		return nil, nil
	}
	err = r.each(p[head:], func(kind string, p []byte) error {
		if kind != "infe" || len(p) < 12 || p[0] < 2 {
			return nil
		}
		id, rest := uint32(be.Uint16(p[4:])), p[8:]
		if p[0] >= 3 {
			if len(p) < 14 {
				return nil
			}
			id, rest = be.Uint32(p[4:]), p[10:]
		}
		switch string(rest[:4]) {
		case "Exif":
			exif = append(exif, id)
		case "mime": // XMP
			h.private = true
		}
		return nil
	})
	return exif, err
}

// properties reads the size and colour of the primary item (9.3), and which of the auxiliary items is its
// transparency.
func (h *heif) properties(r *heifReader, p []byte, primary uint32, beside []uint32) error {
	type property struct {
		kind string
		data []byte
	}
	var all []property
	var of []int // indexes of the primary item's properties, from 1
	aux := map[int]uint32{}
	err := r.each(p, func(kind string, p []byte) error {
		switch kind {
		case "ipco":
			return r.each(p, func(kind string, p []byte) error {
				if kind == "ispe" && len(p) >= 12 {
					h.largest = max(h.largest, area(be.Uint32(p[4:]), be.Uint32(p[8:])))
				}
				all = append(all, property{kind, p})
				return nil
			})
		case "ipma":
			of = append(of, associations(p, primary)...)
			for _, item := range beside[:min(len(beside), maxBeside)] {
				for _, i := range associations(p, item) {
					aux[i] = item
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, item := range aux { // "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
		if i < 1 || i > len(all) || all[i-1].kind != "auxC" {
			continue
		}
		if p := all[i-1].data; bytes.Contains(p, []byte(":auxid:1\x00")) ||
			bytes.Contains(p, []byte(":auxiliary:alpha\x00")) {
			h.alpha = item
		}
	}
	for _, i := range of {
		if i < 1 || i > len(all) {
			continue
		}
		switch p := all[i-1]; {
		case p.kind == "ispe" && len(p.data) >= 12:
			h.w, h.h = int(be.Uint32(p.data[4:])), int(be.Uint32(p.data[8:]))
		case p.kind == "colr" && len(p.data) >= 4:
			h.colour(string(p.data[:4]), p.data[4:])
		}
	}
	return nil
}

func area(w, h uint32) int { return int(min(uint64(w)*uint64(h), 1<<62)) }

// colour reads a "colr" box (ISO/IEC 14496-12, 12.1.5).
func (h *heif) colour(kind string, p []byte) {
	switch {
	case kind == "prof" || kind == "rICC":
		h.icc = p
	case kind == "nclx" && len(p) >= 7:
		h.declared, _ = codedProfile(int(be.Uint16(p)), int(be.Uint16(p[2:])), false)
		h.matrix = int(be.Uint16(p[4:]))
		h.video = p[6]&0x80 == 0
	}
}

// associations returns the indexes of an item's properties.
func associations(p []byte, item uint32) (of []int) {
	if len(p) < 8 {
		return nil
	}
	wideID, wideIndex := p[0] >= 1, p[3]&1 != 0
	n := be.Uint32(p[4:])
	for p = p[8:]; n > 0; n-- {
		var id uint32
		switch {
		case wideID && len(p) >= 5:
			id, p = be.Uint32(p), p[4:]
		case !wideID && len(p) >= 3:
			id, p = uint32(be.Uint16(p)), p[2:]
		default:
			return of
		}
		count := int(p[0])
		p = p[1:]
		for ; count > 0; count-- {
			i := 0
			switch {
			case wideIndex && len(p) >= 2:
				i, p = int(be.Uint16(p)&0x7fff), p[2:]
			case !wideIndex && len(p) >= 1:
				i, p = int(p[0]&0x7f), p[1:]
			default:
				return of
			}
			if id == item {
				of = append(of, i)
			}
		}
	}
	return of
}

// itemData returns the bytes of an item (8.11.3), nil if it has several extents or is not at a file offset.
func itemData(file, p []byte, item uint32) []byte {
	if len(p) < 8 || p[0] > 2 {
		return nil
	}
	version := p[0]
	offsetSize, lengthSize, baseSize, indexSize := int(p[4]>>4), int(p[4]&15), int(p[5]>>4), int(p[5]&15)
	if version == 0 {
		indexSize = 0
	}
	ok := true
	p = p[6:]
	read := func(n int) uint64 {
		if n > len(p) || n > 8 {
			ok = false
			return 0
		}
		var v uint64
		for _, b := range p[:n] {
			v = v<<8 | uint64(b)
		}
		p = p[n:]
		return v
	}
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	for n := read(idSize); n > 0 && ok; n-- {
		id, method := read(idSize), uint64(0)
		if version > 0 {
			method = read(2) & 15
		}
		read(2) // the data reference: this file
		base, extents := read(baseSize), read(2)
		for i := uint64(0); i < extents && ok; i++ {
			read(indexSize)
			off, length := base+read(offsetSize), read(lengthSize)
			if ok && uint32(id) == item {
				if method != 0 || extents != 1 || off > uint64(len(file)) || length > uint64(len(file))-off {
					return nil
				}
				return file[off : off+length]
			}
		}
	}
	return nil
}

// heifSize returns the stored size. If the file contains a larger picture, it returns that one's number of pixels
// instead.
func heifSize(b []byte) (image.Config, error) {
	h, err := parseHEIF(b)
	switch {
	case err != nil:
		return image.Config{}, err
	case h.w < 1 || h.h < 1 || h.w > 1<<20 || h.h > 1<<20:
		return image.Config{}, errHEIF
	case h.largest > h.w*h.h:
		return image.Config{Width: h.largest, Height: 1}, nil
	}
	return image.Config{Width: h.w, Height: h.h}, nil
}

// tiffMeta reads the first directory of a TIFF file, which has the same structure as an Exif block.
func tiffMeta(b []byte) meta {
	m := meta{orientation: 1}
	if len(b) < 8 {
		return m
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	e := parseExif(b)
	m.orientation, m.gps = e.orientation, e.gps
	if e.adobe {
		m.declared = adobeRGB()
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return m
	}
	n := uint64(order.Uint16(b[at:]))
	for at += 2; n > 0 && at+12 <= uint64(len(b)); n, at = n-1, at+12 {
		length, off := uint64(order.Uint32(b[at+4:])), uint64(order.Uint32(b[at+8:]))
		switch order.Uint16(b[at:]) {
		case 0x8773: // the colour profile
			if length <= maxProfile && off+length <= uint64(len(b)) {
				m.icc = b[off : off+length]
			}
		case 0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x02bc, 0x83bb, tagExifIFD, tagGPS:
			m.private = true // description, camera, software, time, artist, host, XMP, IPTC
		}
	}
	return m
}
