package feed

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

var update = flag.Bool("update", false, "write the golden files")

// goldenPost has the fields of a post that are compared: everything that package feed determines.
type goldenPost struct {
	GUID        string         `json:"guid"`
	URL         string         `json:"url"`
	PublishedAt time.Time      `json:"published_at,omitzero"`
	Title       string         `json:"title"`
	Text        string         `json:"text"`
	Categories  []string       `json:"categories,omitempty"`
	Media       []store.Media  `json:"media,omitempty"`
	Markup      store.Markup   `json:"markup,omitzero"`
	Decision    store.Decision `json:"decision"`
	Reason      string         `json:"reason,omitempty"`
}

type goldenDocument struct {
	Title    string       `json:"title"`
	Format   string       `json:"format"`
	URL      string       `json:"url"`
	Site     string       `json:"site,omitempty"`
	HubURL   string       `json:"hub_url,omitempty"`
	TTL      string       `json:"ttl,omitempty"`
	Complete bool         `json:"complete"`
	Problems []string     `json:"problems,omitempty"`
	Posts    []goldenPost `json:"posts"`
}

func golden(d Document) goldenDocument {
	g := goldenDocument{Title: d.Title, Format: d.Format, URL: d.URL, Site: d.Site, HubURL: d.HubURL,
		Complete: d.Complete}
	for _, p := range d.Problems {
		g.Problems = append(g.Problems, p.String())
	}
	if d.TTL > 0 {
		g.TTL = d.TTL.String()
	}
	for _, p := range d.Posts {
		g.Posts = append(g.Posts, goldenPost{p.GUID, p.URL, p.PublishedAt, p.Title, p.Text, p.Categories, p.Media,
			p.Markup, p.Decision, p.Reason.String()})
	}
	return g
}

func fixtures(t testing.TB) []string {
	var files []string
	for _, pattern := range []string{"testdata/*.xml", "testdata/*.json"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, f := range found {
			if !strings.HasSuffix(f, ".golden.json") {
				files = append(files, f)
			}
		}
	}
	require.NotEmpty(t, files)
	return files
}

func TestParseGolden(t *testing.T) {
	t.Parallel()
	for _, file := range fixtures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			base, err := url.Parse("https://feeds.example/dir/feed.xml?key=secret")
			require.NoError(t, err)
			d, err := Parse(body, "", base)
			require.NoError(t, err)
			got, err := json.MarshalIndent(golden(d), "", "  ")
			require.NoError(t, err)
			got = append(got, '\n')
			want := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden.json"
			if *update {
				require.NoError(t, os.WriteFile(want, got, 0o644))
			}
			expected, err := os.ReadFile(want)
			require.NoError(t, err)
			require.Equal(t, string(expected), string(got))

			again, err := Parse(body, "", base)
			require.NoError(t, err)
			require.Equal(t, d, again, "parsing is deterministic")
		})
	}
}
