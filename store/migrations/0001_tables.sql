-- +goose Up

-- Times are unix milliseconds, NULL where there is none. Booleans are 0 or 1. JSON columns hold sparse documents.

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One owner for now; a second row is not refused by the schema because events already keep who did what.
CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL, -- argon2id, encoded with its parameters
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the cookie: a stolen database opens no session
    data       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE feeds (
    id              INTEGER PRIMARY KEY,
    url             TEXT    NOT NULL UNIQUE,
    label           TEXT    NOT NULL DEFAULT '', -- the owner's name for it
    title           TEXT    NOT NULL DEFAULT '', -- the feed's own
    schedule        TEXT    NOT NULL DEFAULT '', -- cron expression or @every; '' means the configured default
    etag            TEXT    NOT NULL DEFAULT '', -- validators of the last body that was read to its end
    last_modified   TEXT    NOT NULL DEFAULT '',
    format          TEXT    NOT NULL DEFAULT '', -- rss, atom, json or html, as it was last read
    ttl             INTEGER NOT NULL DEFAULT 0,  -- milliseconds: how long the feed itself asks to be left alone
    hub_url         TEXT    NOT NULL DEFAULT '', -- WebSub hub that the feed names
    hub_topic       TEXT    NOT NULL DEFAULT '', -- the feed's address as the hub knows it
    hub_hash        TEXT    NOT NULL DEFAULT '', -- SHA-256 of the token in the address the hub calls
    hub_ask_at      INTEGER,                     -- when to subscribe, or to renew; NULL: now
    next_poll_at    INTEGER NOT NULL,
    last_polled_at  INTEGER,
    first_polled_at INTEGER,                     -- NULL until what was there at the start is known
    failures        INTEGER NOT NULL DEFAULT 0,  -- polls in a row that failed
    problem         TEXT    NOT NULL DEFAULT '', -- why the last one failed, in plain words
    start_rule      TEXT    NOT NULL DEFAULT 'now', -- now, all, last:N or an RFC 3339 time
    paused          INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    created_at      INTEGER NOT NULL,
    verify_since    INTEGER,                     -- after a restore, until a whole body was read: what is new in it may have been published since then
    removed_at      INTEGER
) STRICT;
CREATE INDEX feeds_problem ON feeds (id) WHERE problem <> '';
CREATE INDEX feeds_due ON feeds (next_poll_at) WHERE removed_at IS NULL AND paused = 0;

CREATE TABLE posts (
    id            INTEGER PRIMARY KEY,
    feed_id       INTEGER NOT NULL REFERENCES feeds (id),
    guid          TEXT    NOT NULL CHECK (guid <> ''),
    url           TEXT    NOT NULL DEFAULT '',
    url_key       TEXT    NOT NULL DEFAULT '', -- url without scheme, www., trailing slash and utm_*: the same page in another feed
    media_key     TEXT    NOT NULL DEFAULT '', -- hash of the media addresses: the same entry under another guid
    published_at  INTEGER,                     -- as the feed dates it
    first_seen_at INTEGER NOT NULL,
    initial       INTEGER NOT NULL CHECK (initial IN (0, 1)), -- was there at the feed's first poll
    rank          INTEGER NOT NULL DEFAULT 0,  -- place among the initial ones, newest 0
    content_hash  TEXT    NOT NULL,
    changed_at    INTEGER,                     -- last time the site changed it
    gone_at       INTEGER,                     -- left the feed while older entries stayed
    title         TEXT    NOT NULL DEFAULT '',
    text          TEXT    NOT NULL DEFAULT '',
    categories    TEXT    NOT NULL DEFAULT '[]',
    markup        TEXT    NOT NULL DEFAULT '{}',
    decision      TEXT    NOT NULL CHECK (decision IN ('publish', 'skip')),
    reason        TEXT    NOT NULL DEFAULT '',
    UNIQUE (feed_id, guid)
) STRICT;
CREATE INDEX posts_skipped ON posts (first_seen_at, id) WHERE decision = 'skip';
CREATE INDEX posts_newest ON posts (feed_id, coalesce(published_at, first_seen_at)) WHERE decision = 'publish';
CREATE INDEX posts_guid ON posts (guid);
CREATE INDEX posts_url_key ON posts (url_key) WHERE url_key <> '';

