-- +goose Up

-- Requests to publish that no answer settled and of which the profile showed nothing.
ALTER TABLE publications ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0 CHECK (unanswered >= 0);
