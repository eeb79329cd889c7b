-- Networks and accounts that are kept out for a time because they hinder the
-- service (Order 43 art. 8). Rows are ended, never deleted. The root's networks
-- bind every house.
CREATE TABLE blocks (
    id           BIGINT PRIMARY KEY,
    ref          TEXT   NOT NULL UNIQUE,
    house        BIGINT NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('network', 'account')),
    network      TEXT   NOT NULL DEFAULT '',    -- CIDR, host bits cleared; personal data
    account      BIGINT NOT NULL DEFAULT 0,
    label        TEXT   NOT NULL DEFAULT '',    -- of an account: its masked mail address
    cause        TEXT   NOT NULL CHECK (cause IN ('flood', 'harvest', 'attack', 'spam')), -- what the blocked are told
    reason       TEXT   NOT NULL,               -- in the words of who blocked, for staff
    since        BIGINT NOT NULL,
    until_at     BIGINT NOT NULL,
    person       BIGINT NOT NULL,
    by_name      TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL DEFAULT 0,     -- by a person, before its time; 0 = not
    ended_by     TEXT   NOT NULL DEFAULT '',
    ended_reason TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX blocks_house ON blocks (house, id);
CREATE INDEX blocks_standing ON blocks (house, until_at) WHERE ended_at = 0;

CREATE TABLE block_versions (
    house   BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
