-- +goose Up
-- A person let it go in its turn: past approval and filters, not past quiet hours and pace. expedited is "now", past all of them.
ALTER TABLE publications ADD COLUMN approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1));
-- It was on the site before its account was added, and the owner is asked whether it goes out; while held only.
ALTER TABLE publications ADD COLUMN start_asked INTEGER NOT NULL DEFAULT 0 CHECK (start_asked IN (0, 1));
CREATE INDEX publications_start_asked ON publications (account_id) WHERE start_asked = 1;

-- A person said that the post is none of those it looks like.
ALTER TABLE posts ADD COLUMN is_new INTEGER NOT NULL DEFAULT 0 CHECK (is_new IN (0, 1));

-- What posts are found by that the feed reader did not take, as publication_words for publications. A row has the post's id.
CREATE VIRTUAL TABLE post_words USING fts5 (words, content = '', contentless_delete = 1, detail = 'none', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE VIRTUAL TABLE post_vocabulary USING fts5vocab (post_words, instance);
INSERT INTO post_words (rowid, words) SELECT id, title || ' ' || substr(text, 1, 300) FROM posts WHERE decision = 'skip';
CREATE INDEX posts_left_out ON posts (feed_id, id) WHERE decision = 'skip';

-- +goose StatementBegin
CREATE TRIGGER post_words_new AFTER INSERT ON posts WHEN new.decision = 'skip' BEGIN
    INSERT INTO post_words (rowid, words) VALUES (new.id, new.title || ' ' || substr(new.text, 1, 300));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER post_words_changed AFTER UPDATE OF title, text, decision ON posts
WHEN old.title <> new.title OR old.text <> new.text OR old.decision <> new.decision BEGIN
    DELETE FROM post_words WHERE rowid = new.id;
    INSERT INTO post_words (rowid, words) SELECT new.id, new.title || ' ' || substr(new.text, 1, 300) WHERE new.decision = 'skip';
END;
-- +goose StatementEnd
