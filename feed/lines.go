package feed

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"postern/words"
)

// row is one line of an entry's text.
type row struct {
	text string
	gap  bool // whether an empty line precedes it
}

// line is a row with information about its links. Words are counted by their letters and digits.
type line struct {
	row
	words   int  // letters and digits in the line
	linked  int  // … of these in links
	self    int  // … of these in links to the entry itself
	home    int  // … of these in links to the site's front page
	toSelf  bool // contains a link to the entry itself, even one without words
	selfAt  int  // position of the last link to the entry if the line ends with it; else -1
	trail   bool // begins with a link to the site's front page
	more    bool // that link leads to the rest of a truncated text
	heading bool
}

func joinLines(lines []line) string { return joinRows(rowsOf(lines)) }

func rowsOf(lines []line) []row {
	rows := make([]row, len(lines))
	for i, l := range lines {
		rows[i] = l.row
	}
	return rows
}

func joinRows(rows []row) string { return strings.TrimSpace(rawRows(rows)) }

// rawRows is like joinRows but keeps leading space, which is the indentation of source code.
func rawRows(lines []row) string {
	size := 0
	for _, l := range lines {
		size += len(l.text) + 2
	}
	var b strings.Builder
	b.Grow(size)
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
			if l.gap {
				b.WriteByte('\n')
			}
		}
		b.WriteString(l.text)
	}
	return b.String()
}

// condense joins all lines except those at the beginning and the end that dropRepeatedLines may examine, because the
// lines of all entries are kept until the last entry has been read.
func condense(rows []row) []row {
	const ends = maxFooter + 1
	if len(rows) <= 2*ends+1 {
		return rows
	}
	middle := row{text: rawRows(rows[ends : len(rows)-ends]), gap: rows[ends].gap}
	return slices.Concat(rows[:ends], []row{middle}, rows[len(rows)-ends:])
}

// cleanLines removes lines that the author did not write, and returns notes that explain why.
func cleanLines(lines []line, title string) (kept []line, notes []string) {
	drop := func(l line, why string) {
		notes = append(notes, leftOutLine(l.text, why))
	}
	last := len(lines) - 1
	kept = make([]line, 0, len(lines))
	gap := false
	for i, l := range lines {
		var why string
		switch text := strings.TrimSpace(l.text); {
		case onlySelf(l) && (!l.heading || title != ""):
			why = words.LineLinksToPost
		case i >= last-2 && isFooter(l):
			why = words.LineFooter
		case (i == 0 || i == last) && isTrail(l):
			why = words.LineTrail
		case isBoilerplate(text):
			why = words.LineOfProgram
		}
		gap = gap || l.gap
		if why != "" {
			drop(l, why)
			continue
		}
		if i == last && l.selfAt > 0 {
			l = withoutBracket(l)
		}
		if l.selfAt > 0 && (l.more || i == last && (endsCut(l.text[:l.selfAt]) || beginsCut(l.text[l.selfAt:]))) {
			notes = append(notes, leftOutLine(l.text[l.selfAt:], words.LineReadMore))
			l.text = strings.TrimRight(l.text[:l.selfAt], " \t\u00A0")
		}
		l.gap, gap = gap && len(kept) > 0, false
		kept = append(kept, l)
	}
	return cutEnd(kept), notes
}

// onlySelf reports whether all words of a line are in links to the entry itself.
func onlySelf(l line) bool { return l.toSelf && l.self == l.words }

// isFooter recognizes the footer that many programs add, in any language: links to the entry and to the site, with
// few other words.
func isFooter(l line) bool { return l.self > 0 && l.home > 0 && l.words-l.linked <= 40 }

// isTrail reports whether a line is a breadcrumb trail: a linked front page, linked levels, and the page itself
// without a link.
func isTrail(l line) bool {
	if !l.trail {
		return false
	}
	parts := trailMark.Split(l.text, -1)
	return len(parts) > 2 && l.words-l.linked <= countWords(parts[len(parts)-1])
}

var trailMark = regexp.MustCompile(`[\s\x{A0}]+(?:/|>|»|›|→|::)[\s\x{A0}]+`)

// withoutBracket moves the start of a link to the post before the bracket around it, as in "[more]", and marks the
// link as leading to the rest of the post.
func withoutBracket(l line) line {
	before, link := strings.TrimRight(l.text[:l.selfAt], " \t\u00A0"), l.text[l.selfAt:]
	if n := len(before); n > 0 && len(strings.Fields(link)) <= 3 &&
		(before[n-1] == '[' && strings.HasSuffix(link, "]") || before[n-1] == '(' && strings.HasSuffix(link, ")")) {
		l.selfAt, l.more = n-1, true
	}
	return l
}

// endsCut reports whether a text ends with an ellipsis.
func endsCut(s string) bool {
	s = strings.TrimSpace(s)
	for _, mark := range []string{"…", "...", "[…]", "[...]"} {
		if strings.HasSuffix(s, mark) {
			return true
		}
	}
	return false
}

