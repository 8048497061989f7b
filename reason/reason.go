package reason

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Code names a reason. It is stored and given to programs, so it never changes.
type Code string

// Reason is a code with its arguments. The zero Reason is none. Two are equal when they say the same.
type Reason struct {
	Code Code
	Args string // a JSON object, "" for no arguments
}

// New returns a reason with the arguments that the code's sentence names, in their order. An argument may be a
// Reason itself. One that stands in an optional part of the sentence is left out when it is zero. New panics when
// the number of arguments is wrong; a test compares all calls with the catalogue.
func New(code Code, args ...any) Reason {
	d, _ := Lookup(code)
	params := d.Params()
	if len(params) != len(args) {
		panic(fmt.Sprintf("reason %s takes %d arguments, not %d", code, len(params), len(args)))
	}
	values := map[string]any{}
	for i, p := range params {
		if p.Optional && reflect.ValueOf(args[i]).IsZero() {
			continue
		}
		values[p.Name] = args[i]
		if r, ok := args[i].(Reason); ok {
			values[p.Name] = r.asMap()
		}
	}
	return Reason{Code: code}.with(values)
}

// Text returns the reason of a sentence that is not known, as it stood in a database of before reasons had codes.
func Text(sentence string) Reason {
	if sentence == "" {
		return Reason{}
	}
	return New(Sentence, sentence)
}

// IsZero reports whether there is no reason.
func (r Reason) IsZero() bool { return r.Code == "" }

// Is reports whether the reason has one of the codes.
func (r Reason) Is(codes ...Code) bool {
	for _, c := range codes {
		if r.Code == c {
			return true
		}
	}
	return false
}

// Includes reports whether the reason is another one to which something may have been added since: it has its
// code and all its arguments.
func (r Reason) Includes(other Reason) bool {
	args := r.args()
	for name, v := range other.args() {
		if !reflect.DeepEqual(args[name], v) {
			return false
		}
	}
	return r.Code == other.Code && !r.IsZero()
}

// The arguments that any reason may have beside its own.
const (
	argThen   = "then"       // the reason that holds when this one is over
	argBlock  = "in_the_way" // the reason that keeps it from going out all the same
	argUntil  = "asked_until"
	argLooked = "looked_until"
	argRound  = "round"
	argRounds = "rounds"
	argTries  = "tries"
	argGone   = "gone"
	argKind   = "kind" // of the picture or video that it is about, "image" or "video",
	argPlace  = "position"
	argOf     = "of"
	argRule   = "rule" // the id of the check that it failed
	argAlso   = "also" // a reason whose sentence follows at once
	argBy     = "by_setting"
	argFrom   = "by_layer" // where that setting was set
)

// About returns the reason of what is wrong with one of several pictures and videos; with the only one there is,
// it is the same.
func (r Reason) About(kind string, position, of int) Reason {
	if of < 2 {
		return r
	}
	return r.with(map[string]any{argKind: kind, argPlace: position, argOf: of})
}

// ByRule returns the reason with the id of the check that it failed, which docs/rules.md lists.
func (r Reason) ByRule(rule string) Reason { return r.with(map[string]any{argRule: rule}) }

// BySetting returns the reason with the setting of its owner that makes it so, and where that was set: "account",
// "route" or another layer, "default" where nobody set it. Its sentence on a page names both.
func (r Reason) BySetting(name, layer string) Reason {
	return r.with(map[string]any{argBy: name, argFrom: layer})
}

// Setting returns the name of the owner's setting that makes the reason so, and the value that was refused; "" where
// no setting does, or none was refused.
func (r Reason) Setting() (name, refused string) {
	args := r.args()
	if name, ok := args[argBy].(string); ok {
		return name, ""
	}
	if r.Is(SettingRefused) {
		name, _ = args["setting"].(string)
		refused, _ = args["value"].(string)
	}
	return name, refused
}

// SettingLayer returns where the setting that makes the reason so was set, "" where no setting does.
func (r Reason) SettingLayer() string {
	args := r.args()
	key := argFrom
	if r.Is(SettingRefused, CaptionTooLong, SyndicateOff) {
		key = "origin"
	}
	layer, _ := args[key].(string)
	return layer
}

