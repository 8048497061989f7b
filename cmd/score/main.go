// Score compares what Postern makes of a corpus of feeds with answers that were written by hand, and prints what differs.
//
//	go run ./cmd/score DIRECTORY
//
// The directory holds feeds and gold.jsonl, one entry a line: feed (file), feed_url, entry_index (from 0), expected_media
// [{type, url, accept}], optional_media, must_not_include, expected_caption_facts and caption_must_not_include. Of the
// expected media only the first ten count. It exits with 1 when fewer than 95 in 100 entries have exactly the expected
// media in order, when a forbidden address was taken, or when a fact is missing.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/feed"
	"postern/publisher"
	"postern/store"
)

type medium struct {
	Type   string   `json:"type"`
	URL    string   `json:"url"`
	Accept []string `json:"accept"` // equally good renditions
}

func (m medium) is(got store.Media, anyType bool) bool {
	return (anyType || string(got.Type) == m.Type) && (bare(m.URL) == bare(got.URL) || slices.ContainsFunc(m.Accept, func(a string) bool { return bare(a) == bare(got.URL) }))
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
}

// total counts entries, or facts and addresses of all entries.
type total struct{ entries, exact, forbidden, facts, missing, unwanted int }

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Println("score: no corpus; run make score CORPUS=DIRECTORY with a directory that holds gold.jsonl and its feeds")
		return
	}
	t, err := score(os.Args[1])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Printf("score: skipped, there is no corpus in %s (%v)\n", os.Args[1], err)
	case err != nil:
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	default:
		fmt.Printf("exact media   %d of %d entries\nforbidden     %d addresses\nfacts         %d of %d\nnot wanted    %d\n",
			t.exact, t.entries, t.forbidden, t.facts-t.missing, t.facts, t.unwanted)
		if 100*t.exact < 95*t.entries || t.forbidden+t.missing > 0 {
			os.Exit(1)
		}
	}
}

func score(dir string) (total, error) {
	var t total
	f, err := os.Open(filepath.Join(dir, "gold.jsonl"))
	if err != nil {
		return t, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	docs := map[string]feed.Document{}
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return t, fmt.Errorf("gold.jsonl: %w", err)
		}
		if _, ok := docs[a.Feed]; !ok {
			body, err := os.ReadFile(filepath.Join(dir, a.Feed))
			if err != nil {
				return t, err
			}
			base, err := url.Parse(a.FeedURL)
			if err != nil {
				return t, err
			}
			if docs[a.Feed], err = feed.Parse(body, "", base); err != nil {
				fmt.Printf("%s: %v\n", a.Feed, err)
			}
		}
		for _, miss := range t.add(a, docs[a.Feed].Posts) {
			fmt.Printf("%s %d: %s\n", a.Feed, a.EntryIndex, miss)
		}
	}
	return t, lines.Err()
}

// add compares one entry and says what is wrong with it.
func (t *total) add(a answer, posts []store.Post) (misses []string) {
	t.entries++
	t.facts += len(a.Facts)
	if a.EntryIndex >= len(posts) {
		t.missing += len(a.Facts)
		return []string{"no such entry"}
	}
	post := posts[a.EntryIndex]
	rest := a.Expected[min(len(a.Expected), 10):]
	expected := a.Expected[:len(a.Expected)-len(rest)]
	next := 0
	for _, m := range post.Media[:min(len(post.Media), 10)] {
		switch at := slices.IndexFunc(expected, func(e medium) bool { return e.is(m, false) }); {
		case at >= 0 && at == next:
			next++
		case at >= 0:
			misses = append(misses, "out of order "+m.URL)
		case slices.ContainsFunc(a.MustNot, func(u string) bool { return bare(u) == bare(m.URL) }):
			t.forbidden++
			misses = append(misses, "forbidden "+m.URL)
		case !slices.ContainsFunc(slices.Concat(a.Optional, rest), func(o medium) bool { return o.is(m, true) }):
			misses = append(misses, "too much "+m.URL)
		}
	}
	for _, e := range expected[min(next, len(expected)):] {
		misses = append(misses, "missing "+e.URL)
	}
	if len(misses) == 0 {
		t.exact++
	}
	caption, err := publisher.Compose(post, publisher.Resolve(publisher.Layers(store.Account{}, store.Route{}, post)...))
	if err != nil {
		misses = append(misses, err.Error())
	}
	// With the whole text: what is cut off at the end of a caption was read all the same.
	words := oneSpace(caption.Text + "\n" + post.Text)
	for _, fact := range a.Facts {
		if !strings.Contains(words, oneSpace(fact)) {
			t.missing++
			misses = append(misses, "no word of: "+fact)
		}
	}
	for _, no := range a.NoFacts {
		if strings.Contains(oneSpace(caption.Text), oneSpace(no)) {
			t.unwanted++
			misses = append(misses, "not wanted: "+no)
		}
	}
	return misses
}

// bare is an address without its scheme.
func bare(u string) string { return strings.TrimPrefix(strings.TrimPrefix(u, "https:"), "http:") }

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