-- What a post shows, in publishing order.
CREATE TABLE media (
    post_id    INTEGER NOT NULL REFERENCES posts (id),
    position   INTEGER NOT NULL,
    type       TEXT    NOT NULL CHECK (type IN ('image', 'video')),
    url        TEXT    NOT NULL,
    alt        TEXT    NOT NULL DEFAULT '',
    poster_url TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id               INTEGER PRIMARY KEY,
    api              TEXT    NOT NULL CHECK (api IN ('instagram', 'facebook', 'sandbox')),
    user_id          TEXT    NOT NULL CHECK (user_id <> ''), -- Instagram's professional account id, set once from /me
    username         TEXT    NOT NULL DEFAULT '',
    label            TEXT    NOT NULL DEFAULT '',
    app_id           TEXT    NOT NULL DEFAULT '',
    app_secret       BLOB,                        -- sealed; NULL when there is none or it was wiped
    token            BLOB,                        -- sealed
    token_previous   BLOB,                        -- sealed; kept until the new one answered /me
    token_at         INTEGER,                     -- when the token was stored or refreshed
    token_expires_at INTEGER,                     -- NULL until a refresh told it
    refresh_failures INTEGER NOT NULL DEFAULT 0,  -- attempts to refresh the token in a row that failed
    refresh_problem  TEXT    NOT NULL DEFAULT '', -- why the last one failed, in plain words
    refresh_next_at  INTEGER,                     -- not to be tried again before; NULL when the last one worked
    settings         TEXT    NOT NULL DEFAULT '{}',
    paused           INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)), -- by the owner
    trouble          TEXT    NOT NULL DEFAULT '' CHECK (trouble IN ('', 'reconnect', 'wait')),
    wait_until       INTEGER,                     -- with trouble 'wait'
    problem          TEXT    NOT NULL DEFAULT '', -- what is wrong and what to do, in plain words
    quota_used       INTEGER NOT NULL DEFAULT 0,
    quota_total      INTEGER NOT NULL DEFAULT 0,
    quota_at         INTEGER,
    created_at       INTEGER NOT NULL,
    removed_at       INTEGER,
    CHECK (trouble <> 'wait' OR wait_until IS NOT NULL),
    UNIQUE (api, user_id)
) STRICT;

