package feed

import (
	"bytes"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Bounds of one document. What programs write fits into them many times; what goes beyond is left out, and the
// document says so.
const (
	maxEntries    = 20_000
	maxElements   = 10_000 // of one entry, and of a feed around its entries
	maxValues     = 20_000 // of one entry of a JSON Feed
	maxNesting    = 100    // of those
	fewAttributes = 200    // of one element
	longTag       = 4 << 10

	// heavyElement is the size below which elements are so small that a tree of all of them would be many times
	// the text.
	heavyElement  = 200
	manyElements  = 10_000
	manyComments  = 1000
	pictureWeight = 500 // bytes of a document for each picture that is kept while it is read, beside
	fewPictures   = 2500
	maxText       = 1 << 20 // of one entry, in bytes
	maxTitle      = 64 << 10
)

// largeBody is the size from which bodies are read one at a time.
const largeBody = 512 << 10

var reading sync.Mutex

// oneAtATime calls f while no other large body is read, and lets the collector keep what it takes close to what
// the body weighs.
func oneAtATime(size int, f func()) {
	if size < largeBody {
		f()
		return
	}
	reading.Lock()
	defer reading.Unlock()
	debug.FreeOSMemory() // so that what is in use is known
	limit := inUse() + int64(3*size) + 16<<20
	if before := debug.SetMemoryLimit(-1); limit < before {
		debug.SetMemoryLimit(limit)
		defer debug.SetMemoryLimit(before)
	}
	f()
}

// inUse is the memory that the program has of the system.
func inUse() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

// lightenXML removes what costs more than it weighs and says nothing: the attributes of an element that has
// hundreds, and comments by the thousand.
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

// weight is one more than the number of attributes of a tag, or a little more.
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

// tooHeavy reports whether an entry of a JSON Feed holds more values, or deeper ones, than any program writes.
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
