package publisher

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"postern/media"
	"postern/store"
)

// Layer is one sparse set of settings with the name an owner knows it by.
type Layer struct {
	Origin   string // "default", "account", "route", "entry", "entry for Instagram", "edit"
	Settings store.Settings
}

// Value is a setting with the layer it comes from.
type Value[T any] struct {
	V      T
	Origin string
}

// Resolved is every setting with its origin.
type Resolved struct {
	FormatString        Value[string] // "" is the built-in form: the title where it adds something, then the text
	Truncate            Value[bool]
	AppendURL           Value[bool]
	AppendURLIfTruncate Value[bool]
	AppendURLSpacer     Value[string]
	Channel             Value[string]
	Syndicate           Value[bool]
	AltText             Value[bool]
	CoolDown            Value[time.Duration]
	MinAge              Value[time.Duration]
	QuotaReserve        Value[int]
	Approve             Value[bool]
	Hashtags            Value[int]
	Split               Value[bool] // decided when a post is found: see Publication.Parts
	IncludeCategories   Value[[]string]
	ExcludeCategories   Value[[]string]
	IncludeKeywords     Value[[]string]
	ExcludeKeywords     Value[[]string]
	IncludeAuthors      Value[[]string]
	ExcludeAuthors      Value[[]string]
	MinPictures         Value[int]
	Fit                 Value[string] // a name that media.ParseFill takes
	Background          Value[string] // "#rrggbb"
	Trim                Value[bool]
}

// defaults are the layer under all others.
var defaults = Resolved{
	FormatString:        Value[string]{"", "default"},
	Truncate:            Value[bool]{true, "default"},
	AppendURL:           Value[bool]{true, "default"},
	AppendURLIfTruncate: Value[bool]{false, "default"},
	AppendURLSpacer:     Value[string]{"\n\nSee the full post at:\n", "default"},
	Channel:             Value[string]{"feed", "default"},
	Syndicate:           Value[bool]{true, "default"},
	AltText:             Value[bool]{true, "default"},
	CoolDown:            Value[time.Duration]{0, "default"},
	MinAge:              Value[time.Duration]{0, "default"},
	QuotaReserve:        Value[int]{5, "default"},
	Approve:             Value[bool]{false, "default"},
	Hashtags:            Value[int]{0, "default"},
	Split:               Value[bool]{false, "default"},
	IncludeCategories:   Value[[]string]{nil, "default"},
	ExcludeCategories:   Value[[]string]{nil, "default"},
	IncludeKeywords:     Value[[]string]{nil, "default"},
	ExcludeKeywords:     Value[[]string]{nil, "default"},
	IncludeAuthors:      Value[[]string]{nil, "default"},
	ExcludeAuthors:      Value[[]string]{nil, "default"},
	MinPictures:         Value[int]{0, "default"},
	Fit:                 Value[string]{"edge", "default"},
	Background:          Value[string]{"#ffffff", "default"},
	Trim:                Value[bool]{false, "default"},
}

// Resolve merges the layers, later ones over earlier ones, onto the defaults.
func Resolve(layers ...Layer) Resolved {
	r := defaults
	for _, l := range layers {
		s := l.Settings
		over(&r.FormatString, s.FormatString, l.Origin)
		over(&r.Truncate, s.Truncate, l.Origin)
		over(&r.AppendURL, s.AppendURL, l.Origin)
		over(&r.AppendURLIfTruncate, s.AppendURLIfTruncate, l.Origin)
		over(&r.AppendURLSpacer, s.AppendURLSpacer, l.Origin)
		over(&r.Channel, s.Channel, l.Origin)
		over(&r.Syndicate, s.Syndicate, l.Origin)
		over(&r.AltText, s.AltText, l.Origin)
		over(&r.CoolDown, (*time.Duration)(s.CoolDown), l.Origin)
		over(&r.MinAge, (*time.Duration)(s.MinAge), l.Origin)
		over(&r.QuotaReserve, s.QuotaReserve, l.Origin)
		over(&r.Approve, s.Approve, l.Origin)
		over(&r.Hashtags, s.Hashtags, l.Origin)
		over(&r.Split, s.Split, l.Origin)
		over(&r.IncludeCategories, s.IncludeCategories, l.Origin)
		over(&r.ExcludeCategories, s.ExcludeCategories, l.Origin)
		over(&r.IncludeKeywords, s.IncludeKeywords, l.Origin)
		over(&r.ExcludeKeywords, s.ExcludeKeywords, l.Origin)
		over(&r.IncludeAuthors, s.IncludeAuthors, l.Origin)
		over(&r.ExcludeAuthors, s.ExcludeAuthors, l.Origin)
		over(&r.MinPictures, s.MinPictures, l.Origin)
		over(&r.Fit, s.Fit, l.Origin)
		over(&r.Background, s.Background, l.Origin)
		over(&r.Trim, s.Trim, l.Origin)
	}
	return r
}

func over[T any](v *Value[T], with *T, origin string) {
	if with != nil {
		*v = Value[T]{*with, origin}
	}
}