CREATE TABLE routes (
    feed_id    INTEGER NOT NULL REFERENCES feeds (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    start_at   INTEGER,                          -- new entries dated before it are held; NULL: no such limit
    initial    TEXT    NOT NULL CHECK (initial IN ('rule', 'skip')), -- what was there already: as the feed's start rule says, or skipped
    settings   TEXT    NOT NULL DEFAULT '{}',
    enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    PRIMARY KEY (feed_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE publications (
    id           INTEGER PRIMARY KEY,
    post_id      INTEGER NOT NULL REFERENCES posts (id),
    feed_id      INTEGER NOT NULL REFERENCES feeds (id), -- its post's, so that a feed's publications are found in their order
    account_id   INTEGER NOT NULL REFERENCES accounts (id),
    part         INTEGER NOT NULL DEFAULT 1 CHECK (part >= 1),
    parts        INTEGER NOT NULL DEFAULT 1 CHECK (parts >= part), -- publications that share the post's pictures
    kind         TEXT    NOT NULL DEFAULT '' CHECK (kind IN ('', 'image', 'carousel', 'reel', 'story')), -- '' until staged
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'held', 'staged', 'publishing', 'published', 'failed', 'unconfirmed', 'skipped')),
    reason       TEXT    NOT NULL DEFAULT '', -- why it is in this state, in plain words
    caption      TEXT    NOT NULL DEFAULT '', -- as sent; '' until staged
    extras       TEXT    NOT NULL DEFAULT '{}', -- what is sent beside media and caption, as sent; '{}' until staged
    edits        TEXT    NOT NULL DEFAULT '{}',
    revision     INTEGER NOT NULL DEFAULT 0,  -- raised by a person's edits only
    version      INTEGER NOT NULL DEFAULT 0,  -- raised by every write; fences workers that come too late
    leased       INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1)),
    expedited    INTEGER NOT NULL DEFAULT 0 CHECK (expedited IN (0, 1)), -- a person said publish: past min-age, approval, cool-down, quiet hours
    tries        INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),  -- answers that were errors of this post
    round        INTEGER NOT NULL DEFAULT 1 CHECK (round >= 1),  -- sets of containers
    claims       INTEGER NOT NULL DEFAULT 0,  -- claims in a row without a recorded outcome
    due_at       INTEGER,
    asked_at     INTEGER,                     -- when the intent to publish was written
    media_id     TEXT    NOT NULL DEFAULT '',
    permalink    TEXT    NOT NULL DEFAULT '',
    verify_since INTEGER,                     -- after a restore: the profile is read back to here before it is published
    published_at INTEGER,
    created_at   INTEGER NOT NULL,
    UNIQUE (post_id, account_id, part),
    CHECK (state IN ('queued', 'staged', 'publishing') OR (leased = 0 AND due_at IS NULL)),
    CHECK (state NOT IN ('queued', 'staged', 'publishing') OR due_at IS NOT NULL),
    CHECK (state <> 'publishing' OR asked_at IS NOT NULL),
    CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CHECK (state = 'published' OR (media_id = '' AND permalink = '')),
    CHECK (state NOT IN ('staged', 'publishing') OR kind <> '')
) STRICT;
-- At most one publication of an account is in flight: order, cool-down and quota cannot race.
CREATE UNIQUE INDEX publications_in_flight ON publications (account_id) WHERE state IN ('staged', 'publishing');
CREATE UNIQUE INDEX publications_media_id ON publications (media_id) WHERE media_id <> '';
CREATE INDEX publications_due ON publications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX publications_account ON publications (account_id, state);
CREATE INDEX publications_troubled ON publications (id) WHERE state IN ('failed', 'unconfirmed');
-- Lists are read in the order of the id, which ends every index by itself.
CREATE INDEX publications_state ON publications (state);
CREATE INDEX publications_by_account ON publications (account_id);
CREATE INDEX publications_feed ON publications (feed_id);
-- Asked for every due row by a claim, and by the gates of every publication.
CREATE INDEX publications_leased ON publications (account_id) WHERE leased = 1;
CREATE INDEX publications_pace ON publications (account_id, published_at) WHERE published_at IS NOT NULL;
CREATE INDEX publications_asked ON publications (account_id, asked_at) WHERE asked_at IS NOT NULL;
CREATE INDEX publications_published ON publications (published_at) WHERE state = 'published';
CREATE INDEX publications_last ON publications (account_id, published_at) WHERE state = 'published';
-- Whether an account said the same before: the beginning finds the few that are compared.
CREATE INDEX publications_caption ON publications (account_id, substr(caption, 1, 64)) WHERE kind <> '';
CREATE INDEX publications_queued ON publications (due_at, id) WHERE state = 'queued';

