-- +goose Up

-- A long feed is saved in pieces, and what it owes is decided in the last one. Until then: 1 the post is new, 2 it was changed.
ALTER TABLE posts ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1, 2));
CREATE INDEX posts_unsettled ON posts (feed_id) WHERE unsettled > 0;

-- Since when a body of the feed has been read and saved; NULL when none is. What is left of it after a crash makes the feed a suspect.
ALTER TABLE feeds ADD COLUMN reading_since INTEGER;
-- Crashes of the program, one after another, in which a body of the feed was being read.
ALTER TABLE feeds ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0);
