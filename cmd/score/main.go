// Score compares the posts that Postern makes of a corpus of feeds with answers that were written by hand, and prints
// every difference.
//
//	go run ./cmd/score DIRECTORY
//
// DIRECTORY holds feeds and gold.jsonl, one entry per line: feed (file), feed_url, entry_index (from 0),
// expected_media [{type, url, alt, accept, inferior}], optional_media, must_not_include, expected_caption_facts,
// caption_must_not_include and tags (the kinds that the entry is an example of). Only the first ten expected
// media count. Score prints media, forbidden addresses, words and alt texts separately, and then the kinds with
// misses. It exits with 1 below the limits in passes.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/draft"
	"postern/feed"
	"postern/store"
)

type medium struct {
	Type     string   `json:"type"`
	URL      string   `json:"url"`
	Alt      string   `json:"alt"`
	AltJunk  string   `json:"alt_junk"` // what stands there instead of a description
	Accept   []string `json:"accept"`   // equally good renditions
	Inferior []string `json:"inferior"` // the right picture, but too small
}

func (m medium) is(got store.Media, anyType bool) bool {
	return (anyType || string(got.Type) == m.Type) && (bare(m.URL) == bare(got.URL) || contains(m.Accept, got.URL))
}

type answer struct {
	Feed       string   `json:"feed"`
	FeedURL    string   `json:"feed_url"`
	EntryIndex int      `json:"entry_index"`
	Expected   []medium `json:"expected_media"`
	Optional   []medium `json:"optional_media"`
	MustNot    []string `json:"must_not_include"`
	Facts      []string `json:"expected_caption_facts"`
	NoFacts    []string `json:"caption_must_not_include"`
	Tags       []string `json:"tags"`
}

// total counts what was compared. The counts of misses carry the names under which they are printed.
type total struct {
	entries, exactMedia, exactWords        int
	tooMuch, missing, smaller, outOfOrder  int // media
	forbidden                              int // addresses
	facts, factsMissing, unwanted, refused int // words
	alts, altsMissing, altsWrong           int // alt texts of the media that were found
}

func (t *total) add(o total) {
	t.entries, t.exactMedia, t.exactWords = t.entries+o.entries, t.exactMedia+o.exactMedia, t.exactWords+o.exactWords
	t.tooMuch, t.missing, t.smaller, t.outOfOrder = t.tooMuch+o.tooMuch, t.missing+o.missing, t.smaller+o.smaller,
		t.outOfOrder+o.outOfOrder
	t.forbidden += o.forbidden
	t.facts, t.factsMissing, t.unwanted, t.refused = t.facts+o.facts, t.factsMissing+o.factsMissing,
		t.unwanted+o.unwanted, t.refused+o.refused
	t.alts, t.altsMissing, t.altsWrong = t.alts+o.alts, t.altsMissing+o.altsMissing, t.altsWrong+o.altsWrong
}

// altsRight returns the number of alt texts that are as expected.
func (t total) altsRight() int { return t.alts - t.altsMissing - t.altsWrong }

// passes reports whether the corpus is answered well enough: 97 in 100 entries with exactly the expected media in
// order, no forbidden address, every fact, at most 2 in 100 entries with unwanted words, and 97 in 100 alt texts.
func (t total) passes() bool {
	return 100*t.exactMedia >= 97*t.entries && t.forbidden+t.factsMissing+t.refused == 0 &&
		100*t.unwanted <= 2*t.entries && 100*t.altsRight() >= 97*t.alts
}

func (t total) print(w io.Writer) {
	fmt.Fprintf(w, "media       %d of %d entries exact: %d too much, %d missing, %d too small, %d out of order\n",
		t.exactMedia, t.entries, t.tooMuch, t.missing, t.smaller, t.outOfOrder)
	fmt.Fprintf(w, "forbidden   %d addresses\n", t.forbidden)
	fmt.Fprintf(w, "words       %d of %d entries exact: facts %d of %d, %d unwanted, %d captions refused\n",
		t.exactWords, t.entries, t.facts-t.factsMissing, t.facts, t.unwanted, t.refused)
	fmt.Fprintf(w, "alt texts   %d of %d right: %d missing, %d wrong\n", t.altsRight(), t.alts, t.altsMissing,
		t.altsWrong)
}

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Println(
			"score: no corpus; run make score CORPUS=DIRECTORY with a directory that holds gold.jsonl and its feeds")
		return
	}
	all, kinds, err := score(os.Args[1], os.Stdout)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Printf("score: skipped, there is no corpus in %s (%v)\n", os.Args[1], err)
	case err != nil:
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	default:
		printKinds(os.Stdout, kinds)
		all.print(os.Stdout)
		if !all.passes() {
			os.Exit(1)
		}
	}
}

// printKinds prints the kinds that have misses, the worst first.
func printKinds(w io.Writer, kinds map[string]total) {
	misses := func(k string) int {
		t := kinds[k]
		return 2*t.entries - t.exactMedia - t.exactWords + t.forbidden + t.alts - t.altsRight()
	}
	for _, k := range slices.SortedFunc(maps.Keys(kinds),
		func(a, b string) int { return cmp.Or(misses(b)-misses(a), strings.Compare(a, b)) }) {
		if t := kinds[k]; misses(k) > 0 {
			fmt.Fprintf(w, "%-28s media %d/%d, words %d/%d, alt texts %d/%d, forbidden %d\n",
				k, t.exactMedia, t.entries, t.exactWords, t.entries, t.altsRight(), t.alts, t.forbidden)
		}
	}
}

