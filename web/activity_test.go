package web_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// Activity says in a sentence what happened, for each kind of event that the program writes, also where the event
// has no message.
func TestActivityHasASentenceForEachKind(t *testing.T) {
	kinds := eventKinds(t)
	require.Subset(t, kinds, []string{"feed-paused", "feed-resumed", "route-on", "route-off", "found", "note", "state",
		"publish-answer"})
	h := furnished(t)
	b := h.owner()
	for _, kind := range kinds {
		for _, to := range []store.State{"", store.Held, store.Published, store.Skipped} {
			require.NoError(t, h.store.AddEvent(t.Context(), store.Event{Kind: kind, To: to}))
			said := b.get("/activity").text(".history li:first-child p:last-child")
			require.Regexp(t, `^([a-z ]+ )?[A-Z][a-z]+ .+\.$`, said, kind)
			require.NotContains(t, said, "-", kind)
		}
	}
}

// What happens several times in a row is one line, with what it happened to and, among several accounts, to whom.
func TestActivityMergesWhatRepeats(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	quay, ferry := h.entry("Quay"), h.entry("Ferry")
	rests := func(p store.Publication, until string) {
		require.NoError(t, h.store.AddEvent(t.Context(), store.Event{Kind: "state", AccountID: p.AccountID,
			PublicationID: p.ID, From: store.Queued, To: store.Queued, Reason: reason.CoolDown,
			Message: "the account rests until " + until}))
	}
	rests(quay, "09:00 UTC")
	rests(quay, "12:00 UTC")
	rests(ferry, "12:00 UTC")
	rests(quay, "12:00 UTC")
	first := b.get("/activity").text(".history li:nth-child(1)")
	require.Contains(t, first, "· Quay , Ferry · 3 times in a row The account rests until 12:00 UTC.")
	require.Contains(t, b.get("/activity").text(".history li:nth-child(2)"), "· Quay The account rests until 09:00 UTC.")
	require.Equal(t, 1, strings.Count(b.get(publicationPath(quay)).text(".history"), "12:00 UTC"))

	h.another("Pier")
	require.Contains(t, b.get("/activity").text(".history"),
		"· Quay , Ferry → Harbour · 3 times in a row The account rests until 12:00 UTC.")
	require.NotContains(t, b.get("/activity?q=rests").text(".history"), "Pier")
}

func TestActivityNamesTheAccountThatTakesAFeed(t *testing.T) {
	h := furnished(t)
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}, store.Visitor, ""))
	require.Equal(t, "Posts of this feed no longer go to Harbour.",
		h.owner().get("/activity").text(".history li:first-child p:last-child"))
}

// eventKinds returns the kinds of events that the program's source writes: the strings in the Kind of each store.Event.
func eventKinds(t *testing.T) (kinds []string) {
	t.Helper()
	files := gotoken.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, "_templ.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(source), "Event{") {
			return err
		}
		file, err := parser.ParseFile(files, path, source, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || !isEvent(literal.Type) {
				return true
			}
			for _, e := range literal.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && pair.Key.(*ast.Ident).Name == "Kind" {
					found := stringsIn(t, files, file, pair.Value)
					require.NotEmpty(t, found, files.Position(pair.Pos()))
					kinds = append(kinds, found...)
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func isEvent(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == "Event"
	case *ast.SelectorExpr:
		return x.Sel.Name == "Event"
	}
	return false
}

// stringsIn returns the strings in an expression, with the constants of the same file that it names.
func stringsIn(t *testing.T, files *gotoken.FileSet, file *ast.File, e ast.Expr) (list []string) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BasicLit:
			s, err := strconv.Unquote(x.Value)
			require.NoError(t, err, files.Position(x.Pos()))
			list = append(list, s)
		case *ast.Ident:
			if named := file.Scope.Lookup(x.Name); named != nil && named.Kind == ast.Con {
				list = append(list, stringsIn(t, files, file, named.Decl.(*ast.ValueSpec).Values[0])...)
			}
		}
		return true
	})
	return list
}

// Activity names the settings of a feed on an account that were changed, with their values, and tells that a feed was
// switched only when it was.
func TestActivityNamesTheSettingsOfAFeed(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	link := fmt.Sprintf("/accounts/%d/settings?feed=%d", h.account.ID, h.feed.ID)
	lines := func() int { return b.get("/activity").Find(".history li").Length() }
	before := lines()
	b.get(link).submit(settingsOf, url.Values{"cool_down": {"2h"}, "channel": {"story"}})
	require.Contains(t, b.get("/activity").text(".history li:first-child"),
		"· You · Blog The settings of this feed for Harbour were changed: Cool-down (2h), Published as (story).")
	require.Equal(t, before+1, lines(), "the feed was on already")
	b.get(link).submit(settingsOf, nil)
	require.Equal(t, before+1, lines(), "nothing was changed")
}
