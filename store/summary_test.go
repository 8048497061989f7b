package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A summary that equals the whole text is stored once, and read as if it were stored twice.
func TestSummaryIsStoredOnce(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	f, err := s.AddFeed(t.Context(), Feed{URL: "https://blog.example/feed", StartRule: "all"})
	require.NoError(t, err)
	const text = "A sentence about the fog."
	fields := map[string]map[string]string{
		"same":  {"summary": text},
		"both":  {"summary": text, "author_name": "Ada"},
		"other": {"summary": "Fog", "author_name": "Ada"},
		"none":  {"author_name": "Ada"},
		"empty": nil,
	}
	var posts []Post
	for guid, f := range fields {
		p := Post{GUID: guid, Title: guid, Text: text, Decision: Publish, PublishedAt: time.Now(),
			Media: []Media{{Type: Image, URL: "https://blog.example/" + guid + ".jpg"}}}
		if p.Markup.Fields = f; guid == "empty" {
			p.Text = ""
		}
		posts = append(posts, p)
	}
	for _, want := range []Saved{{New: len(posts)}, {}} { // saved again, they are unchanged
		saved, err := s.SavePosts(t.Context(), f, posts, true)
		require.NoError(t, err)
		require.Equal(t, want, saved)
	}
	for _, p := range posts {
		got, err := s.PostByGUID(t.Context(), f.ID, p.GUID)
		require.NoError(t, err)
		require.Equal(t, fields[p.GUID], got.Markup.Fields, p.GUID)
		var stored string
		require.NoError(t,
			s.r.QueryRowContext(t.Context(), `SELECT text || markup FROM posts WHERE id = $1`, got.ID).Scan(&stored))
		require.LessOrEqual(t, strings.Count(stored, text), 1, stored)
	}
	// Posts that were stored in the old form read the same.
	_, err = s.w.ExecContext(t.Context(), `UPDATE posts SET markup = $1 WHERE guid = 'same'`,
		mustJSON(Markup{Fields: fields["same"]}))
	require.NoError(t, err)
	got, err := s.PostByGUID(t.Context(), f.ID, "same")
	require.NoError(t, err)
	require.Equal(t, fields["same"], got.Markup.Fields)
}
