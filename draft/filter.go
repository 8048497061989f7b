package draft

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// selection has the settings that decide which posts are published.
type selection struct {
	Syndicate         Value[bool]
	Channel           Value[string]
	IncludeCategories Value[[]string]
	ExcludeCategories Value[[]string]
	IncludeKeywords   Value[[]string]
	ExcludeKeywords   Value[[]string]
	IncludeAuthors    Value[[]string]
	ExcludeAuthors    Value[[]string]
	MinPictures       Value[int]
	Sensitive         Value[string] // hold, publish or skip
}

var selectionSettings = []Setting{
	setting(Setting{Name: "syndicate", Group: words.GroupWhichPosts, Title: words.SettingSyndicate,
		Help: words.SettingSyndicateHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Syndicate },
		func(r *Resolved) *Value[bool] { return &r.Syndicate }, true),
	setting(Setting{Name: "channel", Group: words.GroupWhichPosts, Title: words.SettingChannel,
		Help: words.SettingChannelHelp},
		oneOf("feed", "story"),
		func(s *store.Settings) **string { return &s.Channel },
		func(r *Resolved) *Value[string] { return &r.Channel }, "feed"),
	setting(Setting{Name: "include_categories", Group: words.GroupWhichPosts, Title: words.SettingIncludeCategories,
		Help: words.SettingIncludeCategoriesHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeCategories },
		func(r *Resolved) *Value[[]string] { return &r.IncludeCategories }, nil),
	setting(Setting{Name: "exclude_categories", Group: words.GroupWhichPosts, Title: words.SettingExcludeCategories,
		Help: words.SettingExcludeCategoriesHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeCategories },
		func(r *Resolved) *Value[[]string] { return &r.ExcludeCategories }, nil),
	setting(Setting{Name: "include_keywords", Group: words.GroupWhichPosts, Title: words.SettingIncludeKeywords,
		Help: words.SettingIncludeKeywordsHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeKeywords },
		func(r *Resolved) *Value[[]string] { return &r.IncludeKeywords }, nil),
	setting(Setting{Name: "exclude_keywords", Group: words.GroupWhichPosts, Title: words.SettingExcludeKeywords,
		Help: words.SettingExcludeKeywordsHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeKeywords },
		func(r *Resolved) *Value[[]string] { return &r.ExcludeKeywords }, nil),
	setting(Setting{Name: "include_authors", Group: words.GroupWhichPosts, Title: words.SettingIncludeAuthors,
		Help: words.SettingIncludeAuthorsHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeAuthors },
		func(r *Resolved) *Value[[]string] { return &r.IncludeAuthors }, nil),
	setting(Setting{Name: "exclude_authors", Group: words.GroupWhichPosts, Title: words.SettingExcludeAuthors,
		Help: words.SettingExcludeAuthorsHelp}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeAuthors },
		func(r *Resolved) *Value[[]string] { return &r.ExcludeAuthors }, nil),
	setting(Setting{Name: "min_pictures", Group: words.GroupWhichPosts, Title: words.SettingMinPictures,
		DefaultText: words.SettingMinPicturesDefault, Help: words.SettingMinPicturesHelp}, number(100),
		func(s *store.Settings) **int { return &s.MinPictures },
		func(r *Resolved) *Value[int] { return &r.MinPictures }, 0),
	setting(Setting{Name: "sensitive", Group: words.GroupWhichPosts, Title: words.SettingSensitive,
		Help: words.SettingSensitiveHelp}, oneOf("hold", "publish", "skip"),
		func(s *store.Settings) **string { return &s.Sensitive },
		func(r *Resolved) *Value[string] { return &r.Sensitive }, "hold"),
}

// Filtered returns why the owner's filters exclude a post; the zero reason if they do not. It is pure.
func Filtered(p store.Post, s Resolved) reason.Reason {
	pictures := 0
	for _, m := range p.Media {
		if m.Type == store.Image {
			pictures++
		}
	}
	if pictures < s.MinPictures.V {
		return reason.New(reason.FilterPictures, pictures, s.MinPictures.V, s.MinPictures.Origin)
	}
	if p.Markup.Sensitive != "" && s.Sensitive.V == "skip" {
		return reason.New(reason.FilterSensitive, p.Markup.Sensitive, s.Sensitive.Origin)
	}
	category := func(want string) bool {
		return slices.ContainsFunc(p.Categories, func(c string) bool { return sameWords(c, want) })
	}
	words := folded(p.Title + "\n" + p.Text)
	keyword := func(want string) bool { return hasWord(words, folded(want)) }
	author := func(want string) bool {
		return sameWords(p.Markup.Fields["author_name"], want) || sameWords(p.Markup.Fields["author_email"], want)
	}
	for _, f := range []struct {
		name, what       string
		include, exclude Value[[]string]
		has              func(string) bool
	}{
		{"categories", "category", s.IncludeCategories, s.ExcludeCategories, category},
		{"keywords", "word", s.IncludeKeywords, s.ExcludeKeywords, keyword},
		{"authors", "author", s.IncludeAuthors, s.ExcludeAuthors, author},
	} {
		if i := slices.IndexFunc(f.exclude.V, f.has); i >= 0 {
			return reason.New(reason.FilterExcluded, f.what, f.exclude.V[i], f.name, f.exclude.Origin)
		}
		if len(f.include.V) > 0 && !slices.ContainsFunc(f.include.V, f.has) {
			return reason.New(reason.FilterNotIncluded, f.name, f.name, f.include.Origin)
		}
	}
	return reason.Reason{}
}

func sameWords(a, b string) bool { return a != "" && folded(a) == folded(b) }

func folded(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
}

// hasWord reports whether a text contains word, not as part of a longer word. In scripts without spaces between
// words, any occurrence counts.
func hasWord(text, word string) bool {
	if word == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if !(joins(first) && joins(before)) && !(joins(last) && joins(after)) {
			return true
		}
		from = i + len(word)
	}
}

// joins reports whether a rune forms one word with adjacent letters.
func joins(r rune) bool {
	return wordRune(r) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer)
}
