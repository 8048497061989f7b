-- +goose Up

-- A long feed is saved in pieces, and what it owes is decided in the last one. Until then: 1 the post is new, 2 it was changed.
ALTER TABLE posts ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1, 2));
CREATE INDEX posts_unsettled ON posts (feed_id) WHERE unsettled > 0;
