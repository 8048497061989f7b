-- +goose Up
-- The whole address of a feed that holds a password or key, sealed. url then is what people see of it, "#" and a keyed hash of the
-- whole, by which it is found again. NULL: url is the address.
ALTER TABLE feeds ADD COLUMN address BLOB;
CREATE INDEX feeds_address ON feeds (id) WHERE address IS NOT NULL;
