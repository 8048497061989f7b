package feed

import (
	"bytes"
	"regexp"
	"strings"

	"postern/reason"
)

type tagKind int

const (
	openTag tagKind = iota
	closeTag
	emptyTag // <br/>
	declTag  // <!DOCTYPE …>
	mailTag  // <ada@blog.example>, which is text
)

// tag is one tag; start and end are its position in the text.
type tag struct {
	kind       tagKind
	name       string
	start, end int
}

// lex calls yield for every tag outside comments, CDATA and processing instructions until yield returns false.
// Unlike the XML reader it accepts any text. It is used to find the entries of a feed that the XML reader rejects,
// and to check the nesting before the XML reader recurses. Its only error is a nesting deeper than maxDepth.
func lex(text []byte, yield func(tag) bool) error {
	depth := 0
	for i := 0; i < len(text); {
		j := bytes.IndexByte(text[i:], '<')
		if j < 0 {
			return nil
		}
		i += j
		rest := text[i:]
		if end := endOfUnparsed(rest); end != "" {
			i = skipPast(text, i, end)
			continue
		}
		t := tag{start: i}
		nameAt := i + 1
		switch {
		case bytes.HasPrefix(rest, []byte("<!")):
			t.kind = declTag
		case bytes.HasPrefix(rest, []byte("</")):
			t.kind, nameAt = closeTag, i+2
		}
		k := nameAt
		for k < len(text) && nameByte(text[k]) {
			k++
		}
		if k == nameAt && t.kind != declTag {
			i++ // a lone <
			continue
		}
		t.name = string(text[nameAt:k])
		t.end = tagEnd(text, k)
		switch {
		case t.kind != openTag:
		case k < t.end && mailBytes[text[k]] && mailAddress.Match(text[t.start:t.end]):
			t.kind = mailTag
		case text[t.end-1] == '>' && text[t.end-2] == '/':
			t.kind = emptyTag
		}
		switch t.kind {
		case openTag:
			depth++
		case closeTag:
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return &NotAFeedError{Why: reason.New(reason.NotFeedDepth)}
		}
		if !yield(t) {
			return nil
		}
		i = t.end
	}
	return nil
}

// endOfUnparsed returns the end mark of the CDATA section, comment or processing instruction at the start of the
// text; "" if there is none.
func endOfUnparsed(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte("<![CDATA[")):
		return "]]>"
	case bytes.HasPrefix(text, []byte("<!--")):
		return "-->"
	case bytes.HasPrefix(text, []byte("<?")):
		return "?>"
	}
	return ""
}

// mailBytes are the bytes after the name of a tag that show that it is a mail address.
var mailBytes = [256]bool{'@': true, '+': true, '%': true}

var mailAddress = regexp.MustCompile(`^<[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+>$`)

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '-' ||
		c == '.' || c >= 0x80
}

func skipPast(text []byte, from int, mark string) int {
	if j := bytes.Index(text[from:], []byte(mark)); j >= 0 {
		return from + j + len(mark)
	}
	return len(text)
}

// tagEnd returns the position after the > of a tag, ignoring > in quotes.
func tagEnd(text []byte, i int) int {
	var quote byte
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		case c == '<':
			return i
		}
	}
	return len(text)
}

func localName(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}
