-- +goose Up

-- What a damaged picture's address handed out, so that another file there is noticed: JSON, '' where nothing was handed out.
ALTER TABLE publications ADD COLUMN missing_seen TEXT NOT NULL DEFAULT '';
