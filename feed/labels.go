package feed

import (
	"regexp"
	"slices"
	"strings"

	"postern/store"
	"postern/words"
)

// dropRepeatedLabels removes the line that stands before every picture in most entries: programs of forums announce
// each of them. "Before:" and "After:" are not the same line before every picture.
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

// label returns the line that stands directly before every picture in the text, "" for different ones or none, and
// whether the text shows a picture.
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

// dropLines removes every line that says this, unless the entry says nothing else.
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
