-- +goose Up

-- Where a site's build is told that a post is live. The nearest one counts: of the feed on the account, else the account's.
CREATE TABLE webhooks (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    feed_id    INTEGER REFERENCES feeds (id),    -- NULL: every feed of the account that has none of its own
    host       TEXT    NOT NULL DEFAULT '',      -- of the address; the rest of it may be secret
    address    BLOB,                             -- sealed; NULL: nobody is told
    secret     BLOB,                             -- sealed; what messages are signed with
    problem    TEXT    NOT NULL DEFAULT '',      -- why the last message did not arrive; '' when it did
    told_at    INTEGER,                          -- when one arrived last
    stopped_at INTEGER,                          -- the receiver answered 410: nothing more is sent until it is set again
    created_at INTEGER NOT NULL,
    CHECK ((address IS NULL) = (host = ''))
) STRICT;
CREATE UNIQUE INDEX webhooks_of ON webhooks (account_id, coalesce(feed_id, 0));
