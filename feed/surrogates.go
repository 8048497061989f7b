package feed

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// joinSurrogates combines two character references that are the UTF-16 surrogate halves of one character, as some
// programs write an emoji: &#55357;&#56841; or, escaped twice, &amp;#xD83D;&amp;#xDE09;. It removes a half without
// the other, which XML does not allow (https://www.w3.org/TR/xml/#charsets).
func joinSurrogates(text []byte) []byte {
	var out []byte
	done := 0
	for i := 0; ; {
		j := bytes.Index(text[i:], []byte("#"))
		if j < 0 {
			break
		}
		at := i + j
		i = at + 1
		first, start, end := surrogate(text, at)
		if first == 0 {
			continue
		}
		if out == nil {
			out = make([]byte, 0, len(text))
		}
		out = append(out, text[done:start]...)
		done = end
		if next := bytes.IndexByte(text[end:min(end+6, len(text))], '#'); next >= 0 {
			if second, begin, stop := surrogate(text, end+next); second != 0 && begin == end {
				if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
					out, done = utf8.AppendRune(out, r), stop
				}
			}
		}
		i = done
	}
	if out == nil {
		return text
	}
	return append(out, text[done:]...)
}

// surrogate parses the character reference around the # at a position. It returns the surrogate half with its start
// and end; 0 for any other reference.
func surrogate(text []byte, hash int) (half rune, start, end int) {
	switch before := text[:hash]; {
	case bytes.HasSuffix(before, []byte("&amp;")):
		start = hash - 5
	case bytes.HasSuffix(before, []byte("&")):
		start = hash - 1
	default:
		return 0, 0, 0
	}
	stop := bytes.IndexByte(text[hash:min(hash+9, len(text))], ';')
	if stop < 3 {
		return 0, 0, 0
	}
	digits, base := string(text[hash+1:hash+stop]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n < 0xD800 || n > 0xDFFF {
		return 0, 0, 0
	}
	return rune(n), start, hash + stop + 1
}
