package feed

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// maxStandIn is the maximum length, in characters, of a text that is shown instead of a protected post.
const maxStandIn = 300

// passage is a text of an entry, as a tree and as the lines rendered from it.
type passage struct {
	tree  *html.Node
	lines []line
}

// isProtected reports whether the entry shows a password form or a standard sentence instead of the post. The title
// alone proves nothing, because posts may be about protected areas.
func (e *entry) isProtected(body, summary passage) bool {
	if body.tree == summary.tree {
		return asksPassword(body) || e.isStandIn(body)
	}
	return asksPassword(body) || asksPassword(summary) || e.isStandIn(body) || e.isStandIn(summary)
}

// isWithheld reports whether an entry has the title prefix of a protected post and no text, picture or video: some
// themes omit both the form and the sentence.
func (e *entry) isWithheld(body, summary passage) bool {
	// Check the title first: that is cheaper than joining the text, and few titles match.
	if !protectedPrefix.MatchString(oneLine(plainTitle(e.title))) {
		return false
	}
	for _, w := range []passage{body, summary} {
		if len(w.lines) > 0 && oneLine(joinLines(w.lines)) != "" || w.tree != nil && hasPicture(w.tree) {
			return false
		}
	}
	return true
}

// asksPassword reports whether a text is the password form of a protected post. The form and field of WordPress have
// known names. Any other password field only counts if the text contains nothing else, because a page may explain
// how to build a login form.
func asksPassword(w passage) bool {
	named, field, picture := false, false, false
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			kinds := kindsOfClasses(n)
			switch {
			case n.DataAtom == atom.Form &&
				(kinds&passwordForm != 0 || strings.Contains(val(n, "action"), "action=postpass")),
				n.DataAtom == atom.Input && strings.EqualFold(val(n, "name"), "post_password"), kinds&subscribeBox != 0:
				named = true
			case n.DataAtom == atom.Input && strings.EqualFold(val(n, "type"), "password"), n.Data == "cipher-text",
				kinds&cipherBox != 0:
				field = true
			case n.DataAtom == atom.Img || n.DataAtom == atom.Video:
				picture = true
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(w.tree)
	return named || field && !picture && len([]rune(joinLines(w.lines))) <= maxStandIn
}

// protectedPrefix matches the word that WordPress puts before the title of a protected post, in the languages of
// WordPress: https://developer.wordpress.org/reference/hooks/protected_title_format/
var protectedPrefix = regexp.MustCompile(
	`(?i)^(protected|private|privat|geschützt|passwortgeschützt|protégé|protegido|protegida|protetto|protetta|protegit|beveiligd|beschermd|skyddad|skyddat|beskyttet|beskytta|suojattu|` +
		`zabezpieczone|zabezpieczony|chráněno|chránené|zaštićeno|zaščiteno|védett|protejat|korumalı|защищено|захищено|защитено|προστατευμένο|保護中|受保护|受保護|密码保护|密碼保護|보호된 글|보호글|محمي|מוגן|bảo vệ|dilindungi|terproteksi)\s*[:：]`)

// isStandIn reports whether a text is the short sentence that WordPress uses as the excerpt of a protected post.
// Usually the title has the prefix of a protected post and the sentence repeats its stem: "Geschützt:", "ein
// geschützter Beitrag".
func (e *entry) isStandIn(w passage) bool {
	if moreText(w.tree, 4*maxStandIn) <= 0 {
		return false
	}
	text := oneLine(joinLines(w.lines))
	if text == "" || len([]rune(text)) > maxStandIn/2 {
		return false
	}
	if standIn.MatchString(text) {
		return true
	}
	prefix := protectedPrefix.FindStringSubmatch(oneLine(plainTitle(e.title)))
	if prefix == nil {
		return false
	}
	stem := []rune(strings.ToLower(prefix[1]))
	stem = stem[:max(min(len(stem), 2), len(stem)-2)]
	return !hasPicture(w.tree) && containsStem(strings.ToLower(text), string(stem)) &&
		!sharesWord(text, plainTitle(e.title)[len(prefix[0]):])
}

// standIn matches the sentence itself, for themes that remove the prefix of the title.
var standIn = regexp.MustCompile(
	`(?i)^(?:there is no excerpt because this is a protected post|es gibt keinen (?:text)?auszug, da dies ein ` +
		`geschützter beitrag ist|il n.y a pas d.extrait,? (?:car|parce que) cet(?:te publication| article) est ` +
		`protégée?|` +
		`no hay extrac[t]o (?:porque|ya que) (?:es|esta es) una entrada protegida|er is geen samenvatting omdat dit ` +
		`een beveiligd bericht is|det finns inget utdrag eftersom detta är ett skyddat inlägg|` +
		`この投稿は(?:パスワードで)?保護されているため抜粋文?はありません)[.。!]?$`)

// moreText returns n minus the number of bytes of text in an element. It stops as soon as the result is not
// positive.
func moreText(node *html.Node, n int) int {
	if node.Type == html.TextNode {
		return n - len(strings.TrimSpace(node.Data))
	}
	for c := node.FirstChild; c != nil && n > 0; c = c.NextSibling {
		n = moreText(c, n)
	}
	return n
}

func hasPicture(n *html.Node) bool {
	if n.Type == html.ElementNode && (n.DataAtom == atom.Img || n.DataAtom == atom.Video) {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if hasPicture(c) {
			return true
		}
	}
	return false
}

func containsStem(text, stem string) bool {
	for i := 0; ; {
		at := strings.Index(text[i:], stem)
		if at < 0 {
			return false
		}
		if at += i; at == 0 || !unicode.IsLetter(lastRuneOf(text[:at])) ||
			unicode.In(firstRune(stem), unicode.Han, unicode.Hangul, unicode.Thai) {
			return true
		}
		i = at + len(stem)
	}
}

func lastRuneOf(s string) rune {
	r := []rune(s[max(0, len(s)-4):])
	return r[len(r)-1]
}

// sharesWord reports whether two texts share a word of five or more letters.
func sharesWord(a, b string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	}
	words := split(a)
	return slices.ContainsFunc(split(b),
		func(w string) bool { return len([]rune(w)) >= 5 && slices.Contains(words, w) })
}

