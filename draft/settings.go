package draft

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"postern/store"
	"postern/words"
)

// Layer is one sparse set of settings with the name an owner knows it by.
type Layer struct {
	Origin   string // "account", "route", "entry", "entry for Instagram"
	Settings store.Settings
}

// fromDefault is the origin of what no layer says.
const fromDefault = "default"

// The origins of what an owner sets.
const (
	fromAccount = "account"
	fromRoute   = "route"
)

// Value is a setting with the layer it comes from.
type Value[T any] struct {
	V      T
	Origin string
}

// Resolved is every setting with its origin. The parts stand beside what they decide, each with the list of its
// settings.
type Resolved struct {
	pacing
	selection
	wording
	additions
	shaping

	// accountCoolDown is the account's own cool-down, which keeps the posts of all its feeds apart.
	accountCoolDown Value[store.Duration]
}

// settings is the one list of them: the command line, the pages and docs/settings.md follow it.
var settings = slices.Concat(pacingSettings, selectionSettings, wordingSettings, additionSettings, shapingSettings)

// SettingGroups are the headings under which settings stand.
var SettingGroups = []string{words.GroupWhen, words.GroupWhichPosts, words.GroupWords, words.GroupSentAlong,
	words.GroupMedia}

// Resolve merges the layers, later ones over earlier ones, onto the defaults. It is pure.
func Resolve(layers ...Layer) Resolved {
	var r Resolved
	for _, s := range settings {
		s.reset(&r)
		for _, l := range layers {
			s.over(&r, l.Settings, l.Origin)
		}
	}
	r.accountCoolDown.Origin = fromDefault
	for _, l := range layers {
		if own := l.Settings.CoolDown; l.Origin == fromAccount && own != nil {
			r.accountCoolDown = Value[store.Duration]{*own, l.Origin}
		}
	}
	return r
}

// Layers are the settings that apply to a post on an account, in their order of precedence.
func Layers(account store.Account, route store.Route, post store.Post) []Layer {
	return append(Inherited(account, route),
		Layer{"entry", post.Markup.Entry},
		Layer{words.OriginOverride, post.Markup.Override})
}

// Inherited are the layers that an owner sets: those that every post of a feed on an account begins with.
func Inherited(account store.Account, route store.Route) []Layer {
	return []Layer{{fromAccount, account.Settings}, {fromRoute, route.Settings}}
}

// Setting is one thing an owner may choose, with its words for people.
type Setting struct {
	Name    string   // the key on the command line
	Group   string   // one of SettingGroups
	Title   string   // what a form calls it
	Help    string   // one or two sentences
	Choices []string // nil for free text
	Lines   bool     // its text may have several lines
	Unsaid  string   // what the default is called where its value would mislead, "" otherwise

	reset func(r *Resolved) // gives it its default
	over  func(r *Resolved, s store.Settings, origin string)
	set   func(s *store.Settings, text *string) error // nil text returns it to the layer below
	said  func(s store.Settings) (string, bool)
	value func(r Resolved) (text, origin string)
}

// Said is the text of the setting in one layer, as Set takes it; "" when the layer does not say it.
func (s Setting) Said(layer store.Settings) string {
	text, _ := s.said(layer)
	return text
}

// Effective is the value that counts, as people read it, and where it comes from.
func (s Setting) Effective(r Resolved) (text, origin string) {
	text, origin = s.value(r)
	return s.word(text, origin), origin
}

func (s Setting) word(text, origin string) string {
	switch {
	case origin == fromDefault && s.Unsaid != "":
		return s.Unsaid
	case text == "" || text == ",":
		return "none"
	}
	return text
}

// Settings lists every setting in the order in which a form shows them.
func Settings() []Setting { return settings }

// SettingNames lists the settings that Set knows, in alphabetical order.
func SettingNames() []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.Name
	}
	sort.Strings(names)
	return names
}

// Set reads one setting from its text. An empty text returns it to the layer below. The error says what is wrong and
// what would be right, on one line, beginning with the setting's name.
func Set(s *store.Settings, name, text string) error {
	for _, known := range settings {
		if known.Name != name {
			continue
		}
		t := &text
		if text == "" {
			t = nil
		}
		if err := known.set(s, t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	return errors.New(words.SettingUnknown(name, SettingNames()))
}

// kind is how values of one type are read and written.
type kind[T any] struct {
	parse   func(string) (T, error)
	text    func(T) string
	choices []string
	lines   bool
}

// setting completes s with what moves its value between a layer, its text and the resolved settings.
// preset is its value where no layer says one.
func setting[T any](s Setting, k kind[T], field func(*store.Settings) **T, value func(*Resolved) *Value[T],
	preset T) Setting {
	s.Choices, s.Lines = k.choices, k.lines
	s.reset = func(r *Resolved) { *value(r) = Value[T]{preset, fromDefault} }
	s.over = func(r *Resolved, layer store.Settings, origin string) {
		if v := *field(&layer); v != nil {
			*value(r) = Value[T]{*v, origin}
		}
	}
	s.set = func(layer *store.Settings, text *string) error {
		if text == nil {
			*field(layer) = nil
			return nil
		}
		v, err := k.parse(*text)
		if err != nil {
			return err
		}
		*field(layer) = &v
		return nil
	}
	s.said = func(layer store.Settings) (string, bool) {
		if v := *field(&layer); v != nil {
			return k.text(*v), true
		}
		return "", false
	}
	s.value = func(r Resolved) (string, string) {
		v := value(&r)
		return k.text(v.V), v.Origin
	}
	return s
}
