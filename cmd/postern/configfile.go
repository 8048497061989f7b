package main

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// defaultConfigFile is read when it is there and no other one is named.
const defaultConfigFile = "postern.toml"

// systemConfig is read when no file is named and the working directory has none, if it is there. The linker sets
// it in programs that are installed for a whole machine: -ldflags "-X
// main.systemConfig=/etc/postern/postern.toml". Without it a command beside the daemon would work on a data
// directory of its own, where nobody knows what was published.
var systemConfig string

// configDefault says in the help which files are read by themselves.
func configDefault() string {
	if systemConfig == "" {
		return defaultConfigFile + " in the working directory, if there is one"
	}
	return defaultConfigFile + " in the working directory, else " + systemConfig + ", if there is one"
}

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
			return nil, fmt.Errorf("%s line %d: %s", name, pe.Position.Line, oneLine(pe.Message))
		}
		return nil, fmt.Errorf("%s: %s", name, oneLine(err.Error()))
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

// knownTable: an empty table such as [web] is no mistake.
func knownTable(name string) bool {
	c := defaultConfig()
	return slices.ContainsFunc(c.keys(), func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

// didYouMean names the one of the known names that was probably meant, to end a sentence: the same last part
// elsewhere, or few letters apart; "" for none.
func didYouMean(name string, known []string) string {
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	best, least := "", min(3, len(name)/2)+1 // of a short name other letters would make another one
	for _, k := range known {
		d := min(distance(name, k), distance(last(name), last(k))+1)
		if d < least || d == least && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
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
