package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notPortable are expressions that only SQLite accepts in statements.
var notPortable = map[string]*regexp.Regexp{
	"scalar min or max": regexp.MustCompile(`(?i)\b(min|max)\((?:[^(),]|\([^()]*\))*,`),
	"instr":             regexp.MustCompile(`(?i)\binstr\(`),
	"a blob literal":    regexp.MustCompile(`(?i)\bx''|\bx'[0-9a-f]`),
	"JSON functions":    regexp.MustCompile(`(?i)\bjson_\w+\(`),
	"PRAGMA":            regexp.MustCompile(`(?i)\bPRAGMA\b`),
	"MATCH":             regexp.MustCompile(`\bMATCH\b`),
	"VACUUM INTO":       regexp.MustCompile(`(?i)\bVACUUM\b`),
	"sqlite_master":     regexp.MustCompile(`(?i)\bsqlite_`),
	"INSERT OR":         regexp.MustCompile(`(?i)\b(INSERT|UPDATE) OR\b`),
	"ifnull, strftime, GLOB": regexp.MustCompile(
		`(?i)\b(ifnull|strftime|total_changes|changes|unixepoch|julianday)\(|\bGLOB\b`),
	"INDEXED BY":              regexp.MustCompile(`(?i)\bINDEXED BY\b`),
	"unary plus on a column":  regexp.MustCompile(`(?i)(^|[\s(,])\+[a-z_]+\.?[a-z_]*`),
	"a subquery without name": regexp.MustCompile(`(?is)\bFROM \(.*\)\s*$`),
}

// goOnly are Go names of features that only SQLite has.
var goOnly = regexp.MustCompile(`\bLastInsertId\b|modernc\.org/sqlite|sqlite3\.SQLITE`)

// looksLikeSQL matches strings that are SQL or a part of it.
var looksLikeSQL = regexp.MustCompile(
	`\b(SELECT|UPDATE|INSERT|DELETE|WHERE|FROM|CASE|PRAGMA|VACUUM|MATCH|JOIN|ORDER BY)\b|\+\w+\.\w+`)

func TestStatementsArePortable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") ||
			slices.Contains([]string{"sqlite.go", "statements.go", "schema.go"}, name) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := goOnly.Find(text); found != nil {
			t.Errorf("%s: %s belongs into sqlite.go", name, found)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			query, _ := strconv.Unquote(lit.Value)
			for _, what := range foreignIn(query) {
				t.Errorf("%s: %s in %q", set.Position(lit.Pos()), what, query)
			}
			return true
		})
	}
}

func foreignIn(query string) (all []string) {
	if !looksLikeSQL.MatchString(query) {
		return nil
	}
	for what, spelling := range notPortable {
		if spelling.MatchString(query) {
			all = append(all, what)
		}
	}
	slices.Sort(all)
	return all
}

// foreignIn finds the expressions it should find, and accepts what every database accepts.
func TestForeignInFindsNonPortableSQL(t *testing.T) {
	for query, want := range map[string]string{
		"UPDATE feeds SET next_poll_at = min(next_poll_at, $2)":                "scalar min or max",
		"UPDATE f SET v = coalesce(max(coalesce(a, 0), $1), $1) WHERE id = $2": "scalar min or max",
		"SELECT instr(value, ' ') FROM settings":                               "instr",
		"UPDATE sessions SET data = x''":                                       "a blob literal",
		"SELECT json_remove(edits, '$.caption') FROM publications":             "JSON functions",
		"PRAGMA quick_check(3)":                                                "PRAGMA",
		"+publications.state IN (":                                             "unary plus on a column",
		"SELECT count(*) FROM (SELECT 1 FROM posts LIMIT 3)":                   "a subquery without name",
		"SELECT count(*) FROM (SELECT 1 FROM posts LIMIT 3) AS counted":        "",
		"SELECT max(published_at) FROM publications WHERE account_id = $1":     "",
		"SELECT coalesce(max(id), 0), min(at) FROM events":                     "",
		"UPDATE publications SET version = version + 1 WHERE id = $1":          "",
	} {
		if got := strings.Join(foreignIn(query), ", "); got != want {
			t.Errorf("%s: found %q, want %q", query, got, want)
		}
	}
}