// beginsCut reports whether the text of a link begins with an ellipsis.
func beginsCut(s string) bool {
	s = strings.TrimLeft(s, " [(")
	return strings.HasPrefix(s, "…") || strings.HasPrefix(s, "...")
}

func cutEnd(lines []line) []line {
	for len(lines) > 0 {
		l := &lines[len(lines)-1]
		for _, mark := range cutMarks {
			l.text = strings.TrimSpace(strings.TrimSuffix(l.text, mark))
		}
		if l.text != "" {
			break
		}
		lines = lines[:len(lines)-1]
	}
	return lines
}

func leftOutLine(text, why string) string {
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "")
	}
	return words.LeftOutNote(words.LeftLine(shorten(oneLine(text), 60), why))
}

// dropRepeatedLines removes first and last lines that most entries share: a signature, an invitation, a licence. A
// line that is the only text of an entry is kept, unless it occurs next to other text elsewhere. Hashtags are kept,
// because they are meant to be repeated.
func dropRepeatedLines(entries []built) {
	all := 0
	for i := range entries {
		if len(entries[i].lines) > 0 {
			all++
		}
	}
	if all < repeats {
		return
	}
	for range maxFooter {
		if !dropRepeatedAt(entries, all, true) && !dropRepeatedAt(entries, all, false) {
			return
		}
	}
}

// maxFooter is the maximum number of repeated lines that are removed at the beginning or end.
const maxFooter = 12

func dropRepeatedAt(entries []built, all int, end bool) bool {
	at := func(b *built) int {
		if end {
			return len(b.lines) - 1
		}
		return 0
	}
	in, beside := map[string]int{}, map[string]bool{}
	keys := make([]string, len(entries))
	for i := range entries {
		b := &entries[i]
		if len(b.lines) == 0 {
			continue
		}
		key := lineKey(b.lines[at(b)].text, b.post.Title)
		if key == "" {
			continue
		}
		keys[i] = key
		in[key]++
		beside[key] = beside[key] || len(b.lines) > 1
	}
	dropped := false
	for i := range entries {
		b := &entries[i]
		if k := keys[i]; k == "" || !mostOf(in[k], all) || !beside[k] {
			continue
		}
		n := at(b)
		if b.repeated++; b.repeated <= 3 { // the first lines of a long footer suffice for the notes
			b.post.Markup.Notes = append(b.post.Markup.Notes,
				leftOutLine(b.lines[n].text, words.LineRepeated))
		}
		if end {
			b.lines = b.lines[:n]
		} else {
			b.lines = b.lines[1:]
		}
		if len(b.lines) > 0 {
			b.lines[0].gap = false
		}
		dropped = true
	}
	return dropped
}

// lineKey returns a line in the form in which lines of different entries are compared: the entry's own title in it
// is replaced by a placeholder. It returns "" for hashtags and for lines that are too long.
func lineKey(text, title string) string {
	if len(text) > 600 || onlyHashtags(text) {
		return ""
	}
	if len(title) > 5 {
		text = strings.ReplaceAll(text, title, "\x00")
	}
	return text
}

func onlyHashtags(s string) bool {
	if !strings.HasPrefix(s, "#") {
		return false
	}
	for _, w := range strings.Fields(s) {
		if w[0] != '#' {
			return false
		}
	}
	return true
}

// countWords returns the number of letters and digits.
func countWords(s string) int {
	n := 0
	for _, r := range s {
		if r < 0x80 {
			if r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' {
				n++
			}
		} else if wordRune(r) {
			n++
		}
	}
	return n
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// A shortcode is an unexpanded macro of a publishing program: it has attributes, or it is an end tag.
// https://codex.wordpress.org/Shortcode_API
var (
	shortcode    = regexp.MustCompile(`\[[A-Za-z][\w-]*\s+([^\[\]]+?)\s*/?\]`)
	attributes   = regexp.MustCompile(`^(?:[\w:.-]+=["'“”„″»«‘’′]|(?:[\w:.-]+=[^\s"'“”]+\s*)+$|https?://\S+$)`)
	shortcodeEnd = regexp.MustCompile(`\[/([A-Za-z][\w-]*)\]`)
	bareCode     = regexp.MustCompile(
		`^\[/?(?:caption|gallery|video|audio|embed|playlist|contact-form|more|[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+)\s*/?\]$`)
)

// dropShortcodes removes unexpanded macros from a line. It keeps a word in brackets within a sentence.
func dropShortcodes(s string) string {
	if !strings.Contains(s, "[") || !strings.Contains(s, "]") {
		return s
	}
	if bareCode.MatchString(strings.TrimSpace(s)) {
		return ""
	}
	out := shortcode.ReplaceAllStringFunc(s, func(code string) string {
		if attributes.MatchString(shortcode.FindStringSubmatch(code)[1]) {
			return ""
		}
		return code
	})
	for _, m := range shortcodeEnd.FindAllStringSubmatch(out, -1) {
		out = strings.ReplaceAll(strings.ReplaceAll(out, m[0], ""), "["+m[1]+"]", "")
	}
	if out == s {
		return s
	}
	return strings.TrimSpace(out)
}
