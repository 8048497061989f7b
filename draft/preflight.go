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

// Possible returns the checks without the remedies that are no longer possible in the publication's state.
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

// check returns a check with the remedy of its rule.
func check(id string, severity store.CheckSeverity, text string) store.Check {
	return store.Check{ID: id, Severity: severity, Text: text, Remedy: RuleByID(id).Remedy}
}

// unfit is the error for a post that cannot be published until a person fixes it.
type unfit struct {
	why   reason.Reason
	check store.Check // has no ID if there is no rule
}

// Error returns what is wrong and what to do about it.
func (u *unfit) Error() string { return u.why.String() }

func refuse(why reason.Reason, id, text string) *unfit {
	return &unfit{why, check(id, store.Blocks, text)}
}

// withRemedy replaces the remedy of the rule.
func (u *unfit) withRemedy(remedy string) *unfit {
	u.check.Remedy = remedy
	return u
}

// note lowers the severity of the check, so that it does not keep anybody from publishing the post.
func (u *unfit) note() *unfit {
	u.check.Severity = store.Noted
	return u
}

// Unfit returns why a post cannot be published, from an error of Plan.
func Unfit(err error) reason.Reason {
	if u, ok := errors.AsType[*unfit](err); ok {
		return u.why
	}
	return reason.New(reason.Unplannable, err.Error())
}

// Checks returns all checks about a publication before it is published, the worst first: those of its draft, the one
// for fault if planning failed with it, and those of its preflight if that is valid. publicURL is as in Prepare.
func Checks(d Draft, fault error, preflight store.Preflight, publicURL string) []store.Check {
	all := slices.Clone(d.Checks)
	if c, ok := d.nothingElse(preflight.Checks); ok && preflight.Valid {
		all, preflight.Checks = append(all, c), sentWhole(preflight.Checks)
	}
	if u, ok := errors.AsType[*unfit](fault); ok && u.check.ID != "" {
		all = append(all, u.check)
	}
	switch {
	case preflight.Valid && (preflight.Ready || len(preflight.Checks) > 0):
		all = append(all, preflight.Checks...)
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

// NotChecked returns a check that says that the post's pictures were not checked and that there is no public URL for
// repaired ones. ok is false if that makes no difference.
func NotChecked(d Draft) (c store.Check, ok bool) {
	for _, i := range d.Items {
		if _, bad := byAddress(i, len(d.Items), ""); i.Type == store.Image && !bad {
			return check("media.url.none", store.Noted,
				words.FoundNotChecked), true
		}
	}
	return c, false
}

// Repeated returns the check about a caption that was published before; id is that publication.
func Repeated(id int64) store.Check {
	return check(repeatedCaptionRule, store.Noted, words.FoundCaptionRepeated(id))
}

// label returns a name for one of a number of items.
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

// byAddress returns a check about what an item's URL alone reveals: that nobody can fetch it, or, without a public
// URL, that the picture needs to be converted.
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

// repairs returns the checks about what was changed in a prepared file.
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

// faultCheck returns the check about a file that could not be prepared. ok is false if the error is not about the file
// itself.
func faultCheck(name string, f media.File, err error) (c store.Check, ok bool) {
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
	if remedy != "" { // more specific than the remedy of the rule
		first, size := utf8.DecodeRuneInString(remedy)
		c.Remedy = string(unicode.ToUpper(first)) + remedy[size:] + "."
	}
	return c, true
}

// Ids of checks about content that was published before.
const (
	repeatedRule        = "media.repeated" // for pictures
	repeatedCaptionRule = "caption.repeated"
)

// NamesPublication reports whether checks of a rule name another publication by its id.
func NamesPublication(rule string) bool { return rule == repeatedRule || rule == repeatedCaptionRule }

// RepeatedPictures returns the check about pictures that were published before; id is that publication.
func RepeatedPictures(id int64) store.Check {
	return check(repeatedRule, store.Noted, words.FoundPicturesRepeated(id))
}
