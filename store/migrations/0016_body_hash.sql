-- +goose Up

-- Nothing ever wrote it or asked for it: a body that is the same may still have to be read, for the pictures of its pages and for dates.
ALTER TABLE feeds DROP COLUMN body_hash;
