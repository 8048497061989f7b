package main

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
)

// unusedEntries returns the exported names of the catalogue that nothing outside it uses, tests apart.
func (h *house) unusedEntries() (list []string) {
	used := h.usedEntries()
	for _, f := range h.program() {
		if path.Dir(f.path) != catalogue {
			continue
		}
		for _, n := range names(f.ast) {
			if !used[n.ident.Name] {
				list = append(list, h.place(n.ident)+": "+n.ident.Name)
			}
		}
	}
	return list
}

var inTemplate = regexp.MustCompile(`\b` + catalogue + `\.([A-Z]\w*)`)

// usedEntries returns the names that follow the catalogue's in files of the program and in templates.
func (h *house) usedEntries() map[string]bool {
	used := map[string]bool{}
	for _, f := range h.program() {
		if !slices.ContainsFunc(f.ast.Imports,
			func(i *ast.ImportSpec) bool { return literal(i.Path) == h.module+"/"+catalogue }) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && of.Name == catalogue {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
	}
	for _, t := range h.pages {
		for _, m := range inTemplate.FindAllStringSubmatch(t.text, -1) {
			used[m[1]] = true
		}
	}
	return used
}
