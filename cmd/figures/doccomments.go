package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// name is an exported name of a package. doc is its own doc comment, nil if it has none.
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

// declared returns the exported names of a declaration. A comment above a group in parentheses counts for no name.
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

// receiver returns the name of the type of a method, "" if the type has none.
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

// exported counts the exported names of the program.
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

// notVerbs lists words that end in s like a verb in the third person but are not verbs.
var notVerbs = map[string]bool{
	"this": true, "its": true, "as": true, "us": true, "his": true, "less": true, "unless": true, "always": true,
	"perhaps": true,
	"plus":    true, "across": true, "sometimes": true, "ours": true, "theirs": true, "yes": true,
}

// opensWell reports whether a comment begins with the name and a verb. An article may precede the name. A word counts
// as a verb if it ends in s, or is one of "are", "have", "can", "must" and "may".
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
