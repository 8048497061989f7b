package draft

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Possible returns the checks without the remedies that the state of their publication no longer allows.
func Possible(checks []store.Check, s store.State) []store.Check {
	checks = slices.Clone(checks)
	for i := range checks {
		c := &checks[i]
		if c.ID == repeatedRule && !store.CommandSkip.Allows(s) || isLeftOut(*c) && !s.CanEdit() {
			c.Remedy = ""
		}
	}
	return checks
}

// check is one finding; its remedy is the rule's.
func check(id string, severity store.CheckSeverity, text string) store.Check {
	return store.Check{ID: id, Severity: severity, Text: text, Remedy: RuleByID(id).Remedy}
}

// unfit is why a post cannot become anything; only a person can mend it.
type unfit struct {
	why   reason.Reason
	check store.Check // without an id where there is no rule
}

// Error says what is wrong and what to do.
func (u *unfit) Error() string { return u.why.String() }

func refuse(why reason.Reason, id, text string) *unfit {
	return &unfit{why, check(id, store.Blocks, text)}
}

// but gives it another remedy than the rule's.
func (u *unfit) but(remedy string) *unfit {
	u.check.Remedy = remedy
	return u
}

// note makes its check one that keeps nobody from publishing the post.
func (u *unfit) note() *unfit {
	u.check.Severity = store.Noted
	return u
}

// Unfit returns why a post cannot become anything, from an error of Plan.
func Unfit(err error) reason.Reason {
	if u, ok := errors.AsType[*unfit](err); ok {
		return u.why
	}
	return reason.New(reason.Unplannable, err.Error())
}

// Checks is all that is known about a publication before it goes out, the worst first: of its draft, or of what kept it
// from having one, and of its media if they were looked at. publicURL is as in Prepare.
func Checks(d Draft, fault error, look store.Preflight, publicURL string) []store.Check {
	all := slices.Clone(d.Checks)
	if c, ok := d.nothingElse(look.Checks); ok && look.Valid {
		all, look.Checks = append(all, c), sentWhole(look.Checks)
	}
	if u, ok := errors.AsType[*unfit](fault); ok && u.check.ID != "" {
		all = append(all, u.check)
	}
	switch {
	case look.Valid && (look.Ready || len(look.Checks) > 0):
		all = append(all, look.Checks...)
	case fault == nil:
		for _, i := range d.Items {
			if c, bad := byAddress(i, len(d.Items), publicURL); bad {
				all = append(all, c)
			}
		}
	}
	order := []store.CheckSeverity{store.Blocks, store.Repaired, store.Noted}
	slices.SortStableFunc(all, func(a, b store.Check) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	return all
}

// NotLookedAt is the check of a post whose pictures nobody looked at, and for whose repairs there is no address
// of ours. ok is false where that makes no difference.
func NotLookedAt(d Draft) (c store.Check, ok bool) {
	for _, i := range d.Items {
		if _, bad := byAddress(i, len(d.Items), ""); i.Type == store.Image && !bad {
			return check("media.url.none", store.Noted,
				words.FoundNotChecked), true
		}
	}
	return c, false
}

// Repeated is the check of a caption that went out before; id is the publication it went out with.
func Repeated(id int64) store.Check {
	return check(repeatedCaptionRule, store.Noted, words.FoundCaptionRepeated(id))
}

// label names one of so many items.
func label(i store.Item, of int) string {
	name := i.SourceURL
	if u, err := url.Parse(i.SourceURL); err == nil {
		if name = path.Base(u.Path); name == "/" || name == "." {
			name = u.Host
		}
	}
	if of > 1 {
		return fmt.Sprintf("%d of %d, %s", i.Position, of, name)
	}
	return name
}

// byAddress finds what an item's address alone gives away: that nobody can fetch it, or, without an address of
// ours, that it is a picture which must be converted.
func byAddress(i store.Item, of int, publicURL string) (c store.Check, bad bool) {
	u, err := url.Parse(i.SourceURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return check("media.url.invalid", store.Blocks, words.FoundNoWebAddress(label(i, of))),
			true
	case publicURL != "" || i.Type != store.Image:
		return c, false
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".png", ".gif", ".webp", ".avif", ".heic", ".heif", ".bmp", ".tif", ".tiff":
		return check("media.url.none", store.Blocks, words.FoundNeedsConverting(label(i, of))), true
	}
	return c, false
}

// repairs are the checks of a prepared file.
func repairs(name string, f media.File) (all []store.Check) {
	for _, r := range f.Repairs {
		if r.Enlarges() {
			all = append(all, check(r.Rule, store.Noted, words.FoundEnlarged(name, r.Text)))
			continue
		}
		all = append(all, check(r.Rule, store.Repaired, words.FoundRepaired(name, r.Text)))
	}
	return all
}

// trouble is the check of a file that could not be prepared. ok is false when nothing is known about the file itself.
func trouble(name string, f media.File, err error) (c store.Check, ok bool) {
	var e *media.Error
	switch {
	case errors.Is(err, ErrNoPublicURL):
		return check("media.url.none", store.Blocks,
			words.FoundNeedsAddress(name, f.Words())), true
	case !errors.As(err, &e):
		return c, false
	}
	what, remedy := e.Why.Parts()
	c = check(e.Rule, store.Blocks, what)
	if remedy != "" { // it is told more exactly than in general
		first, size := utf8.DecodeRuneInString(remedy)
		c.Remedy = string(unicode.ToUpper(first)) + remedy[size:] + "."
	}
	return c, true
}

// The checks of what went out before.
const (
	repeatedRule        = "media.repeated" // of the pictures
	repeatedCaptionRule = "caption.repeated"
)

// NamesPublication reports whether the text of a rule's check names a publication by its number.
func NamesPublication(rule string) bool { return rule == repeatedRule || rule == repeatedCaptionRule }

// RepeatedPictures is the check of pictures that went out before; id is the publication they went out with.
func RepeatedPictures(id int64) store.Check {
	return check(repeatedRule, store.Noted, words.FoundPicturesRepeated(id))
}
