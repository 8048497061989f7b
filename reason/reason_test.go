package reason_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/reason"
	"postern/store"
)

var update = flag.Bool("update", false, "write docs/reasons.md")

func TestSentences(t *testing.T) {
	t.Parallel()
	gates := reason.New(reason.MinAge, "2h", "02:00 UTC").Then(reason.New(reason.PostsPerDay, 2, 2, "00:00 UTC")).Then(
		reason.New(reason.QuietHours, "07:00 UTC"))
	for want, r := range map[string]reason.Reason{
		"":                                     {},
		"no picture or video":                  reason.New(reason.NoMedia, ""),
		"no picture or video. Left out: audio": reason.New(reason.NoMedia, "audio"),
		"looks like publication 12 of 3 May 2026": reason.New(reason.LooksLikePublication,
			int64(12), "3 May 2026", "", ""),
		"looks like publication 12 of 2 May 2026, \"The quay\", published on 3 May 2026": reason.New(
			reason.LooksLikePublication, int64(12), "2 May 2026", "The quay", "published on 3 May 2026"),
		"found the word \"a \\\"b\\\"\" (`exclude_keywords` from the account)": reason.New(reason.FilterExcluded,
			"word",
			`a "b"`, "keywords", "account"),
		"image 2 of 3: it is gone (media.url.not-found) (tried 8 times)": reason.New(reason.Media,
			"it is gone").ByRule("media.url.not-found").About("image", 2, 3).Tried(8),
		"it is gone; Postern asks for it again until 10:00 UTC, then the publication fails": reason.New(reason.Media,
			"it is gone").About("image", 1, 1).AskedUntil("10:00 UTC"),
		"younger than 2h until 02:00 UTC; then 2 went out today and the limit is 2 a day; the next day begins at " +
			"00:00 UTC; then quiet hours until 07:00 UTC": gates,
		"the container expired, and it is not live; trying again " +
			"(round 2 of 3)": reason.New(reason.ExpiredNotLive).NextRound(2, 3),
		"held by you; removed from the " +
			"site since": reason.New(reason.HeldByOwner).AlsoGone(),
		"Instagram could not use the media. Instagram says: " +
			"<b>no</b>": reason.New(reason.MediaUnusable, reason.Reason{}, "<b>no</b>"),
		"the account needs reconnecting: Instagram no longer accepts the access token: connect the account again " +
			"(the access token has expired). Instagram says: No. (code 190/463)": reason.New(reason.AccountReconnect,
			reason.New(reason.InstagramTokenExpired, "No.", "code 190/463")),
		"a code of later":                {Code: "a_code_of_later", Args: `{"x":1}`},
		"the account needs reconnecting": {Code: reason.AccountReconnect, Args: "damaged"},
	} {
		require.Equal(t, want, r.String())
	}
	back, gone := reason.New(reason.HeldByOwner).AlsoGone().WithoutGone()
	require.True(t, gone)
	require.Equal(t, reason.New(reason.HeldByOwner), back)
	_, gone = reason.New(reason.Gone).WithoutGone()
	require.False(t, gone)
	require.Equal(t, gates, reason.Reason{Code: gates.Code, Args: gates.Args}, "what is stored is the whole of it")
}

func TestParts(t *testing.T) {
	t.Parallel()
	r := reason.New(reason.VideoRatio, "a; b.mp4", 9, 1).Also(reason.New(reason.InstallFFmpeg)).ByRule(
		"media.video.ratio").Tried(8)
	what, remedy := r.Parts()
	require.Equal(t, "a; b.mp4 is 9×1, which is too far from a square", what)
	require.Contains(t, remedy, "crop it, or install ffmpeg on this machine")
	require.Equal(t, what+"; "+remedy+" (media.video.ratio) (tried 8 times)", r.String())
	what, remedy = reason.New(reason.MediaUnfetched, "a.png", reason.New(reason.NetNoServer, "y.example")).Parts()
	require.Equal(t, []string{"a.png could not be fetched: there is no server named y.example (DNS)",
		"check the spelling of the address"}, []string{what, remedy})
	what, remedy = reason.New(reason.MediaNoPixels, "a.png").Parts()
	require.Equal(t, []string{"a.png has no pixels", ""}, []string{what, remedy})
}

