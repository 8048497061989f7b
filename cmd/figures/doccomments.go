package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// name is an exported name of a package, with its doc comment if it has one of its own.
type name struct {
	ident *ast.Ident
	doc   *ast.CommentGroup
}

// names returns the exported names at the top of a file, and the exported methods of exported types.
func names(f *ast.File) (all []name) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				all = append(all, name{d.Name, d.Doc})
			}
		case *ast.GenDecl:
			all = append(all, declared(d)...)
		}
	}
	return all
}

// declared returns the exported names of a declaration. The comment of a group in parentheses belongs to none of them.
func declared(d *ast.GenDecl) (all []name) {
	alone := func(doc *ast.CommentGroup) *ast.CommentGroup {
		if doc == nil && d.Lparen == token.NoPos {
			return d.Doc
		}
		return doc
	}
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				all = append(all, name{s.Name, alone(s.Doc)})
			}
		case *ast.ValueSpec:
			for _, id := range s.Names {
				if id.IsExported() {
					all = append(all, name{id, alone(s.Doc)})
				}
			}
		}
	}
	return all
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func (h *house) exported() (n int) {
	for _, f := range h.program() {
		n += len(names(f.ast))
	}
	return n
}

// docComments returns how many exported names have a doc comment, and those whose comment does not open with the
// name and a verb.
func (h *house) docComments() (documented int, unclear []string) {
	for _, f := range h.program() {
		for _, n := range names(f.ast) {
			text := n.doc.Text()
			if text == "" {
				continue
			}
			if documented++; !opensWell(text, n.ident.Name) {
				first, _, _ := strings.Cut(text, "\n")
				unclear = append(unclear, h.place(n.ident)+": "+first)
			}
		}
	}
	return documented, unclear
}

// notVerbs are words that end like a verb in the third person and are none.
var notVerbs = map[string]bool{
	"this": true, "its": true, "as": true, "us": true, "his": true, "less": true, "unless": true, "always": true,
	"perhaps": true,
	"plus":    true, "across": true, "sometimes": true, "ours": true, "theirs": true, "yes": true,
}

// opensWell reports whether a comment begins with the name, after an article if any, and a word that looks like a
// verb: it ends with s, or is what plurals take.
func opensWell(text, name string) bool {
	words := strings.Fields(text)
	if len(words) > 0 && (words[0] == "A" || words[0] == "An" || words[0] == "The") {
		words = words[1:]
	}
	if len(words) < 2 || words[0] != name {
		return false
	}
	switch verb := words[1]; verb {
	case "are", "have", "can", "must", "may":
		return true
	default:
		return strings.HasSuffix(verb, "s") && verb == strings.ToLower(verb) && !notVerbs[verb]
	}
}
