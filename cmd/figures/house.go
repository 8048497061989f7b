package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	longFunction = 60  // lines
	longLine     = 120 // columns
	tabWidth     = 4   // columns of a tab at the beginning of a line
)

// house is the source of one module.
type house struct {
	module string
	fset   *token.FileSet
	files  []file // hand-written Go, sorted by path
	lines  int    // of hand-written Go and Markdown
	long   []string
	pages  []template
}

// file is one hand-written Go file.
type file struct {
	path string
	ast  *ast.File
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// figure is one line of the output.
type figure struct {
	name, value string
	list        []string // what was counted, with its place; nil where that says nothing
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

// readHouse reads the module at the root of fsys.
func readHouse(fsys fs.FS) (*house, error) {
	mod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, err
	}
	m := moduleLine.FindSubmatch(mod)
	if m == nil {
		return nil, fmt.Errorf("go.mod names no module")
	}
	h := &house{module: string(m[1]), fset: token.NewFileSet()}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return h.read(fsys, name)
	})
	return h, err
}

func (h *house) read(fsys fs.FS, name string) error {
	kind := path.Ext(name)
	if kind != ".go" && kind != ".md" && kind != ".templ" && kind != ".html" {
		return nil
	}
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if kind == ".templ" || kind == ".html" {
		h.pages = append(h.pages, template{name, string(src)})
		return nil
	}
	if kind == ".go" {
		parsed, err := parser.ParseFile(h.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if ast.IsGenerated(parsed) {
			return nil
		}
		h.files = append(h.files, file{name, parsed})
	}
	h.measureLines(name, src)
	return nil
}

func (h *house) measureLines(name string, src []byte) {
	for i, line := range bytes.Split(bytes.TrimSuffix(src, []byte("\n")), []byte("\n")) {
		h.lines++
		tabs := len(line) - len(bytes.TrimLeft(line, "\t"))
		if n := utf8.RuneCount(line) + tabs*(tabWidth-1); n > longLine {
			h.long = append(h.long, fmt.Sprintf("%s:%d: %d columns", name, i+1, n))
		}
	}
}

func (h *house) figures() []figure {
	functions := h.longFunctions()
	documented, unclear := h.docComments()
	arrows, outside, inPages := h.arrows(), h.sentences(), h.pageSentences()
	return []figure{
		{fmt.Sprintf("functions over %d lines, tests apart", longFunction), strconv.Itoa(len(functions)), functions},
		{"doc comments that open with the name and a verb", share(documented-len(unclear), documented), unclear},
		{fmt.Sprintf("lines over %d columns in Go and Markdown", longLine), share(len(h.long), h.lines), h.long},
		{"packages", strconv.Itoa(len(h.packages())), h.packages()},
		{"exported names, methods with them", strconv.Itoa(h.exported()), nil},
		{"import arrows among our packages", strconv.Itoa(len(arrows)), arrows},
		{"sentences outside the catalogue", strconv.Itoa(len(outside)), outside},
		{"sentences in templates", strconv.Itoa(len(inPages)), inPages},
	}
}

func share(part, whole int) string {
	return fmt.Sprintf("%.1f %% (%d of %d)", 100*float64(part)/float64(max(whole, 1)), part, whole)
}

// program returns the files that are not tests.
func (h *house) program() []file {
	return slices.DeleteFunc(slices.Clone(h.files), file.isTest)
}

func (h *house) place(n ast.Node) string {
	p := h.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

func (h *house) longFunctions() (list []string) {
	for _, f := range h.program() {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := h.fset.Position(fn.End()).Line - h.fset.Position(fn.Pos()).Line + 1; n > longFunction {
					list = append(list, fmt.Sprintf("%s: %s has %d lines", h.place(fn), fn.Name.Name, n))
				}
			}
		}
	}
	return list
}

func (h *house) packages() (dirs []string) {
	for _, f := range h.program() {
		dirs = append(dirs, path.Dir(f.path))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func (h *house) arrows() (list []string) {
	for _, f := range h.program() {
		for _, i := range f.ast.Imports {
			if to, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), h.module+"/"); ours {
				list = append(list, path.Dir(f.path)+" -> "+to)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
