package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// goMigrations returns the migrations that need more than SQL. Their numbers continue those of the files in
// migrations.
func goMigrations() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(4, &goose.GoFunc{RunTx: addReasons}, nil),
		goose.NewGoMigration(6, &goose.GoFunc{RunTx: addIdentity}, nil),
		goose.NewGoMigration(15, &goose.GoFunc{RunTx: addProblems}, nil),
	}
}

// addIdentity adds the keys by which renamed posts are found, and computes them from the stored posts.
func addIdentity(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{
		// Hashes of the parts of a post that survive a change of its name, see store/resemble.go: its id without the
		// host,
		`ALTER TABLE posts ADD COLUMN id_key INTEGER`,
		`ALTER TABLE posts ADD COLUMN page_key INTEGER`, // its path,
		// the set of its media,
		`ALTER TABLE posts ADD COLUMN files_key INTEGER`,
		// the beginning of its text,
		`ALTER TABLE posts ADD COLUMN words_key INTEGER`,
		// its title; NULL if it has none that is long enough
		`ALTER TABLE posts ADD COLUMN title_key INTEGER`,
		// whether its date has no time
		`ALTER TABLE posts ADD COLUMN day_only INTEGER NOT NULL DEFAULT 0 CHECK (day_only IN (0, 1))`,
		// the post of which this one seems to be a copy, or is one according to the owner
		`ALTER TABLE posts ADD COLUMN looks_like INTEGER REFERENCES posts (id)`,
		// a post that shares a sign with it and is in the same document, so the site shows both
		`ALTER TABLE posts ADD COLUMN beside INTEGER REFERENCES posts (id)`,
		// replaced by files_key
		`ALTER TABLE posts DROP COLUMN media_key`,
		// the last poll that the site answered, even if nothing had changed
		`ALTER TABLE feeds ADD COLUMN read_at INTEGER`,
		// the first poll that found entries; NULL if the feed has always been empty
		`ALTER TABLE feeds ADD COLUMN entries_at INTEGER`,
		// perceptual hash of a picture; NULL if the picture has too little detail
		`ALTER TABLE assets ADD COLUMN fingerprint INTEGER`,
		`CREATE INDEX posts_id_key ON posts (id_key, feed_id) WHERE id_key IS NOT NULL`,
		`CREATE INDEX posts_page_key ON posts (page_key, feed_id) WHERE page_key IS NOT NULL`,
		`CREATE INDEX posts_files_key ON posts (files_key, feed_id) WHERE files_key IS NOT NULL`,
		`CREATE INDEX posts_words_key ON posts (words_key, feed_id) WHERE words_key IS NOT NULL`,
		`CREATE INDEX posts_title_key ON posts (title_key, feed_id) WHERE title_key IS NOT NULL`,
		`CREATE INDEX items_asset ON items (asset) WHERE asset <> ''`,
		`UPDATE feeds SET read_at = CASE WHEN failures = 0 THEN last_polled_at ELSE coalesce((SELECT max(first_seen_at) FROM posts WHERE feed_id = feeds.id), first_polled_at) END,
			entries_at = CASE WHEN EXISTS (SELECT 1 FROM posts WHERE feed_id = feeds.id) THEN first_polled_at END`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	for last := int64(0); ; {
		rows, err := tx.QueryContext(ctx,
			`SELECT `+identityColumns+` FROM posts WHERE id > $1 ORDER BY id LIMIT 500`, last)
		posts, err := collect(rows, err, scanIdentity)
		if err != nil || len(posts) == 0 {
			return err
		}
		for _, p := range posts {
			last = p.ID
			if p.Media, err = mediaOf(ctx, tx, p.ID); err != nil {
				return err
			}
			k := identify(p).keys()
			_, err := tx.ExecContext(ctx,
				`UPDATE posts SET id_key = $2, page_key = $3, files_key = $4, words_key = $5, title_key = $6, day_only = $7 WHERE id = $1`,
				p.ID, key(k.id), key(k.page), key(k.media), key(k.words), key(k.title), isMidnight(p.PublishedAt))
			if err != nil {
				return err
			}
		}
	}
}

// identityColumns are the columns that identify needs, besides the media. They exist in the schema before this
// migration and in every later one.
const identityColumns = `id, guid, url, published_at, title, text`

func scanIdentity(row scanner) (p Post, err error) {
	return p, row.Scan(&p.ID, &p.GUID, &p.URL, instant{&p.PublishedAt}, &p.Title, &p.Text)
}

// key returns a key as it is stored: NULL if the post has none.
func key(k int64) any {
	if k == 0 {
		return nil
	}
	return k
}
