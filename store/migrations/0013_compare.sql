-- +goose Up

-- What is new in the feed may have been published by another copy of the database since then: it is compared with the profile
-- before it goes out. Until the feed was read to its end.
ALTER TABLE feeds ADD COLUMN compare_since INTEGER;
