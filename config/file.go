package config

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// DefaultFile is read when no other file is named and the working directory has it.
const DefaultFile = "postern.toml"

type tomlValue struct {
	name  string
	value any
}

// decodeTOML flattens a file into dotted names. Nothing is decoded into types here, because a decoder stops at
// the first value that does not fit.
func decodeTOML(name string, body []byte) ([]tomlValue, error) {
	var tree map[string]any
	if _, err := toml.Decode(string(body), &tree); err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s line %d: %s", name, pe.Position.Line, singleLine(pe.Message))
		}
		return nil, fmt.Errorf("%s: %s", name, singleLine(err.Error()))
	}
	var out []tomlValue
	var walk func(prefix string, m map[string]any)
	walk = func(prefix string, m map[string]any) {
		for k, v := range m {
			if t, ok := v.(map[string]any); ok && len(t) > 0 {
				walk(prefix+k+".", t)
				continue
			} else if ok && knownTable(prefix+k) {
				continue
			}
			out = append(out, tomlValue{prefix + k, v})
		}
	}
	walk("", tree)
	sort.Slice(out, func(a, b int) bool { return out[a].name < out[b].name })
	return out, nil
}

// knownTable reports whether an empty table such as [web] is no mistake.
func knownTable(name string) bool {
	c := Default()
	return slices.ContainsFunc(c.keys(), func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

// Closest returns the known name that was probably meant: its last part is the same, or few letters differ. "" when
// there is none.
func Closest(name string, known []string) string {
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	best, least := "", min(3, len(name)/2)+1 // of a short name other letters would make another one
	for _, k := range known {
		d := min(distance(name, k), distance(last(name), last(k))+1)
		if d < least || d == least && k < best {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// singleLine joins the lines of an error.
func singleLine(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "; ")
}
