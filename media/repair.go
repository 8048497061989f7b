package media

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"postern/reason"
	"postern/words"
)

// repair decides what the rules require and does it. The bytes are nil if the source may be copied unchanged.
func (p *picture) repair(r Rules) (File, []byte, error) {
	plan := Fit(p.w, p.h, r)
	upright := p.kind == kindJPEG && !p.noEnd && p.orientation == 1 &&
		(p.jpeg.components == 1 || p.jpeg.components == 3)
	unchanged := upright && !p.rare && plan == Plan{p.w, p.h, p.w, p.h, 0, 0}
	// Instagram applies ICC profiles. Colours that only Exif declares are ignored by almost all software except the
	// camera maker's.
	unread := p.profile != nil && p.profile == p.declared
	f := File{Acceptable: upright && !unread && r.takes(p.w, p.h) && !p.jpeg.mpo && within(len(p.body), r),
		Animated: p.frames > 1}
	if unchanged && p.profile == nil {
		out := p.body
		if p.private || p.badProfile {
			out = p.jpeg.strip(p.body, !p.badProfile)
		}
		if within(len(out), r) {
			f.Width, f.Height = p.w, p.h
			f.Repairs = append(p.colourNotes(), p.metaNotes()...)
			if len(f.Repairs) == 0 {
				return f, nil, nil
			}
			return f, out, nil
		}
	}
	out, plan, err := p.encode(plan, r)
	if err != nil {
		return File{}, nil, err
	}
	f.Width, f.Height = plan.CanvasWidth, plan.CanvasHeight
	f.Repairs = append(p.formNotes(), p.colourNotes()...)
	f.Repairs = append(f.Repairs, p.planNotes(plan, r)...)
	f.Repairs = append(f.Repairs, p.metaNotes()...)
	if r.MaxBytes > 0 && p.kind == kindJPEG && !within(len(p.body), r) {
		f.Repairs = append(f.Repairs,
			Repair{"media.image.bytes", words.RepairedBytes(size(int64(len(p.body))), size(int64(len(out))))})
	}
	return f, out, nil
}

// takes reports whether Instagram accepts a picture of that size unchanged. It scales wider pictures itself. Rules
// with a single width describe the canvas that Postern makes; Instagram itself requires only the ratio.
func (r Rules) takes(w, h int) bool {
	if w < r.MinWidth && r.MinWidth < r.MaxWidth {
		return false
	}
	ratio := float64(w) / float64(h)
	if r.Ratio > 0 && !isRatio(w, h, r.shape(ratio)) {
		return false // Instagram would crop the picture
	}
	return (r.MinRatio <= 0 || ratio >= r.MinRatio) && (r.MaxRatio <= 0 || ratio <= r.MaxRatio)
}

// within reports whether n bytes are within the rules.
func within(n int, r Rules) bool { return r.MaxBytes <= 0 || int64(n) <= r.MaxBytes }

// encode reduces the quality, and then the size, until the file is small enough.
func (p *picture) encode(plan Plan, r Rules) ([]byte, Plan, error) {
	for {
		m := p.render(plan, r)
		for _, q := range qualities {
			out, err := encode(m, q)
			if err != nil {
				return nil, plan, err
			}
			if within(len(out), r) {
				return out, plan, nil
			}
		}
		smaller := r
		smaller.MaxWidth = plan.CanvasWidth * 4 / 5
		if smaller.MaxWidth < max(r.MinWidth, 1) {
			return nil, plan, fault("media.image.too-large", nil,
				reason.New(reason.MediaTooHeavy, p.where, size(r.MaxBytes), plan.CanvasWidth))
		}
		plan = Fit(p.w, p.h, smaller)
	}
}

// formNotes lists the changes of format and orientation.
func (p *picture) formNotes() (notes []Repair) {
	if p.kind != kindJPEG {
		notes = append(notes, Repair{"media.image.format", words.RepairedFormat(string(p.kind))})
	}
	if p.rare {
		notes = append(notes, Repair{"media.image.format", words.RepairedRareJPEG})
	}
	if p.noEnd {
		notes = append(notes, Repair{"media.image.end", words.RepairedEnd})
	}
	if p.frames > 1 {
		notes = append(notes, Repair{"media.image.animation", words.RepairedFirstFrame})
	}
	if p.space != "" {
		notes = append(notes, Repair{"media.image.colours", words.RepairedFormat(p.space)})
	}
	if p.orientation != 1 {
		notes = append(notes, Repair{"media.image.orientation", "turned upright"})
	}
	if p.filled {
		notes = append(notes, Repair{"media.image.transparency", words.RepairedTransparency})
	}
	return notes
}

// colourNotes lists the changes of the colour profile.
func (p *picture) colourNotes() []Repair {
	switch {
	case p.profile != nil:
		return []Repair{{"media.image.colours", words.RepairedProfile(p.profile.name)}}
	case p.badProfile:
		return []Repair{{"media.image.colours", words.RepairedBadProfile(profileName(p.icc))}}
	}
	return nil
}

// planNotes lists the changes of size and ratio.
func (p *picture) planNotes(plan Plan, r Rules) (notes []Repair) {
	switch {
	case plan.Width < p.w:
		notes = append(notes, Repair{"media.image.width", words.RepairedWidth(p.w, plan.Width)})
	case plan.Width > p.w:
		notes = append(notes, Repair{smallImage, words.RepairedSmall(p.w, plan.Width)})
	case plan.Height != p.h:
		notes = append(notes, Repair{"media.image.width", words.RepairedHeight(p.h, plan.Height)})
	}
	ratio := float64(p.w) / float64(p.h)
	from, to := ratioName(ratio), ratioName(r.shape(ratio))
	switch {
	case plan.Cropped():
		notes = append(notes, Repair{"media.image.ratio", words.RepairedRatioCropped(from, to)})
	case plan.Padded() && r.Fill == FillBlur:
		notes = append(notes, Repair{"media.image.ratio", words.RepairedRatioBlurred(from, to)})
	case plan.Padded():
		notes = append(notes, Repair{"media.image.ratio", words.RepairedRatioPadded(from, to)})
	}
	return notes
}

// metaNotes lists what was removed for privacy.
func (p *picture) metaNotes() []Repair {
	switch {
	case p.gps:
		return []Repair{{"media.image.location", "removed location"}}
	case p.private:
		return []Repair{{"media.image.metadata", "removed metadata"}}
	}
	return nil
}

var commonRatios = [][2]int{{1, 1}, {5, 4}, {4, 3}, {3, 2}, {16, 9}, {2, 1}, {3, 1}}

// ratioName returns a ratio in the usual notation, such as "3:2" or "1.91:1".
func ratioName(q float64) string {
	for _, c := range commonRatios {
		a, b := float64(c[0]), float64(c[1])
		switch {
		case math.Abs(q*b/a-1) < 0.005:
			return fmt.Sprintf("%d:%d", c[0], c[1])
		case math.Abs(q*a/b-1) < 0.005:
			return fmt.Sprintf("%d:%d", c[1], c[0])
		}
	}
	if q >= 1 {
		return short(q) + ":1"
	}
	return "1:" + short(1/q)
}

// size returns a number of bytes for people to read, such as "8 MiB".
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return short(float64(n)/(1<<30)) + " GiB"
	case n >= 1<<20:
		return short(float64(n)/(1<<20)) + " MiB"
	case n >= 1<<10:
		return short(float64(n)/(1<<10)) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

// short returns a number with up to two decimals.
func short(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
