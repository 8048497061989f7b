package draft

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/media"
	"postern/store"
	"postern/words"
)

// maxCollaborators is the maximum number of collaborators when a post is created.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const maxCollaborators = 3

var (
	boolText     = kind[bool]{parse: parseBool, text: yesNo, choices: []string{"yes", "no"}}
	durationText = kind[store.Duration]{parse: parseDuration,
		text: func(d store.Duration) string { return short(time.Duration(d)) }}
	listKind = kind[[]string]{parse: parseList, text: listText}
	lineText = kind[string]{parse: parseText,
		text: func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }}
	quietText  = kind[string]{parse: parseQuietText, text: same}
	slotsText  = kind[string]{parse: parseSlotsText, text: same}
	zoneText   = kind[string]{parse: parseZone, text: same}
	fitText    = kind[string]{parse: parseFit, text: same, choices: []string{"edge", "background", "blur", "crop"}}
	colourText = kind[string]{parse: parseColour, text: same}
	pageText   = kind[string]{parse: parsePageID, text: same}
)

func same(s string) string { return s }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Length formats a duration as in settings, such as "24h" or "1h30m".
func Length(d time.Duration) string { return short(d) }

// short formats a duration without zero units at the end: "2h" instead of 2h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// parseText accepts \n for a line break, so that one can be written on a command line.
func parseText(s string) (string, error) {
	return strings.NewReplacer("\r\n", "\n", `\n`, "\n").Replace(s), nil
}

// templateText returns the kind of a multi-line text with placeholders of at most the given length; 0 for no limit.
func templateText(most int) kind[string] {
	return kind[string]{text: same, lines: true, parse: func(s string) (string, error) {
		s, err := parseText(s)
		if n := units(s); most > 0 && n > most {
			return "", errors.New(words.ValueTooLong(n, most))
		}
		if err == nil {
			err = checkPlaceholders(s)
		}
		return s, err
	}}
}

var (
	placeholders = append(append([]string{"title", "content", "url"}, store.MarkupFields...), "date", "hashtags")
	braced       = regexp.MustCompile(`\{\{[^{}]*\}\}`)
)

// checkPlaceholders rejects placeholders that no post can fill. They would always be empty, or be sent literally.
func checkPlaceholders(form string) error {
	for _, b := range braced.FindAllString(form, -1) {
		m := placeholder.FindStringSubmatch(b)
		if m == nil || !slices.Contains(placeholders, m[1]) || m[2] != "" && m[1] != "date" {
			return errors.New(words.ValueNoPlaceholder(b, placeholders))
		}
		if err := checkDate(m[2]); err != nil {
			return err
		}
	}
	if rest := braced.ReplaceAllString(form, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return errors.New(words.ValueBraces)
	}
	return nil
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "on":
		return true, nil
	case "no", "off":
		return false, nil
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New(words.ValueNoBool(s))
	}
	return v, nil
}

// parseDuration parses "90m", "24h", "2d" and "1d12h".
func parseDuration(s string) (store.Duration, error) {
	d, err := words.ParseSpan(s)
	return store.Duration(d), err
}

// number returns the kind of an integer from 0 to most.
func number(most int) kind[int] {
	return kind[int]{text: strconv.Itoa, parse: func(s string) (int, error) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 0 || n > most {
			return 0, errors.New(words.ValueNoNumber(s, most))
		}
		return n, nil
	}}
}

// parseList parses words separated by commas. A lone comma is an empty list, and overrides the layers below.
func parseList(s string) ([]string, error) {
	list := []string{}
	for _, word := range strings.Split(s, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list, nil
}

func listText(list []string) string {
	if len(list) == 0 {
		return ","
	}
	return strings.Join(list, ", ")
}

func oneOf(choices ...string) kind[string] {
	return kind[string]{text: same, choices: choices, parse: func(s string) (string, error) {
		if !slices.Contains(choices, s) {
			return "", errors.New(words.ValueNoChoice(s, choices))
		}
		return s, nil
	}}
}

func parseFit(s string) (string, error) {
	f, err := media.ParseFill(s)
	return f.String(), err
}

func parseColour(s string) (string, error) {
	s = strings.ToLower(s)
	if _, ok := colour(s); !ok {
		return "", errors.New(words.ValueNoColour(s))
	}
	return s, nil
}

// pageNumber matches the id of a Facebook Page. Only Instagram knows whether the Page has a location.
var pageNumber = regexp.MustCompile(`^[0-9]{5,20}$`)

func parsePageID(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !pageNumber.MatchString(s) {
		return "", errors.New(words.ValueNoPage(s))
	}
	return s, nil
}

var userName = regexp.MustCompile(`^[a-z0-9._]{1,30}$`)

// userNames returns the kind of a list of at most so many user names, with or without @.
func userNames(most int) kind[[]string] {
	return kind[[]string]{text: listText, parse: func(s string) ([]string, error) {
		list, _ := parseList(s)
		for i, name := range list {
			list[i] = strings.ToLower(strings.TrimPrefix(name, "@"))
			if !userName.MatchString(list[i]) {
				return nil, errors.New(words.ValueNoUser(name))
			}
			if slices.Contains(list[:i], list[i]) {
				return nil, errors.New(words.ValueRepeated(name))
			}
		}
		if len(list) > most {
			return nil, errors.New(words.ValueTooMany(len(list), most))
		}
		return list, nil
	}}
}
