package feed

import (
	"regexp"
	"slices"
	"strings"

	"postern/store"
	"postern/words"
)

// dropRepeatedLabels removes the line that precedes every picture in most entries, which some forum programs add.
// Lines such as "Before:" and "After:" stay, because they differ between pictures.
func dropRepeatedLabels(entries []built) {
	in, with := map[string]int{}, 0
	labels := make([]string, len(entries))
	for i := range entries {
		label, shows := entries[i].label()
		if !shows {
			continue
		}
		with++
		if label != "" {
			labels[i] = label
			in[label]++
		}
	}
	for i, label := range labels {
		if label != "" && mostOf(in[label], with) {
			entries[i].dropLines(label)
		}
	}
}

// label returns the line directly before every picture in the text; "" if there is none or the lines differ. shows
// reports whether the text contains a picture.
func (b *built) label() (label string, shows bool) {
	if b.media == nil || !b.words {
		return "", false
	}
	for _, c := range b.media.found {
		if c.junk != "" || c.beside || c.Type != store.Image {
			continue
		}
		if shows && c.label != label {
			return "", true
		}
		label, shows = c.label, true
	}
	return label, shows
}

var emptyLines = regexp.MustCompile(`\n{3,}`)

// dropLines removes every line that equals label, unless the entry has no other text.
func (b *built) dropLines(label string) {
	var kept []row
	gap, found := false, false
	for _, r := range b.lines {
		gap = gap || r.gap
		lines := slices.DeleteFunc(strings.Split(r.text, "\n"), func(l string) bool {
			found = found || strings.TrimSpace(l) == label
			return strings.TrimSpace(l) == label
		})
		r.text = strings.Trim(emptyLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"), "\n")
		if r.text != "" {
			r.gap, gap = gap, false
			kept = append(kept, r)
		}
	}
	if !found || len(kept) == 0 {
		return
	}
	b.lines, b.repeated = kept, b.repeated+1
	b.post.Markup.Notes = append(b.post.Markup.Notes,
		leftOutLine(label, words.LineBeforePictures))
}
