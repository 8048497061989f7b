package feed

import (
	"bytes"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Limits for one document. Real feeds stay far below them. What exceeds a limit is left out, with a note in the
// document.
const (
	maxEntries    = 20_000
	maxElements   = 10_000 // in one entry, and in a feed outside its entries
	maxValues     = 20_000 // in one entry of a JSON Feed
	maxNesting    = 100    // of these values
	fewAttributes = 200    // in one element
	longTag       = 4 << 10

	// heavyElement is the average size of elements below which a tree of all elements would take many times the
	// memory of the text.
	heavyElement  = 200
	manyElements  = 10_000
	manyComments  = 1000
	pictureWeight = 500 // one picture per so many bytes of the document is kept, in addition to fewPictures
	fewPictures   = 2500
	maxText       = 1 << 20 // of one entry, in bytes
	maxTitle      = 64 << 10
)

// largeBody is the size in bytes from which bodies are parsed one at a time.
const largeBody = 512 << 10

var reading sync.Mutex

// oneAtATime calls f. For a large body it waits until no other large body is being parsed, and limits how much
// memory the garbage collector lets accumulate to about three times the size of the body.
func oneAtATime(size int, f func()) {
	if size < largeBody {
		f()
		return
	}
	reading.Lock()
	defer reading.Unlock()
	debug.FreeOSMemory() // so that inUse returns the memory that is really in use
	limit := inUse() + int64(3*size) + 16<<20
	if before := debug.SetMemoryLimit(-1); limit < before {
		debug.SetMemoryLimit(limit)
		defer debug.SetMemoryLimit(before)
	}
	f()
}

// inUse returns the number of bytes that the program has obtained from the system and not returned.
func inUse() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

// lightenXML removes what takes much memory and has no meaning: the attributes of an element with hundreds of them,
// and comments if there are thousands.
func lightenXML(text []byte) []byte {
	var out []byte
	from := 0
	drop := func(start, end int) {
		if out == nil {
			out = make([]byte, 0, len(text))
		}
		out = append(out, text[from:start]...)
		from = end
	}
	if bytes.Count(text, []byte("<!--"))+bytes.Count(text, []byte("<?")) > manyComments {
		for i := 0; i < len(text); {
			j := bytes.IndexByte(text[i:], '<')
			if j < 0 {
				break
			}
			i += j
			end := i + 1
			switch rest := text[i:]; {
			case bytes.HasPrefix(rest, []byte("<![CDATA[")):
				end = skipPast(text, i, "]]>")
			case bytes.HasPrefix(rest, []byte("<!--")):
				end = skipPast(text, i, "-->")
				drop(i, end)
			case bytes.HasPrefix(rest, []byte("<?")):
				end = skipPast(text, i, "?>")
				drop(i, end)
			}
			i = end
		}
		if out != nil {
			text, out, from = append(out, text[from:]...), nil, 0
		}
	}
	_ = lex(text, func(t tag) bool {
		if t.end-t.start > longTag && t.kind != declTag && weight(string(text[t.start:t.end])) > fewAttributes {
			end := t.end - 1
			if t.kind == emptyTag {
				end--
			}
			drop(t.start+1+len(t.name), max(end, t.start+1+len(t.name)))
		}
		return true
	})
	if out == nil {
		return text
	}
	return append(out, text[from:]...)
}

// weight returns one more than the approximate number of attributes of a tag.
func weight(tag string) int {
	n := 1
	space := false
	for i := 0; i < len(tag); i++ {
		switch c := tag[i]; {
		case isHTMLSpace(c) || c == '/':
			space = true
		case space || c == '"' || c == '\'':
			space = false
			n++
		}
	}
	return n
}

// tooHeavy reports whether an entry of a JSON Feed exceeds maxValues or maxNesting.
func tooHeavy(raw []byte) bool {
	values, depth := 0, 0
	inString := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == ',':
			values++
		case c == '{' || c == '[':
			values++
			if depth++; depth > maxNesting {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return values > maxValues
}
