-- Names that may not be sold to everyone, added to the lists that come with the
-- program. Rows are ended, never deleted. A house without rows of its own
-- stands under the root's; the root's rows bind every house.
CREATE TABLE screening_entries (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    pattern    TEXT   NOT NULL,              -- as typed, U-form
    key        TEXT   NOT NULL,              -- index label of the pattern
    match      TEXT   NOT NULL CHECK (match IN ('whole', 'contains', 'index')),
    class      TEXT   NOT NULL,              -- P1..P9, R1..R5, reserved, needs_documents, allowed
    ending     TEXT   NOT NULL DEFAULT '',   -- A-label; '' for all
    source     TEXT   NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to   BIGINT NOT NULL DEFAULT 0,
    person     BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX screening_entries_house ON screening_entries (house, id);

CREATE TABLE screening_versions (
    house   BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
