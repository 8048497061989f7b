package main

import (
	"go/ast"
	"go/token"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// catalogues are the files in which sentences for people stand.
var catalogues = []string{"reason/*.go", "web/english*.go"}

// apart are packages whose words reach nobody who uses the program.
var apart = []string{"cmd/figures", "cmd/score", "address/s3test", "store/storetest"}

// sentences returns the literals of three or more words outside the catalogues that may reach a page, the command
// line, a notice or the API. What goes into logs, wrapped errors, panics, patterns and SQL is left out. Literals
// that are glued to one another with + count as one. It knows no types, so it is an approximation: it also finds
// some text that nobody reads.
func (h *house) sentences() (list []string) {
	for _, f := range h.program() {
		if isCatalogue(f.path) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				if help := helpOf(n); isSentence(help) {
					list = append(list, h.place(n)+": "+help)
				}
				if n.Tag != nil {
					return false
				}
			case *ast.CallExpr:
				return !isExempt(n)
			case *ast.BinaryExpr:
				if text, glued := gluedText(n); glued {
					if isSentence(text) {
						list = append(list, h.place(n)+": "+text)
					}
					return false
				}
			case *ast.BasicLit:
				if text := literal(n); isSentence(text) {
					list = append(list, h.place(n)+": "+text)
				}
			}
			return true
		})
	}
	return list
}

func isCatalogue(file string) bool {
	for _, dir := range apart {
		if path.Dir(file) == dir {
			return true
		}
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
		return fn.Name == "panic"
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
	`^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|PRAGMA|REPLACE|VACUUM|ATTACH|DETACH|BEGIN|AND|OR|FROM|WHERE|JOIN|LEFT|ORDER|ON|SET|VALUES|UNION|EXISTS|NOT|CASE|RETURNING)\b|\b(SELECT|WHERE|IN \(|IS NULL|IS NOT|ORDER BY|COALESCE)`)

// isSentence reports whether a text has three words or more, one of them in lower case, and is no SQL. One of the
// three may be a placeholder.
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
	return words >= 2 && words+placeholder >= 3 && lower && !statement.MatchString(text)
}

// isForeign reports whether a rune stands in no word.
func isForeign(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' }