// Layers are the settings that apply to a post on an account, in their order of precedence.
func Layers(account store.Account, route store.Route, post store.Post) []Layer {
	return []Layer{
		{"account", account.Settings},
		{"route", route.Settings},
		{"entry", post.Markup.Entry},
		{"entry for Instagram", post.Markup.Override},
	}
}

// setters read a setting's text into its field; nil text returns it to the layer below.
var setters = map[string]func(s *store.Settings, text *string) error{
	"format_string":           func(s *store.Settings, t *string) error { return set(&s.FormatString, t, parseText) },
	"truncate":                func(s *store.Settings, t *string) error { return set(&s.Truncate, t, parseBool) },
	"append_url":              func(s *store.Settings, t *string) error { return set(&s.AppendURL, t, parseBool) },
	"append_url_if_truncated": func(s *store.Settings, t *string) error { return set(&s.AppendURLIfTruncate, t, parseBool) },
	"append_url_spacer":       func(s *store.Settings, t *string) error { return set(&s.AppendURLSpacer, t, parseText) },
	"channel":                 func(s *store.Settings, t *string) error { return set(&s.Channel, t, parseChannel) },
	"syndicate":               func(s *store.Settings, t *string) error { return set(&s.Syndicate, t, parseBool) },
	"alt_text":                func(s *store.Settings, t *string) error { return set(&s.AltText, t, parseBool) },
	"cool_down":               func(s *store.Settings, t *string) error { return set(&s.CoolDown, t, parseDuration) },
	"min_age":                 func(s *store.Settings, t *string) error { return set(&s.MinAge, t, parseDuration) },
	"quota_reserve":           func(s *store.Settings, t *string) error { return set(&s.QuotaReserve, t, parseNumber(100)) },
	"approve":                 func(s *store.Settings, t *string) error { return set(&s.Approve, t, parseBool) },
	"hashtags":                func(s *store.Settings, t *string) error { return set(&s.Hashtags, t, parseNumber(maxHashtags)) },
	"split":                   func(s *store.Settings, t *string) error { return set(&s.Split, t, parseBool) },
	"include_categories":      func(s *store.Settings, t *string) error { return set(&s.IncludeCategories, t, parseList) },
	"exclude_categories":      func(s *store.Settings, t *string) error { return set(&s.ExcludeCategories, t, parseList) },
	"include_keywords":        func(s *store.Settings, t *string) error { return set(&s.IncludeKeywords, t, parseList) },
	"exclude_keywords":        func(s *store.Settings, t *string) error { return set(&s.ExcludeKeywords, t, parseList) },
	"include_authors":         func(s *store.Settings, t *string) error { return set(&s.IncludeAuthors, t, parseList) },
	"exclude_authors":         func(s *store.Settings, t *string) error { return set(&s.ExcludeAuthors, t, parseList) },
	"min_pictures":            func(s *store.Settings, t *string) error { return set(&s.MinPictures, t, parseNumber(100)) },
	"fit":                     func(s *store.Settings, t *string) error { return set(&s.Fit, t, parseFit) },
	"background":              func(s *store.Settings, t *string) error { return set(&s.Background, t, parseColour) },
	"trim":                    func(s *store.Settings, t *string) error { return set(&s.Trim, t, parseBool) },
}

// SettingNames lists the settings that Set knows.
func SettingNames() []string {
	names := make([]string, 0, len(setters))
	for n := range setters {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Set reads one setting from its text. An empty text returns it to its default.
func Set(s *store.Settings, name, text string) error {
	f, ok := setters[name]
	if !ok {
		return fmt.Errorf("there is no setting %q; there are %s", name, strings.Join(SettingNames(), ", "))
	}
	t := &text
	if text == "" {
		t = nil
	}
	if err := f(s, t); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func set[T any](field **T, text *string, parse func(string) (T, error)) error {
	if text == nil {
		*field = nil
		return nil
	}
	v, err := parse(*text)
	if err != nil {
		return err
	}
	*field = &v
	return nil
}

// parseText lets a line break be written on a command line.
func parseText(s string) (string, error) { return strings.ReplaceAll(s, `\n`, "\n"), nil }

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "on":
		return true, nil
	case "no", "off":
		return false, nil
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return v, nil
}

func parseDuration(s string) (store.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a length of time such as 90m or 24h", s)
	}
	return store.Duration(d), nil
}

func parseNumber(most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 0 || n > most {
			return 0, fmt.Errorf("%q is not a number from 0 to %d", s, most)
		}
		return n, nil
	}
}

// parseList reads words separated by commas. A lone comma is an empty list, which switches off the one of the layer
// below.
func parseList(s string) ([]string, error) {
	list := []string{}
	for _, word := range strings.Split(s, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list, nil
}

func parseChannel(s string) (string, error) {
	if s != "feed" && s != "story" {
		return "", fmt.Errorf("%q is neither feed nor story", s)
	}
	return s, nil
}

func parseFit(s string) (string, error) {
	f, err := media.ParseFill(s)
	return f.String(), err
}

func parseColour(s string) (string, error) {
	s = strings.ToLower(s)
	if _, ok := colour(s); !ok {
		return "", fmt.Errorf("%q is not a colour such as #ffffff", s)
	}
	return s, nil
}
