package reason

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Piece is a part of a reason's sentence.
type Piece struct {
	Text        string
	Publication int64 // the publication whose number the text is, 0 for other words
	Setting     bool  // the text is the name of a setting
}

// String returns the sentence for people, without a capital or a full stop of its own; "" for none.
func (r Reason) String() string { return words(r.pieces(true, false)) }

// Pieces returns the sentence for a page, which can link from it: with the number of a publication and the name
// of a setting as pieces of their own, and without the ids of checks and Instagram's codes.
func (r Reason) Pieces() []Piece { return r.pieces(false, false) }

// words joins pieces to a sentence.
func words(list []Piece) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Text)
	}
	return b.String()
}

// pieces returns the sentence. As text it is plain words with all that was added; otherwise it is as Pieces says. later
// tells that it stands behind another reason.
func (r Reason) pieces(text, later bool) (list []Piece) {
	if r.IsZero() {
		return nil
	}
	args := r.args()
	d, known := Lookup(r.Code)
	if !known {
		return []Piece{{Text: strings.ReplaceAll(string(r.Code), "_", " ")}} // of a later version
	}
	if behind, ok := after[r.Code]; ok && later {
		d.Text = behind
	}
	add := func(format string, values ...any) { list = join(list, Piece{Text: fmt.Sprintf(format, values...)}) }
	if of, ok := args[argOf]; ok {
		add("%v %v of %v: ", args[argKind], args[argPlace], of)
	}
	list = join(list, d.pieces(args, text)...)
	if next, ok := args[argAlso].(map[string]any); ok {
		list = join(list, fromMap(next).pieces(text, false)...)
	}
	if by := bySetting(args); !text {
		list = join(list, by...)
	} else if args[argFrom] == "route" { // the sentences themselves speak of the account
		list = join(list, Piece{Text: words(by)})
	}
	if rule, ok := args[argRule]; ok && text {
		add(" (%v)", rule)
	}
	if other, ok := args[argBlock].(map[string]any); ok {
		add("; also in the way: ")
		list = join(list, fromMap(other).pieces(text, false)...)
	}
	if next, ok := args[argThen].(map[string]any); ok {
		if text {
			add("; then ")
		} else {
			add(". After that, ")
		}
		list = join(list, fromMap(next).pieces(text, !text)...)
	}
	return join(list, tries(args)...)
}

// bySetting names the setting that makes a reason so, and where it was set; nil for none.
func bySetting(args map[string]any) []Piece {
	name, ok := args[argBy].(string)
	if !ok {
		return nil
	}
	layer := fmt.Sprint(args[argFrom])
	from := " by default)"
	if layer != "default" {
		from = " from the " + Origin(layer) + ")"
	}
	return []Piece{{Text: " ("}, {Text: name, Setting: true}, {Text: from}}
}

// tries says until when and how often it is tried, nil where that was not added.
func tries(args map[string]any) (list []Piece) {
	add := func(format string, values ...any) { list = join(list, Piece{Text: fmt.Sprintf(format, values...)}) }
	if until, ok := args[argUntil]; ok {
		add("; Postern asks for it again until %v, then the publication fails", until)
	}
	if round, ok := args[argRound]; ok {
		add("; trying again (round %v of %v)", round, args[argRounds])
	}
	if tries, ok := args[argTries]; ok {
		add(" (tried %v times)", tries)
	}
	if day, ok := args[argLooked]; ok {
		add("; Postern looks for it until %v and tries again when it is there", day)
	}
	if args[argGone] == true {
		add("; removed from the site since")
	}
	return list
}

// join appends pieces; plain words that follow plain words go on with the same piece.
func join(list []Piece, more ...Piece) []Piece {
	for _, p := range more {
		last := len(list) - 1
		switch {
		case p.Text == "":
		case last >= 0 && list[last].Publication == 0 && p.Publication == 0 && list[last].Setting == p.Setting:
			list[last].Text += p.Text
		default:
			list = append(list, p)
		}
	}
	return list
}

// paramAnswered is Instagram's code, in words such as "code 190/463".
const paramAnswered = "answered"

// pieces fills the arguments in. Names of settings stand between backticks.
func (d Definition) pieces(args map[string]any, text bool) []Piece {
	var list, part []Piece
	out, whole, setting := &list, true, false
	d.walk(func(said string, p Param) {
		switch {
		case p.Name != "":
			v, ok := args[p.Name]
			ok = ok && (text || p.Name != paramAnswered || !p.Optional)
			whole = whole && ok
			if ok {
				*out = join(*out, argument(v, p, text, setting)...)
			}
		case said == "[":
			part, out, whole = nil, &part, true
		case said == "]":
			if out = &list; whole {
				list = join(list, part...)
			}
		case text:
			*out = join(*out, Piece{Text: said})
		default:
			for i, piece := range strings.Split(said, "`") {
				if i > 0 {
					setting = !setting
				}
				*out = join(*out, Piece{Text: piece, Setting: setting})
			}
		}
	})
	return list
}

// argument returns what stands for an argument.
func argument(v any, p Param, text, setting bool) []Piece {
	if inner, isReason := v.(map[string]any); isReason {
		if p.Kind != "q" {
			return fromMap(inner).pieces(text, false)
		}
		v = fromMap(inner).String()
	}
	piece := Piece{Text: fmt.Sprint(v), Setting: setting}
	if p.Name == "origin" {
		piece.Text = Origin(piece.Text)
	}
	switch {
	case p.Kind == "q" && text:
		piece.Text = strconv.Quote(piece.Text)
	case p.Kind == "q":
		piece.Text = "“" + piece.Text + "”"
	case p.Name == "publication" && p.Kind == "d" && !text:
		if n, ok := v.(json.Number); ok {
			piece.Publication, _ = n.Int64()
		}
	}
	return []Piece{piece}
}

// Origin returns where a setting was set, as people know it. A route has settings for one feed on one account. They are
// not what the file of the feed asks for.
func Origin(layer string) string {
	if layer == "route" {
		return "settings of this feed"
	}
	return layer
}