// adultRating returns the rating of media that are only for adults; "" for other media:
// https://www.rssboard.org/media-rss#media-rating
func adultRating(m map[string][]ext.Extension) string {
	for _, r := range m["rating"] {
		v := strings.ToLower(strings.TrimSpace(r.Value))
		switch scheme := strings.ToLower(strings.TrimSpace(r.Attrs["scheme"])); {
		case v == "adult" || v == "mature" || v == "explicit",
			strings.HasSuffix(scheme, "mpaa") && slices.Contains([]string{"r", "nc-17", "nc17", "x"}, v),
			strings.HasSuffix(scheme, "v-chip") && strings.HasPrefix(v, "tv-ma"),
			strings.HasSuffix(scheme, "icra") && icraAdult.MatchString(v):
			return words.SensitiveRated(v)
		}
	}
	for _, a := range m["adult"] { // Media RSS before version 1.0
		if isTrue(a.Value) {
			return words.SensitiveRatedAdult
		}
	}
	for _, name := range []string{"content", "group"} {
		for _, c := range m[name] {
			if why := adultRating(c.Children); why != "" {
				return why
			}
		}
	}
	return ""
}

// icraAdult matches an ICRA descriptor of nudity, sex or violence. Descriptors that end with z mean "none" and do
// not match.
var icraAdult = regexp.MustCompile(`(?:^|[\s(])[nsv][a-y] 1\b`)

func isTrue(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "1", "explicit":
		return true
	}
	return false
}

func isFalse(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "false", "no", "0", "none", "null", "clean":
		return true
	}
	return false
}

// warningNames are names of elements, members and classes that mark sensitive media, without punctuation.
// maxWarningName is the maximum length of such a name with punctuation.
var warningNames = []string{"sensitive", "issensitive", "possiblysensitive", "nsfw", "isnsfw", "adult", "isadult",
	"contentwarning", "pcontentwarning", "spoilertext", "mature"}

const maxWarningName = 40

var withoutMarks = strings.NewReplacer("_", "", "-", "", ":", "")

func isWarningName(s string) bool {
	if len(s) < len("nsfw") || len(s) > maxWarningName {
		return false
	}
	return slices.Contains(warningNames, strings.ToLower(withoutMarks.Replace(s)))
}

// warnRSS evaluates the elements of an RSS item that mark sensitive media.
func (e *entry) warnRSS(r *rss.Item) {
	for name, v := range r.Custom {
		if isWarningName(name) && !isFalse(v) {
			e.warning = firstOf(e.warning, words.SensitiveMarked)
		}
	}
	if r.ITunesExt != nil && isTrue(r.ITunesExt.Explicit) {
		// The iTunes mark is about the spoken content. A picture of an episode is its cover, which must be decent;
		// but a video is the episode itself.
		for _, enc := range r.Enclosures {
			if strings.HasPrefix(strings.ToLower(enc.Type), "video/") {
				e.warning = firstOf(e.warning, words.SensitiveVideo)
			}
		}
	}
}

func (e *entry) warnExtensions(all ext.Extensions) {
	for space, names := range all {
		if space == "media" {
			continue
		}
		for name, list := range names {
			for _, x := range list {
				if isWarningName(name) && !isFalse(firstOf(x.Value, x.Attrs["value"])) {
					e.warning = firstOf(e.warning, words.SensitiveMarked)
				}
			}
		}
	}
}