-- What is sent, pinned when the publication is staged.
CREATE TABLE items (
    publication_id INTEGER NOT NULL REFERENCES publications (id),
    position       INTEGER NOT NULL CHECK (position >= 1),
    type           TEXT    NOT NULL CHECK (type IN ('image', 'video')),
    source_url     TEXT    NOT NULL,
    alt            TEXT    NOT NULL DEFAULT '',
    poster_url     TEXT    NOT NULL DEFAULT '',
    asset          TEXT    NOT NULL DEFAULT '', -- our copy, a name in assets; '' for a video that is passed on
    cover_asset    TEXT    NOT NULL DEFAULT '',
    sent_url       TEXT    NOT NULL,             -- where Instagram fetches it: our copy's address, or its own
    sent_cover_url TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (publication_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE containers (
    publication_id INTEGER NOT NULL REFERENCES publications (id),
    round          INTEGER NOT NULL CHECK (round >= 1),
    position       INTEGER NOT NULL CHECK (position >= 0), -- 0 is the one to publish, children from 1
    id             TEXT    NOT NULL CHECK (id <> ''),
    created_at     INTEGER NOT NULL,             -- by Instagram's clock
    status         TEXT    NOT NULL DEFAULT '',  -- last status_code read
    PRIMARY KEY (publication_id, round, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE assets (
    name         TEXT    NOT NULL PRIMARY KEY, -- sha256.ext
    bytes        INTEGER NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    source_url   TEXT    NOT NULL,
    rules        TEXT    NOT NULL,
    repairs      TEXT    NOT NULL DEFAULT '[]',
    last_used_at INTEGER NOT NULL
) STRICT;

-- What preparing a publication's media showed, before or when its turn came. Nothing is decided by it but that the files it
-- names are what will be sent as long as it holds.
CREATE TABLE preflights (
    publication_id INTEGER NOT NULL PRIMARY KEY REFERENCES publications (id),
    basis          TEXT    NOT NULL,             -- post and settings as they were: with others it holds no more
    public_url     TEXT    NOT NULL,             -- our own address, which the items name
    ready          INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1)), -- every item has its file
    items          TEXT    NOT NULL DEFAULT '[]', -- JSON, as they would be sent
    checks         TEXT    NOT NULL DEFAULT '[]', -- JSON, what was found
    tries          INTEGER NOT NULL DEFAULT 0,   -- without all files, in a row
    looked_at      INTEGER NOT NULL,
    again_at       INTEGER                       -- when it is worth another look; NULL: not by itself
) STRICT;

-- Work after `published`. It never touches the state.
CREATE TABLE follow_ups (
    publication_id INTEGER NOT NULL REFERENCES publications (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('permalink', 'comment', 'webhook')),
    state          TEXT    NOT NULL CHECK (state IN ('due', 'done', 'failed')),
    due_at         INTEGER NOT NULL,
    tries          INTEGER NOT NULL DEFAULT 0,
    asked_at       INTEGER,                      -- when something was last asked to be written: the next one looks first
    PRIMARY KEY (publication_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_ups_due ON follow_ups (due_at) WHERE state = 'due';

CREATE TABLE events (
    id             INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    feed_id        INTEGER REFERENCES feeds (id),
    account_id     INTEGER REFERENCES accounts (id),
    publication_id INTEGER REFERENCES publications (id),
    actor          TEXT    NOT NULL CHECK (actor IN ('system', 'cli', 'user')),
    kind           TEXT    NOT NULL,
    from_state     TEXT    NOT NULL DEFAULT '',
    to_state       TEXT    NOT NULL DEFAULT '',
    code           INTEGER NOT NULL DEFAULT 0,  -- Meta's error code, 0 for none
    subcode        INTEGER NOT NULL DEFAULT 0,
    trace_id       TEXT    NOT NULL DEFAULT '', -- Meta's fbtrace_id
    message        TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX events_publication ON events (publication_id, id) WHERE publication_id IS NOT NULL;
CREATE INDEX events_at ON events (at);

-- What is wrong, for the owner to know. What is wrong now is computed from everything else; the difference to the open
-- rows is what is to be told.
CREATE TABLE notices (
    id             INTEGER PRIMARY KEY,
    cause          TEXT    NOT NULL CHECK (cause <> ''), -- such as account:1:token
    level          INTEGER NOT NULL DEFAULT 1,  -- raised when it gets worse, which is told again; never lowered while open
    severity       TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'error')), -- info is shown only, never sent
    text           TEXT    NOT NULL,            -- what is wrong, in plain words
    remedy         TEXT    NOT NULL DEFAULT '', -- what to do
    guide          TEXT    NOT NULL DEFAULT '', -- path of the page with the step that mends it
    account_id     INTEGER REFERENCES accounts (id),
    feed_id        INTEGER REFERENCES feeds (id),
    publication_id INTEGER REFERENCES publications (id),
    opened_at      INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,            -- when level was last raised
    seen_at        INTEGER NOT NULL,            -- when it was last found to be so
    closed_at      INTEGER,
    outcome        TEXT    NOT NULL DEFAULT ''  -- how it ended
) STRICT;
CREATE UNIQUE INDEX notices_open ON notices (cause) WHERE closed_at IS NULL;
CREATE INDEX notices_closed ON notices (closed_at) WHERE closed_at IS NOT NULL;

-- Where notices are sent, beside the pages.
CREATE TABLE addresses (
    id         INTEGER PRIMARY KEY,
    origin     TEXT    NOT NULL CHECK (origin IN ('config', 'page')),
    label      TEXT    NOT NULL,             -- the service and its host; nothing secret
    sealed     BLOB,                         -- the address; NULL only while the row is being made
    problem    TEXT    NOT NULL DEFAULT '',  -- why the last message did not arrive; '' when it did
    told_at    INTEGER,                      -- when the last message arrived
    created_at INTEGER NOT NULL
) STRICT;

-- One message on its way to one address, written together with the change of the notice it tells.
CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY,
    address_id INTEGER NOT NULL REFERENCES addresses (id) ON DELETE CASCADE,
    notice_id  INTEGER NOT NULL REFERENCES notices (id),
    text       TEXT    NOT NULL,             -- as it is sent
    state      TEXT    NOT NULL CHECK (state IN ('due', 'done', 'failed')),
    due_at     INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    told_at    INTEGER                       -- when it was accepted there
) STRICT;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'due';
CREATE INDEX deliveries_notice ON deliveries (notice_id);
CREATE INDEX events_feed ON events (feed_id) WHERE feed_id IS NOT NULL;
CREATE INDEX events_account ON events (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX events_trouble ON events (id) WHERE (to_state IN ('failed', 'unconfirmed', 'held') OR code <> 0 OR kind IN ('feed-problem'));

-- What publications and events are found by. The tables hold the words' places and no text; a row has the id of the
-- publication or event. store/search.go asks them.
CREATE VIRTUAL TABLE publication_words USING fts5 (words, content = '', contentless_delete = 1, detail = 'none', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE VIRTUAL TABLE event_words USING fts5 (words, content = '', contentless_delete = 1, detail = 'none', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
-- The words there are: views of the two, which hold nothing.
CREATE VIRTUAL TABLE publication_vocabulary USING fts5vocab (publication_words, instance);
CREATE VIRTUAL TABLE event_vocabulary USING fts5vocab (event_words, instance);

-- +goose StatementBegin
CREATE TRIGGER publication_words_new AFTER INSERT ON publications BEGIN
    INSERT INTO publication_words (rowid, words) SELECT new.id, title || ' ' || substr(text, 1, 300) FROM posts WHERE id = new.post_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER publication_words_changed AFTER UPDATE OF title, text ON posts WHEN old.title <> new.title OR old.text <> new.text BEGIN
    DELETE FROM publication_words WHERE rowid IN (SELECT id FROM publications WHERE post_id = new.id);
    INSERT INTO publication_words (rowid, words) SELECT id, new.title || ' ' || substr(new.text, 1, 300) FROM publications WHERE post_id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_words_new AFTER INSERT ON events BEGIN
    INSERT INTO event_words (rowid, words) VALUES (new.id, new.kind || ' ' || new.to_state || ' ' || new.message || ' ' ||
        coalesce((SELECT title FROM posts JOIN publications ON publications.post_id = posts.id WHERE publications.id = new.publication_id), ''));
END;
-- +goose StatementEnd
