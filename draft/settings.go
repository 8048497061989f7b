package draft

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"postern/store"
	"postern/words"
)

// Layer is one set of settings, not all of which are set, with the name by which an owner knows it.
type Layer struct {
	Origin   string // "account", "route", "entry", "entry for Instagram"
	Settings store.Settings
}

// fromDefault is the origin of a setting that no layer sets.
const fromDefault = "default"

// Origins of the layers that an owner sets.
const (
	fromAccount = "account"
	fromRoute   = "route"
)

// Value is a setting and the layer from which it comes.
type Value[T any] struct {
	V      T
	Origin string
}

// Resolved contains every setting with its origin. The embedded parts are declared next to the code that uses them,
// each with the list of its settings.
type Resolved struct {
	pacing
	selection
	wording
	additions
	shaping

	// accountCoolDown is the cool-down set for the account, which applies to the posts of all its feeds.
	accountCoolDown Value[store.Duration]
}

// settings is the only list of all settings. The command line, the pages and docs/settings.md are derived from it.
var settings = slices.Concat(pacingSettings, selectionSettings, wordingSettings, additionSettings, shapingSettings)

// SettingGroups are the headings under which settings are shown, in order.
var SettingGroups = []string{words.GroupWhen, words.GroupWhichPosts, words.GroupWords, words.GroupSentAlong,
	words.GroupMedia}

// Resolve merges the layers onto the defaults; later layers override earlier ones. It is pure.
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

// Layers returns the settings that apply to a post on an account, in ascending order of precedence.
func Layers(account store.Account, route store.Route, post store.Post) []Layer {
	return append(Inherited(account, route),
		Layer{"entry", post.Markup.Entry},
		Layer{words.OriginOverride, post.Markup.Override})
}

// Inherited returns the layers that an owner sets: those that apply to every post of a feed on an account.
func Inherited(account store.Account, route store.Route) []Layer {
	return []Layer{{fromAccount, account.Settings}, {fromRoute, route.Settings}}
}

// Setting is one setting, with its texts for people.
type Setting struct {
	Name        string   // key on the command line
	Group       string   // one of SettingGroups
	Title       string   // label in a form
	Help        string   // one or two sentences
	Choices     []string // nil for free text
	Lines       bool     // its text may have several lines
	DefaultText string   // text for the default if its value would be misleading; else ""

	reset  func(r *Resolved) // sets the default
	over   func(r *Resolved, s store.Settings, origin string)
	set    func(s *store.Settings, text *string) error // nil removes the value from the layer
	textIn func(s store.Settings) (string, bool)
	value  func(r Resolved) (text, origin string)
}

// TextIn returns the text of the setting in one layer, in the format of Set; "" if the layer does not set it.
func (s Setting) TextIn(layer store.Settings) string {
	text, _ := s.textIn(layer)
	return text
}

// Effective returns the effective value as text for people, and where it was set.
func (s Setting) Effective(r Resolved) (text, origin string) {
	text, origin = s.value(r)
	return s.word(text, origin), origin
}

func (s Setting) word(text, origin string) string {
	switch {
	case origin == fromDefault && s.DefaultText != "":
		return s.DefaultText
	case text == "" || text == ",":
		return "none"
	}
	return text
}

// Settings returns all settings in the order of a form.
func Settings() []Setting { return settings }

// SettingNames returns the names of all settings in alphabetical order.
func SettingNames() []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.Name
	}
	sort.Strings(names)
	return names
}

// Set parses and sets one setting. An empty text removes it from the layer, so that the layer below applies. The
// error is one line that begins with the setting's name and says what is wrong and what would be valid.
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

// kind says how values of one type are parsed and formatted.
type kind[T any] struct {
	parse   func(string) (T, error)
	text    func(T) string
	choices []string
	lines   bool
}

// setting completes s with the functions that convert its value between a layer, its text and the resolved settings.
// preset is the default.
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
	s.textIn = func(layer store.Settings) (string, bool) {
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
