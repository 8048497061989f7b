-- +goose Up

-- Why only the owner can help, as a word of package instagram ('permission', 'token-expired'); '' for other troubles and where it is
-- not known. It leads to the step of the guide.
ALTER TABLE accounts ADD COLUMN cause TEXT NOT NULL DEFAULT '';