// Every code has a sentence, a name that can be stored, and says when it is used.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	seen, sentences := map[reason.Code]bool{}, map[string]bool{}
	for _, d := range reason.Catalogue {
		require.Regexp(t, `^[a-z]+(_[a-z]+)*$`, d.Code)
		require.False(t, seen[d.Code], d.Code)
		seen[d.Code] = true
		require.NotEmpty(t, d.When, d.Code)
		require.Equal(t, strings.Count(d.Text, "["), strings.Count(d.Text, "]"), d.Code)
		if len(d.Params()) != 1 || d.Text != "{"+d.Params()[0].Name+"}" {
			require.False(t, sentences[d.Text], d.Text)
		}
		sentences[d.Text] = true
		var args []any
		for _, p := range d.Params() {
			if p.Kind == "d" {
				args = append(args, 7)
			} else {
				args = append(args, "A & <B>")
			}
		}
		r := reason.New(d.Code, args...)
		require.NotRegexp(t, `[{}\[\]]`, r.String(), d.Code)
		require.Equal(t, len(args),
			strings.Count(r.String(), "7")+strings.Count(r.String(), "A & <B>")-strings.Count(d.Text, "7"), d.Code)
	}
}

// What keeps an address from being fetched says what to do, so that a feed, a file, a bucket and a webhook all say it,
// wherever they are shown.
func TestNetworkFaultsSayWhatToDo(t *testing.T) {
	// Two that are nobody's to fix, and two that are in words of others.
	nothing := []reason.Code{reason.NetStopped, reason.NetTooLarge, reason.NetImpossible, reason.NetError}
	for _, d := range reason.Catalogue {
		if strings.HasPrefix(string(d.Code), "net_") {
			_, remedy, _ := strings.Cut(d.Text, "; ")
			require.Equal(t, slices.Contains(nothing, d.Code), remedy == "", d.Code)
		}
	}
}

func TestReasonsAreDocumented(t *testing.T) {
	t.Parallel()
	const path = "../docs/reasons.md"
	text := []byte(document())
	if *update {
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(text), string(got), "go test ./reason -run Documented -update")
}

// document returns docs/reasons.md: a paragraph per code, since some sentences are longer than a line of a table.
func document() string {
	var b strings.Builder
	b.WriteString(`# Reasons

Each publication, and each skipped post without one, has a reason. ` + "`reason_code`" +
		` is the fact that programs act on: a
code never changes its meaning. ` + "`reason`" +
		` is the sentence for people, which may be worded better in any version.
Likewise ` + "`problem_code`" + ` stands beside the ` + "`problem`" +
		` of a feed or an account. This page is made from the catalogue in
the package ` + "`reason`" + `.

Words in braces are arguments. Words in brackets are left out when an argument in them is missing. ` + "`answer`" +
		` and
` + "`problem`" + ` may be a reason of this list. A reason that is about one of several pictures and videos begins with
"image 2 of 3: ", and one about a check ends with its [rule](rules.md) in parentheses. Any may be followed by

- "; also in the way: …": a fault that stays when the rest is over,
- "; then …": the next thing to wait for,
- "; Postern asks for it again until …, then the publication fails",
- "; trying again (round … of …)", " (tried … times)",
- "; Postern looks for it until … and tries again when it is there",
- "; removed from the site since".

Below each code are its sentence, and when a publication or post has it.
`)
	kind := regexp.MustCompile(`\{(\w+):\w\}`)
	for _, d := range reason.Catalogue {
		fmt.Fprintf(&b, "\n### `%s`\n\n", d.Code)
		for _, line := range wrap("> "+kind.ReplaceAllString(d.Text, "{$1}"), "> ") {
			b.WriteString(line + "\n")
		}
		b.WriteString("\n")
		for _, line := range wrap(d.When, "") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// wrap breaks a text into lines of at most 120 columns. Each line but the first begins with indent.
func wrap(text, indent string) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line+" "+word) > 120:
			lines, line = append(lines, line), indent+word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// sources calls visit with each file of the program itself.
func sources(t *testing.T, visit func(path string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, "_templ.go"):
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err == nil {
			rel, _ := filepath.Rel(root, path)
			visit(filepath.ToSlash(rel), fset, f)
		}
		return err
	})
	require.NoError(t, err)
}

// constants returns the codes by the names of their constants.
func constants(t *testing.T) map[string]reason.Code {
	t.Helper()
	codes := map[string]reason.Code{}
	sources(t, func(path string, _ *token.FileSet, f *ast.File) {
		if filepath.Dir(path) != "reason" {
			return
		}
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
					text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
					require.NoError(t, err)
					codes[v.Names[0].Name] = reason.Code(text)
				}
			}
		}
	})
	require.Len(t, codes, len(reason.Catalogue))
	return codes
}

