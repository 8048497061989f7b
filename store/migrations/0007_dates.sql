-- +goose Up

-- When the post's date comes, by the clock of this machine, where it lay ahead as the post was found. NULL: it did not.
ALTER TABLE posts ADD COLUMN not_before INTEGER;

-- How far new entries were dated ahead when they appeared, as far as the polls before and after show it: the range that is
-- possible, in milliseconds, and in how many polls in a row it was the same. lead is what is subtracted; 0: nothing.
ALTER TABLE feeds ADD COLUMN lead_low INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN lead_high INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN lead_polls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN lead INTEGER NOT NULL DEFAULT 0;

-- It is held because of its date alone, and goes on by itself when the site corrects that; while held only.
ALTER TABLE publications ADD COLUMN date_asked INTEGER NOT NULL DEFAULT 0 CHECK (date_asked IN (0, 1));

-- The picture or video for whose absence it failed, and when the site was last asked for it; while failed only.
ALTER TABLE publications ADD COLUMN missing_url TEXT NOT NULL DEFAULT '';
ALTER TABLE publications ADD COLUMN missing_at INTEGER;
CREATE INDEX publications_missing ON publications (feed_id) WHERE missing_url <> '';