// score compares every entry of gold.jsonl in dir, writes the misses to w and returns the sums, of all and by kind.
func score(dir string, w io.Writer) (total, map[string]total, error) {
	var all total
	kinds := map[string]total{}
	f, err := os.Open(filepath.Join(dir, "gold.jsonl"))
	if err != nil {
		return all, nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	docs := map[string]feed.Document{}
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return all, nil, fmt.Errorf("gold.jsonl: %w", err)
		}
		if _, ok := docs[a.Feed]; !ok {
			body, err := os.ReadFile(filepath.Join(dir, a.Feed))
			if err != nil {
				return all, nil, err
			}
			base, err := url.Parse(a.FeedURL)
			if err != nil {
				return all, nil, err
			}
			if docs[a.Feed], err = feed.Parse(body, "", base); err != nil {
				fmt.Fprintf(w, "%s: %v\n", a.Feed, err)
			}
		}
		one, misses := a.compare(docs[a.Feed].Posts)
		for _, miss := range misses {
			fmt.Fprintf(w, "%s %d: %s\n", a.Feed, a.EntryIndex, miss)
		}
		all.add(one)
		for _, kind := range a.Tags {
			sum := kinds[kind]
			sum.add(one)
			kinds[kind] = sum
		}
	}
	return all, kinds, lines.Err()
}

// compare counts one entry and lists the misses.
func (a answer) compare(posts []store.Post) (t total, misses []string) {
	t.entries, t.facts = 1, len(a.Facts)
	if a.EntryIndex >= len(posts) {
		t.missing, t.factsMissing = min(len(a.Expected), 10), len(a.Facts)
		return t, []string{"no such entry"}
	}
	post := posts[a.EntryIndex]
	misses = append(a.compareMedia(&t, post.Media[:min(len(post.Media), 10)]), a.compareWords(&t, post)...)
	return t, misses
}

func (a answer) compareMedia(t *total, got []store.Media) (misses []string) {
	rest := a.Expected[min(len(a.Expected), 10):]
	expected := a.Expected[:len(a.Expected)-len(rest)]
	found := make([]bool, len(expected))
	last := -1
	for _, m := range got {
		at := slices.IndexFunc(expected, func(e medium) bool { return e.is(m, false) || contains(e.Inferior, m.URL) })
		for again := at; again >= 0 && found[again]; {
			again = slices.IndexFunc(expected[at+1:],
				func(e medium) bool { return e.is(m, false) || contains(e.Inferior, m.URL) })
			if again >= 0 {
				again += at + 1
			}
			at = again
		}
		switch {
		case at >= 0:
			found[at] = true
			if !expected[at].is(m, false) {
				t.smaller++
				misses = append(misses, "too small "+m.URL)
			}
			if at < last {
				t.outOfOrder++
				misses = append(misses, "out of order "+m.URL)
			}
			last = max(last, at)
			misses = append(misses, compareAlt(t, expected[at], m)...)
		case contains(a.MustNot, m.URL):
			t.forbidden++
			misses = append(misses, "forbidden "+m.URL)
		case !slices.ContainsFunc(slices.Concat(a.Optional, rest), func(o medium) bool { return o.is(m, true) }):
			t.tooMuch++
			misses = append(misses, "too much "+m.URL)
		}
	}
	for i, e := range expected {
		if !found[i] {
			t.missing++
			misses = append(misses, "missing "+e.URL)
		}
	}
	if t.tooMuch+t.missing+t.smaller+t.outOfOrder+t.forbidden == 0 {
		t.exactMedia++
	}
	return misses
}

// compareAlt counts the alt text of a picture for which the answer names one, or names junk in its place. The
// answers cut long texts.
func compareAlt(t *total, want medium, got store.Media) []string {
	w, g := oneSpace(want.Alt), oneSpace(got.Alt)
	if w == "" && want.AltJunk == "" {
		return nil
	}
	t.alts++
	switch {
	case w == g, len([]rune(w)) >= 250 && strings.HasPrefix(g, w), w == "" && g != oneSpace(want.AltJunk):
		return nil
	case g == "":
		t.altsMissing++
		return []string{fmt.Sprintf("no alt text %q: %s", w, got.URL)}
	default:
		t.altsWrong++
		return []string{fmt.Sprintf("alt text %q, not %q: %s", g, w, got.URL)}
	}
}

func (a answer) compareWords(t *total, post store.Post) (misses []string) {
	caption, err := draft.Compose(post, draft.Resolve(draft.Layers(store.Account{}, store.Route{}, post)...))
	if err != nil {
		t.refused++
		misses = append(misses, err.Error())
	}
	// With the whole text: words at the end of a long text were read too, though the caption is cut before them.
	words := oneSpace(caption.Text + "\n" + post.Text)
	for _, fact := range a.Facts {
		if !strings.Contains(words, oneSpace(fact)) {
			t.factsMissing++
			misses = append(misses, "no word of: "+fact)
		}
	}
	for _, no := range a.NoFacts {
		if strings.Contains(oneSpace(caption.Text), oneSpace(no)) {
			t.unwanted++
			misses = append(misses, "not wanted: "+no)
		}
	}
	if len(misses) == 0 {
		t.exactWords++
	}
	return misses
}

func contains(list []string, address string) bool {
	return slices.ContainsFunc(list, func(a string) bool { return bare(a) == bare(address) })
}

// bare returns an address without its scheme.
func bare(u string) string { return strings.TrimPrefix(strings.TrimPrefix(u, "https:"), "http:") }

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
