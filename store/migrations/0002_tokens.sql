-- +goose Up

-- What programs show to be let in: the API, the syndication map, the metrics.
CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY,
    label        TEXT    NOT NULL CHECK (label <> ''), -- the owner's name for whoever has it
    hash         TEXT    NOT NULL UNIQUE,              -- SHA-256: a stolen database opens nothing
    scope        TEXT    NOT NULL CHECK (scope IN ('read', 'write')), -- write may read, too
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER                               -- to the minute
) STRICT;