// Each code is given by something, with the arguments of its sentence.
func TestEveryCodeIsUsed(t *testing.T) {
	t.Parallel()
	codes := constants(t)
	// of what earlier versions stored
	used := map[string]bool{"Sentence": true, "InterruptedBefore": true, "Answer": true}
	sources(t, func(path string, fset *token.FileSet, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "reason" && codes[s.Sel.Name] != "" &&
					path != "store/sentences.go" {
					used[s.Sel.Name] = true
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || call.Ellipsis.IsValid() || !isCall(call, "reason", "New") {
				return true
			}
			if s, ok := call.Args[0].(*ast.SelectorExpr); ok && codes[s.Sel.Name] != "" {
				d, known := reason.Lookup(codes[s.Sel.Name])
				require.True(t, known, "%s: %s", fset.Position(call.Pos()), s.Sel.Name)
				if required := len(d.Params()); len(call.Args)-1 != required {
					t.Errorf("%s: %s takes %d arguments", fset.Position(call.Pos()), s.Sel.Name, required)
				}
			}
			return true
		})
		if path != "store/sentences.go" && path != "reason/reason.go" {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && isCall(call, "reason", "Text") {
					t.Errorf("%s: a reason is born as a code", fset.Position(call.Pos()))
				}
				return true
			})
		}
	})
	for name := range codes {
		require.True(t, used[name], "nothing gives the reason %s", name)
	}
}

func isCall(call *ast.CallExpr, pkg, name string) bool {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg && s.Sel.Name == name
}

// foreign are the sentences that are read because a library or Instagram says what is to be known in no other
// way, by file. The migration reads those of Postern's earlier versions.
var foreign = map[string]string{
	"cmd/postern/misuse.go": "the command line's library has no errors of its own kinds",
	"web/api/api.go":        "encoding/json has no error for an unknown field",
	"instagram/cause.go":    "Meta tells some causes apart by its message alone",
	"media/convert.go":      "ffmpeg",
	"media/ffmpeg.go":       "ffmpeg",
	"media/video.go":        "ffmpeg",
	"store/sentences.go":    "the sentences of earlier versions",
	"store/restore.go":      "the last event of two databases is compared in whole",
	"feed/words.go":         "words that programs for blogs write under posts",
}

// Words are made for reading: nothing in the program asks which sentence a text is, how it begins or what it
// contains, neither in Go nor in SQL.
func TestNoSentenceSteers(t *testing.T) {
	t.Parallel()
	consts := map[string]map[string]string{} // by package's folder, by name
	sources(t, func(path string, _ *token.FileSet, f *ast.File) {
		dir := filepath.Dir(path)
		if consts[dir] == nil {
			consts[dir] = map[string]string{}
		}
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok || v.Type != nil { // words of a type of their own are names
					continue
				}
				for i := range v.Values {
					if text, ok := literal(v.Values[i]); ok && i < len(v.Names) {
						consts[dir][v.Names[i].Name] = text
					}
				}
			}
		}
	})
	sources(t, func(path string, fset *token.FileSet, f *ast.File) {
		if foreign[path] != "" {
			return
		}
		for _, fault := range steering(f, consts[filepath.Dir(path)]) {
			t.Errorf("%s: %s", fset.Position(fault.at), fault.says)
		}
	})
}

// The walker finds each way in which a sentence could steer, and nothing else.
func TestSteeringIsFound(t *testing.T) {
	t.Parallel()
	for code, found := range map[string]bool{
		`p.Reason == "waiting for your approval"`:                      true,
		`"waiting for your approval" != text`:                          true,
		`strings.HasPrefix(p.Text, "Instagram does not take ")`:        true,
		`strings.Contains(err.Error(), "could not be reached at all")`: true,
		`strings.CutSuffix(x, gone)`:                                   true,
		`strings.HasPrefix(p.Reason.String(), prefix)`:                 true,
		`strings.Contains(p.Problem, "x")`:                             true,
		`p.Reason.String() == other`:                                   true,
		"db.Query(`SELECT 1 FROM t WHERE reason = $1`)":                true,
		"db.Query(`SELECT 1 FROM t WHERE message LIKE $1 || '%'`)":     true,
		"db.Query(`SELECT 1 FROM t WHERE p.problem <> $1`)":            true,
		"func() { switch x { case \"one two three\": } }":              true,
		"map[string]int{\"one two three\": 1}[text] == 2":              false,
		`p.Problem.String() == other`:                                  true,
		`p.Reason == other.Reason`:                                     false,
		`acc.Problem == v.Reason`:                                      false,
		`p.Problem != ""`:                                              false,
		`strings.Contains(text, "two words")`:                          false,
		`name == "reason"`:                                             false,
		"db.Query(`UPDATE t SET reason = $1 WHERE id = $2`)":           false,
		"db.Query(`SELECT 1 FROM t WHERE reason_code = $1`)":           false,
		"db.Query(`SELECT 1 FROM t WHERE problem <> ''`)":              false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+code, parser.SkipObjectResolution)
		require.NoError(t, err, code)
		require.Equal(t, found, len(steering(f, map[string]string{"gone": "; removed from the site since"})) > 0, code)
	}
}

