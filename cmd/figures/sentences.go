package main

import (
	"go/ast"
	"go/token"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// catalogue is the directory of the package that holds the sentences.
const catalogue = "words"

// catalogues are the files in which sentences for people stand. Those of reason move into the catalogue with
// their package.
var catalogues = []string{catalogue + "/*.go", "reason/*.go"}

// apart are directories and files whose text reaches nobody who uses the program: tools of ours, helpers of tests, and
// the answers that the simulator gives in Meta's name and in Meta's English, and the sentences of earlier versions,
// which are only read.
var apart = []string{
	"cmd/figures", "cmd/score", "address/s3test", "doors", "media/bench",
	"instagram/simulator/api.go", "instagram/simulator/comments.go", "instagram/simulator/extras.go",
	"instagram/simulator/fault.go", "instagram/simulator/oauth.go", "instagram/simulator/rules.go",
	"store/sentences.go",
}

// sentences returns the literals of three or more words outside the catalogues that may reach a page, the command
// line, a notice or the API. What goes into logs, wrapped errors, panics, patterns, policies and SQL is left out, as is
// text that is compared or searched for. Literals that are glued to one another with + count as one. It knows no types,
// so it is an approximation: it also finds some text that nobody reads.
func (h *house) sentences() (list []string) {
	for _, f := range h.program() {
		if isCatalogue(f.path) {
			continue
		}
		for _, s := range sentencesOf(f.ast) {
			list = append(list, h.place(s.node)+": "+s.text)
		}
	}
	return list
}

// sentence is a text with the node that it stands in.
type sentence struct {
	node ast.Node
	text string
}

func sentencesOf(f *ast.File) (list []sentence) {
	add := func(n ast.Node, text string) {
		if isSentence(text) && !isOfPackage(text, f.Name.Name) {
			list = append(list, sentence{n, text})
		}
	}
	var searched []ast.Expr
	ast.Inspect(f, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && slices.Contains(searched, e) {
			return false
		}
		searched = append(searched, searchedIn(n)...)
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			add(n, helpOf(n))
			if n.Tag != nil {
				return false
			}
		case *ast.CallExpr:
			return !isExempt(n)
		case *ast.BinaryExpr:
			if text, glued := gluedText(n); glued {
				add(n, text)
				return false
			}
		case *ast.BasicLit:
			add(n, literal(n))
		}
		return true
	})
	return list
}

// searchers are the functions of strings whose literal arguments are searched for, or are a list of names.
var searchers = map[string]bool{
	"Contains": true, "Count": true, "Cut": true, "CutPrefix": true, "CutSuffix": true, "EqualFold": true,
	"Fields": true, "HasPrefix": true, "HasSuffix": true, "Index": true, "Split": true,
}

// searchedIn returns the literals of a node that are compared or searched for, so that nobody reads them.
func searchedIn(n ast.Node) (list []ast.Expr) {
	var from []ast.Expr
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			from = []ast.Expr{n.X, n.Y}
		}
	case *ast.CaseClause:
		from = n.List
	case *ast.CallExpr:
		if fn, ok := n.Fun.(*ast.SelectorExpr); ok && lastName(fn.X) == "strings" && searchers[fn.Sel.Name] {
			from = n.Args
		}
	}
	for _, e := range from {
		if _, ok := e.(*ast.BasicLit); ok {
			list = append(list, e)
		}
	}
	return list
}

// isOfPackage reports whether a text begins with the name of its package and a colon, as errors for programmers do.
func isOfPackage(text, pkg string) bool { return strings.HasPrefix(text, pkg+": ") }

func isCatalogue(file string) bool {
	if slices.Contains(apart, path.Dir(file)) || slices.Contains(apart, file) {
		return true
	}
	for _, pattern := range catalogues {
		if ok, _ := path.Match(pattern, file); ok {
			return true
		}
	}
	return false
}

// helpOf returns the help that a struct field gives the command line, "" where there is none.
func helpOf(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	return reflect.StructTag(literal(f.Tag)).Get("help")
}

var loggers = regexp.MustCompile(`(?i)^(slog|log|logger)$`)

// isExempt reports whether a call takes its words to a log, into a wrapped error or a panic, or compiles them.
func isExempt(call *ast.CallExpr) bool {
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name == "panic" || fn.Name == "notFound" // which wraps what was looked for into an error
	case *ast.SelectorExpr:
		switch of := lastName(fn.X); {
		case loggers.MatchString(of), of == "regexp":
			return true
		case of == "fmt" && fn.Sel.Name == "Errorf" && len(call.Args) > 0:
			text, _ := gluedText(call.Args[0])
			return strings.Contains(text, "%w")
		}
	}
	return false
}

// lastName returns the last name of x, a.x or a.x(), "" for anything else.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		return lastName(e.Fun)
	}
	return ""
}

// gluedText returns the text of literals that are joined with +, with … for what stands between them. glued is
// false where no part is a literal.
func gluedText(e ast.Expr) (text string, glued bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e), e.Kind == token.STRING
	case *ast.ParenExpr:
		return gluedText(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "…", false
		}
		left, a := gluedText(e.X)
		right, b := gluedText(e.Y)
		return left + right, a || b
	}
	return "…", false
}

func literal(l *ast.BasicLit) string {
	if l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value)
	return text
}

var statement = regexp.MustCompile(
	`^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|PRAGMA|REPLACE|VACUUM|ATTACH|DETACH|BEGIN|AND|OR|FROM|WHERE|JOIN|LEFT|ORDER|ON|SET|VALUES|UNION|EXISTS|NOT|CASE|RETURNING)\b|\b(SELECT|WHERE|JOIN|RETURNING|IN \(|IS NULL|IS NOT|ORDER BY|COALESCE)`)

// columns is the beginning of a list of columns, or of what they are set to.
var columns = regexp.MustCompile(`^\s*[a-z_.]+(, [a-z_.]+){2}|^\s*[a-z_]+ = (0|''|NULL),`)

// policy is a directive of a Content-Security-Policy.
var policy = regexp.MustCompile(`(^|; )[a-z]+(-[a-z]+)* '(self|none)'`)

// layout is the year or the hour of Go's layouts of times.
var layout = regexp.MustCompile(`\b(2006|15:04)\b`)

// isSentence reports whether a text has three words or more, one of them in lower case, and is no SQL, no
// policy and no layout of a time. One of the three may be a placeholder.
func isSentence(text string) bool {
	words, lower, placeholder := 0, false, 0
	for _, w := range strings.Fields(text) {
		if strings.ContainsAny(w, "%…") {
			placeholder = 1
		}
		if w = strings.Trim(w, `.,:;?!"'()“”`); w == "" || strings.IndexFunc(w, isForeign) >= 0 {
			continue
		}
		words++
		lower = lower || unicode.IsLower([]rune(w)[0])
	}
	for _, other := range []*regexp.Regexp{statement, policy, layout} {
		if other.MatchString(text) {
			return false
		}
	}
	return words >= 2 && words+placeholder >= 3 && lower && !isColumns(text)
}

// isColumns reports whether a text lists columns: of some, the names are of several words.
func isColumns(text string) bool { return columns.MatchString(text) && strings.Contains(text, "_") }

// isForeign reports whether a rune stands in no word.
func isForeign(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' }
