-- +goose Up

-- The bytes that a file was made of: of one picture each part of a split post may make another file.
ALTER TABLE assets ADD COLUMN source_hash TEXT NOT NULL DEFAULT '';