// CharactersOver returns how many characters a caption has too many, 0 for another reason.
func (r Reason) CharactersOver() int {
	if !r.Is(CaptionTooLong, EditTooLong) {
		return 0
	}
	number := func(name string) int64 {
		n, _ := r.args()[name].(json.Number)
		i, _ := n.Int64()
		return i
	}
	return int(number("length") - number("most"))
}

// FeedName returns the name of the feed that the reason names, "" for none.
func (r Reason) FeedName() string {
	name, _ := r.args()["feed"].(string)
	return name
}

// Pictures returns how many pictures a post had that was skipped for having too few. ok is false for another reason.
func (r Reason) Pictures() (found int, ok bool) {
	n, ok := r.args()["pictures"].(json.Number)
	if !ok || !r.Is(FilterPictures) {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil
}

// Rule returns the id of the check that a picture or video failed, "" where it is about none.
func (r Reason) Rule() string {
	rule, _ := r.args()[argRule].(string)
	return rule
}

// Also returns the reason with one whose sentence follows at once.
func (r Reason) Also(next Reason) Reason { return r.with(map[string]any{argAlso: next.asMap()}) }

// NeedsFFmpeg reports whether installing ffmpeg on this machine, or a better one, ends the reason.
func (r Reason) NeedsFFmpeg() bool {
	return r.also().Is(InstallFFmpeg) || r.Is(MediaConversionNoEncoder, MediaCoverNoFFmpeg)
}

// NeedsFFmpegOn reports whether switching media.ffmpeg on in the configuration ends the reason.
func (r Reason) NeedsFFmpegOn() bool { return r.also().Is(SwitchFFmpegOn) || r.Is(MediaCoverFFmpegOff) }

// also returns the reason whose sentence follows at once, the zero reason if there is none.
func (r Reason) also() Reason {
	next, _ := r.args()[argAlso].(map[string]any)
	return fromMap(next)
}

// Then returns the reason with the one that holds after it.
func (r Reason) Then(next Reason) Reason {
	switch {
	case r.IsZero():
		return next
	case next.IsZero():
		return r
	}
	args := r.args()
	if had, ok := args[argThen].(map[string]any); ok {
		next = fromMap(had).Then(next)
	}
	return r.with(map[string]any{argThen: next.asMap()})
}

// InTheWay returns the reason with another one that keeps it from going out as well, which nobody waits for.
func (r Reason) InTheWay(other Reason) Reason { return r.with(map[string]any{argBlock: other.asMap()}) }

// SaysWhatIsInTheWay reports whether InTheWay added another reason.
func (r Reason) SaysWhatIsInTheWay() bool {
	_, ok := r.args()[argBlock]
	return ok
}

// AskedUntil returns the reason of what is asked for again until a time, which is put in words.
func (r Reason) AskedUntil(until string) Reason { return r.with(map[string]any{argUntil: until}) }

// LookedForUntil returns the reason of what failed and is taken up again when its file appears until a day.
func (r Reason) LookedForUntil(day string) Reason { return r.with(map[string]any{argLooked: day}) }

// NextRound returns the reason of what is tried with new containers.
func (r Reason) NextRound(round, rounds int) Reason {
	return r.with(map[string]any{argRound: round, argRounds: rounds})
}

// Tried returns the reason of what was tried so often in vain.
func (r Reason) Tried(times int) Reason { return r.with(map[string]any{argTries: times}) }

// AlsoGone returns the reason of a held publication whose post was removed from the site since.
func (r Reason) AlsoGone() Reason { return r.with(map[string]any{argGone: true}) }

// WithoutGone returns the reason without what AlsoGone added, and reports whether that was there.
func (r Reason) WithoutGone() (Reason, bool) {
	args := r.args()
	if args[argGone] != true {
		return r, false
	}
	delete(args, argGone)
	return Reason{Code: r.Code}.with(args), true
}

// Parts returns what is wrong and what to do, "" where the sentence does not say it, without what was added to
// the reason.
func (r Reason) Parts() (what, remedy string) {
	d, _ := Lookup(r.Code)
	args := r.args()
	first, rest, found := strings.Cut(d.Text, "; ")
	remedy = words(Definition{Text: rest}.pieces(args, true))
	if !found { // then the reason of it may say what to do
		for _, p := range d.Params() {
			if inner, ok := args[p.Name].(map[string]any); ok {
				args[p.Name], remedy = fromMap(inner).Parts()
			}
		}
	}
	what = words(Definition{Text: first}.pieces(args, true))
	if next, ok := args[argAlso].(map[string]any); ok && remedy != "" {
		remedy += fromMap(next).String()
	}
	return what, remedy
}

// args decodes the arguments, which are those of the row or none.
func (r Reason) args() map[string]any {
	values := map[string]any{}
	if r.Args == "" {
		return values
	}
	d := json.NewDecoder(strings.NewReader(r.Args))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		return map[string]any{}
	}
	return values
}