// warnJSON evaluates the members of a JSON Feed item, its attachments and its extensions that mark sensitive media.
func (e *entry) warnJSON(raw []byte) {
	lower := strings.ToLower(string(raw))
	if !slices.ContainsFunc([]string{"sensitive", "nsfw", "adult", "warning", "spoiler", "mature"},
		func(s string) bool { return strings.Contains(lower, s) }) {
		return
	}
	var item any
	if json.Unmarshal(raw, &item) != nil {
		return
	}
	var walk func(v any, depth int) bool
	walk = func(v any, depth int) bool {
		switch v := v.(type) {
		case []any:
			return depth < 4 && slices.ContainsFunc(v, func(x any) bool { return walk(x, depth+1) })
		case map[string]any:
			for name, x := range v {
				if isWarningName(name) {
					switch x := x.(type) {
					case bool:
						if x {
							return true
						}
						continue
					case string:
						if !isFalse(x) {
							return true
						}
						continue
					case float64:
						if x != 0 {
							return true
						}
						continue
					}
				}
				if s, ok := x.(string); ok && strings.EqualFold(name, "rating") &&
					(strings.EqualFold(s, "adult") || strings.EqualFold(s, "mature")) {
					return true
				}
				if depth < 4 && walk(x, depth+1) {
					return true
				}
			}
		}
		return false
	}
	if walk(item, 0) {
		e.warning = firstOf(e.warning, words.SensitiveMarked)
	}
}

// maxWarning is the length in bytes within which the colon after one of the warningWords must be.
const maxWarning = 80

var (
	warningWords = regexp.MustCompile(
		`(?i)^(?:content warning|content note|trigger ` +
			`warning|cw|tw|cn|inhaltswarnung|inhaltshinweis|triggerwarnung|avertissement de ` +
			`contenu|avertissement|advertencia de contenido|aviso de contenido|` +
			`aviso de conteúdo|avviso sul contenuto|avviso ` +
			`contenuto|waarschuwing|inhoudswaarschuwing|innehållsvarning|indholdsadvarsel|innholdsadvarsel|sisältövaroitus|ostrzeżenie|предупреждение о содержании|閲覧注意|内容警告|내용 경고)\s*[:：]`)
	warningTags = []string{"nsfw", "r18", "r-18", "18+"}
)

// sensitivity returns why the pictures of the entry may be unsuitable for some people; "" if nothing suggests that.
func (e *entry) sensitivity(body *html.Node, text string) string {
	if e.warning != "" {
		return e.warning
	}
	for _, c := range e.categories {
		if slices.Contains(warningTags, strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c), "#"))) {
			return words.SensitiveMarkedAs(strings.TrimSpace(c))
		}
	}
	for _, s := range []string{e.title, text} {
		s = s[:min(len(s), maxStandIn)] // a warning is at the beginning
		s = strings.TrimSpace(oneLine(s))
		if strings.ContainsAny(s[:min(len(s), maxWarning)], ":：") && warningWords.MatchString(s) {
			return words.SensitiveWarning
		}
	}
	// Mastodon writes the warning, in the language of the account, above a horizontal rule. It adds a rating to all
	// media of such posts.
	if (e.rated || strings.Contains(e.generator, "mastodon")) && beginsWithWarning(body) {
		return words.SensitiveWarning
	}
	if strings.Contains(e.generator, "misskey") && strings.TrimSpace(e.summary) != "" && !e.summaryOnly {
		return words.SensitiveWarning // Misskey uses the description for nothing else
	}
	if isMarked(body) {
		return words.SensitiveMarked
	}
	return ""
}

// beginsWithWarning reports whether a text begins with <p><strong>…:</strong> …</p><hr>.
func beginsWithWarning(body *html.Node) bool {
	p := firstElement(body, atom.P)
	if p == nil || p.FirstChild == nil || p.FirstChild.DataAtom != atom.Strong {
		return false
	}
	next := p.NextSibling
	for next != nil && next.Type == html.TextNode && strings.TrimSpace(next.Data) == "" {
		next = next.NextSibling
	}
	label := strings.TrimSpace(renderText(p.FirstChild, textOptions{}))
	return next != nil && next.DataAtom == atom.Hr && (strings.HasSuffix(label, ":") || strings.HasSuffix(label, "："))
}

// isMarked reports whether an element in the tree is marked as sensitive.
func isMarked(n *html.Node) bool {
	if n.Type == html.ElementNode {
		for class := range classes(n) {
			if isWarningName(class) {
				return true
			}
		}
		for _, a := range n.Attr {
			if name, ok := strings.CutPrefix(a.Key, "data-"); ok && isWarningName(name) &&
				!slices.Contains([]string{"false", "no", "0"}, strings.ToLower(a.Val)) {
				return true
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if isMarked(c) {
			return true
		}
	}
	return false
}

// decide marks protected entries as skipped and records sensitive media.
func (e *entry) decide(p *store.Post, body, summary passage) {
	if e.isProtected(body, summary) {
		p.Decision, p.Reason = store.Skip, reason.New(reason.PasswordProtected)
	}
	p.Markup.Sensitive = e.sensitivity(body.tree, p.Text)
}

// isRated reports whether the media of an item have any Media RSS rating.
func isRated(m map[string][]ext.Extension) bool {
	if len(m["rating"]) > 0 {
		return true
	}
	for _, name := range []string{"content", "group"} {
		if slices.ContainsFunc(m[name], func(c ext.Extension) bool { return isRated(c.Children) }) {
			return true
		}
	}
	return false
}

// firstElement returns the first element of a kind in document order; nil if there is none.
func firstElement(n *html.Node, a atom.Atom) *html.Node {
	if n.Type == html.ElementNode && n.DataAtom == a {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := firstElement(c, a); found != nil {
			return found
		}
	}
	return nil
}
