package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Conceal removes the credentials of a feed's address from a text. It changes only words that are addresses with the
// same scheme, host and port: it removes the user part, and replaces a secret query value that the feed's address
// also has by [Masked].
func Conceal(text, address string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if strings.Contains(w, "://") && SiteOf(w) == SiteOf(address) {
			words[i] = concealAddress(w, address)
		}
	}
	return strings.Join(words, " ")
}

func concealAddress(s, address string) string {
	from, err := url.Parse(address)
	if err != nil {
		return s
	}
	if i, end := strings.Index(s, "://")+3, strings.IndexByte(s, '@'); from.User != nil && end >= i &&
		!strings.ContainsAny(s[i:end], "/?#") {
		s = s[:i] + s[end+1:]
	}
	before, query, ok := strings.Cut(s, "?")
	if !ok {
		return s
	}
	query, fragment, hasFragment := strings.Cut(query, "#")
	pairs := strings.Split(query, "&")
	known := from.Query()
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" || value == Masked || !IsSecretName(name) {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil && known.Get(name) == plain {
			pairs[i] = name + "=" + Masked
		}
	}
	s = before + "?" + strings.Join(pairs, "&")
	if hasFragment {
		s += "#" + fragment
	}
	return s
}

// Conceal removes the credentials of the feed's address from all addresses of a post and its media, and reports
// whether it changed any.
func (p *Post) Conceal(address string) (changed bool) {
	hide := func(s *string) {
		if to := Conceal(*s, address); to != *s {
			*s, changed = to, true
		}
	}
	hide(&p.GUID)
	hide(&p.OtherID)
	hide(&p.URL)
	for i := range p.Markup.OtherURL {
		hide(&p.Markup.OtherURL[i])
	}
	for name, value := range p.Markup.Fields {
		hide(&value)
		p.Markup.Fields[name] = value
	}
	instead := p.Markup.Instead
	p.Markup.Instead = nil
	for url, others := range instead {
		hide(&url)
		for i := range others {
			hide(&others[i])
		}
		if p.Markup.Instead == nil {
			p.Markup.Instead = map[string][]string{}
		}
		p.Markup.Instead[url] = others
	}
	for i := range p.Media {
		hide(&p.Media[i].URL)
		hide(&p.Media[i].PosterURL)
	}
	return changed
}

// concealPosts conceals the stored posts of a feed as its polls do from now on, so that the next poll recognizes the
// posts and finds them unchanged.
func concealPosts(ctx context.Context, tx *transaction, feedID int64, address string) error {
	for last := int64(0); ; {
		rows, err := tx.QueryContext(ctx,
			`SELECT `+postColumns+` FROM posts WHERE feed_id = $1 AND id > $2 ORDER BY id LIMIT 500`, feedID, last)
		posts, err := collect(rows, err, scanPost)
		if err != nil || len(posts) == 0 {
			return err
		}
		for _, p := range posts {
			last = p.ID
			if p.Media, err = mediaOf(ctx, tx, p.ID); err != nil {
				return err
			}
			before, guid := slices.Clone(p.Media), p.GUID
			p.asRead()
			if !p.Conceal(address) {
				continue
			}
			if err := concealPost(ctx, tx, p, guid, before); err != nil {
				return fmt.Errorf("post %d: %w", p.ID, err)
			}
		}
	}
}

// asRead sets empty categories to nil or to an empty slice, whichever the feed reader had when it computed
// ContentHash.
func (p *Post) asRead() {
	if len(p.Categories) > 0 {
		return
	}
	for _, p.Categories = range [][]string{{}, nil} {
		if p.hash() == p.ContentHash {
			return
		}
	}
}

func concealPost(ctx context.Context, tx *transaction, p Post, guid string, before []Media) error {
	var other int64
	switch err := tx.QueryRowContext(ctx, `SELECT id FROM posts WHERE feed_id = $1 AND guid = $2 AND id <> $3`,
		p.FeedID, p.GUID, p.ID).Scan(&other); {
	case err == nil:
		p.GUID = guid // another row has the concealed GUID already; keep both rows, so that no post is lost
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	k := identify(p).keys()
	if _, err := tx.ExecContext(ctx,
		`UPDATE posts SET guid = $2, url = $3, url_key = $4, markup = $5, content_hash = $6,
		id_key = $7, page_key = $8, files_key = $9, words_key = $10, title_key = $11 WHERE id = $1`,
		p.ID, p.GUID, p.URL, addressKey(p.URL), p.markupJSON(), p.hash(), key(k.id), key(k.page), key(k.media),
		key(k.words), key(k.title)); err != nil {
		return err
	}
	for i, m := range p.Media {
		for _, change := range [][2]string{{before[i].URL, m.URL}, {before[i].PosterURL, m.PosterURL}} {
			if change[0] == change[1] {
				continue
			}
			if err := renameMedia(ctx, tx, p.ID, change[0], change[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// renameMedia replaces the URL of a medium of a post in every table that stores it.
func renameMedia(ctx context.Context, tx *transaction, postID int64, from, to string) error {
	for _, u := range []struct {
		statement string
		args      []any
	}{
		{`UPDATE media SET url = $2 WHERE post_id = $1 AND url = $3`, []any{postID, to, from}},
		{`UPDATE media SET poster_url = $2 WHERE post_id = $1 AND poster_url = $3`, []any{postID, to, from}},
		{`UPDATE publications SET edits = replace(edits, $3, $2), version = version + 1 WHERE post_id = $1`,
			[]any{postID, mustJSON(to), mustJSON(from)}},
		{
			`UPDATE items SET source_url = replace(source_url, $3, $2), poster_url = replace(poster_url, $3, $2),
				sent_url = replace(sent_url, $3, $2),
			sent_cover_url = replace(sent_cover_url, $3, $2) WHERE publication_id IN (SELECT id FROM publications
				WHERE post_id = $1)`, []any{postID, to, from}},
		{`DELETE FROM preflights WHERE publication_id IN (SELECT id FROM publications WHERE post_id = $1)`,
			[]any{postID}},
		{`UPDATE assets SET source_url = $1 WHERE source_url = $2`, []any{to, from}},
	} {
		if _, err := tx.ExecContext(ctx, u.statement, u.args...); err != nil {
			return err
		}
	}
	return nil
}