// with returns the reason with more arguments.
func (r Reason) with(more map[string]any) Reason {
	values := r.args()
	for k, v := range more {
		values[k] = v
	}
	if len(values) == 0 {
		return Reason{Code: r.Code}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(values); err != nil {
		panic(err) // words and numbers always encode
	}
	return Reason{Code: r.Code, Args: strings.TrimSpace(b.String())}
}

func (r Reason) asMap() map[string]any {
	return map[string]any{"code": string(r.Code), "args": r.args()}
}

func fromMap(m map[string]any) Reason {
	code, _ := m["code"].(string)
	args, _ := m["args"].(map[string]any)
	return Reason{Code: Code(code)}.with(args)
}

// Definition is what a code means.
type Definition struct {
	Code Code
	// Text is the sentence. {name} stands for an argument, {name:d} for a number, {name:q} for one in quotes.
	// What stands in [ ] is left out when an argument in it is missing.
	Text string
	When string // when a publication or post has it, for docs/reasons.md
}

// Param is an argument of a code.
type Param struct {
	Name     string
	Kind     string // "" for words, "d" for a number, "q" for words that are shown in quotes
	Optional bool
}

// Lookup returns what a code means.
func Lookup(code Code) (Definition, bool) {
	d, ok := byCode()[code]
	return d, ok
}

var byCode = sync.OnceValue(func() map[Code]Definition {
	all := map[Code]Definition{}
	for _, d := range Catalogue {
		all[d.Code] = d
	}
	return all
})

// Params returns the arguments of the code in the order of its template.
func (d Definition) Params() (params []Param) {
	d.walk(func(_ string, p Param) {
		if p.Name != "" {
			params = append(params, p)
		}
	})
	return params
}

// NamesPublication reports whether the sentence of a code names a publication by its number.
func NamesPublication(code Code) bool {
	d, _ := Lookup(code)
	return strings.Contains(d.Text, "{publication:d}")
}

// Publication returns the number of the publication that the sentence names, 0 for none.
func (r Reason) Publication() int64 {
	for _, p := range r.Pieces() {
		if p.Publication != 0 {
			return p.Publication
		}
	}
	return 0
}

// walk goes through the template: pieces of text, and arguments. A piece may begin or end an optional part, "["
// and "]".
func (d Definition) walk(visit func(text string, p Param)) {
	optional := false
	for rest := d.Text; rest != ""; {
		i := strings.IndexAny(rest, "[]{")
		if i < 0 {
			visit(rest, Param{})
			return
		}
		if i > 0 {
			visit(rest[:i], Param{})
		}
		mark := rest[i]
		rest = rest[i+1:]
		if mark != '{' {
			optional = mark == '['
			visit(string(mark), Param{})
			continue
		}
		inside, after, _ := strings.Cut(rest, "}")
		name, kind, _ := strings.Cut(inside, ":")
		visit("", Param{name, kind, optional})
		rest = after
	}
}

// Pattern returns the sentence as a regular expression, with a group of its name for each argument; shape returns
// that of an argument, "" for any.
func (d Definition) Pattern(shape func(Param) string) string {
	var b strings.Builder
	d.walk(func(text string, p Param) {
		switch {
		case p.Name != "":
			form := shape(p)
			switch {
			case form != "":
			case p.Kind == "d":
				form = `\d+`
			case p.Kind == "q":
				form = `".*"`
			default:
				form = `.+?`
			}
			fmt.Fprintf(&b, "(?P<%s>%s)", p.Name, form)
		case text == "[":
			b.WriteString("(?:")
		case text == "]":
			b.WriteString(")?")
		default:
			for _, r := range text {
				if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
					b.WriteByte('\\')
				}
				b.WriteRune(r)
			}
		}
	})
	return "^(?s:" + b.String() + ")$"
}