type fault struct {
	at   token.Pos
	says string
}

var (
	words = regexp.MustCompile(`[\p{L}\d'%]+`)
	asks  = regexp.MustCompile(
		`(?i)\b(?:reason|message|problem|refresh_problem)\s*(?:LIKE|GLOB|MATCH|IN\b|=|<>|!=)\s*(?:\(?\$|'[^'])`)
	sets = regexp.MustCompile(`(?is)\bSET\b.*?(?:\bWHERE\b|$)`)
)

// steering returns where a file asks for a sentence.
func steering(f *ast.File, consts map[string]string) (faults []fault) {
	isSentence := func(e ast.Expr) bool {
		text, ok := literal(e)
		if id, isName := e.(*ast.Ident); isName {
			text, ok = consts[id.Name], consts[id.Name] != ""
		}
		return ok && len(words.FindAllString(text, -1)) >= 3 && strings.Contains(strings.TrimSpace(text), " ") &&
			!strings.ContainsAny(text, "<{\\")
	}
	isReason := func(e ast.Expr) bool {
		s, ok := e.(*ast.SelectorExpr)
		return ok && (s.Sel.Name == "Reason" || s.Sel.Name == "Problem")
	}
	// Text that is made for people, whatever it says: a reason or a problem put in words.
	isShown := func(e ast.Expr) bool {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		s, ok := call.Fun.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "String" && isReason(s.X)
	}
	add := func(n ast.Node, says string) { faults = append(faults, fault{n.Pos(), says}) }
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BinaryExpr:
			if x.Op != token.EQL && x.Op != token.NEQ {
				return true
			}
			for _, side := range [][2]ast.Expr{{x.X, x.Y}, {x.Y, x.X}} {
				text, isText := literal(side[1])
				switch {
				case isSentence(side[0]):
					add(x, "compares a sentence")
				case isShown(side[0]) && !(isText && text == ""):
					add(x, "compares words that are made for reading")
				}
			}
		case *ast.CaseClause:
			for _, e := range x.List {
				if isSentence(e) {
					add(e, "switches over a sentence")
				}
			}
		case *ast.CallExpr:
			s, ok := x.Fun.(*ast.SelectorExpr)
			if pkg, isName := selected(s); !ok || !isName || pkg != "strings" && pkg != "bytes" {
				return true
			}
			switch s.Sel.Name {
			case "HasPrefix", "HasSuffix", "Contains", "Index", "CutPrefix", "CutSuffix", "Cut", "EqualFold", "Count",
				"TrimPrefix", "TrimSuffix", "LastIndex":
				for _, e := range x.Args {
					if s, ok := e.(*ast.SelectorExpr); isSentence(e) || isShown(e) || ok && s.Sel.Name == "Problem" {
						add(x, "looks for a sentence, or into one")
					}
				}
			}
		case *ast.BasicLit:
			text, ok := literal(x)
			if ok && asks.MatchString(sets.ReplaceAllString(text, " WHERE ")) {
				add(x, "asks the database for a sentence")
			}
		}
		return true
	})
	return faults
}

func selected(s *ast.SelectorExpr) (string, bool) {
	if s == nil {
		return "", false
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return x.Name, true
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// What a program does must not depend on words, so these have none.
func TestProblemsAreReasons(t *testing.T) {
	t.Parallel()
	for _, v := range []any{store.Feed{}, store.Account{}, store.Refresh{}, accounts.TokenHealth{}} {
		f, ok := reflect.TypeOf(v).FieldByName("Problem")
		require.True(t, ok)
		require.Equal(t, reflect.TypeFor[reason.Reason](), f.Type, "%T", v)
	}
}

func TestReasonsAreComparable(t *testing.T) {
	t.Parallel()
	require.True(t, reflect.TypeFor[reason.Reason]().Comparable())
	require.Equal(t, reason.New(reason.FeedEntriesLost, 2), reason.New(reason.FeedEntriesLost, int64(2)))
	require.Panics(t, func() { reason.New(reason.FeedEntriesLost) })
}
