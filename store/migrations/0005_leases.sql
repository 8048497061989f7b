-- +goose Up

-- leased_by names the process that has the step in hand: a random word of each opening of the database. '' is nobody.
ALTER TABLE publications ADD COLUMN leased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE publications ADD COLUMN started_at INTEGER;                 -- when the step in hand began; counts while leased = 1
ALTER TABLE publications ADD COLUMN intents INTEGER NOT NULL DEFAULT 0; -- raised with every intent to publish: what a process saw under another one tells nothing

ALTER TABLE follow_ups ADD COLUMN leased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE follow_ups ADD COLUMN version INTEGER NOT NULL DEFAULT 0;   -- raised by every claim and by every new order

ALTER TABLE deliveries ADD COLUMN leased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN leased_until INTEGER;

ALTER TABLE preflights ADD COLUMN leased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE preflights ADD COLUMN leased_until INTEGER;

ALTER TABLE feeds ADD COLUMN leased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE feeds ADD COLUMN leased_until INTEGER;
ALTER TABLE feeds ADD COLUMN body_hash TEXT NOT NULL DEFAULT '';        -- of the last body that was read to its end and stored; '' compares with none

ALTER TABLE accounts ADD COLUMN refresh_by TEXT NOT NULL DEFAULT '';    -- who refreshes the token now
ALTER TABLE accounts ADD COLUMN refresh_until INTEGER;
