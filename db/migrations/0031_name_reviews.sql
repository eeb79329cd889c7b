-- Lists of names: who may lift an entry, whom an allowance is for, who changed
-- what. A list is what came in one file; its entries carry its name.
ALTER TABLE screening_entries ADD COLUMN list TEXT NOT NULL DEFAULT '';        -- name of the list; '' = entered one by one
ALTER TABLE screening_entries ADD COLUMN account BIGINT NOT NULL DEFAULT 0;    -- an allowance of one account; 0 = everybody
ALTER TABLE screening_entries ADD COLUMN domicile TEXT NOT NULL DEFAULT '';    -- an R3 entry: the country whose law it is, alpha-2; '' = for every holder
ALTER TABLE screening_entries ADD COLUMN lifted_by TEXT NOT NULL DEFAULT '';   -- who may release it: registry, authority
ALTER TABLE screening_entries ADD COLUMN by_name TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_entries ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_entries ADD COLUMN ended_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX screening_entries_list ON screening_entries (house, list, id) WHERE valid_to = 0;

-- Versions of a list. A draft was read and compared; applying it adds what is
-- new and ends what is gone, in one write.
CREATE TABLE screening_imports (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    list       TEXT   NOT NULL,
    version    BIGINT NOT NULL,                 -- 1, 2, ... within the list
    state      TEXT   NOT NULL CHECK (state IN ('draft', 'applied', 'dropped')),
    file       TEXT   NOT NULL,
    digest     TEXT   NOT NULL,                 -- SHA-256 of the file, hex
    rows       TEXT   NOT NULL,                 -- JSON, as read
    row_count  BIGINT NOT NULL,
    added      BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    kept       BIGINT NOT NULL,
    person     BIGINT NOT NULL,
    by_name    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX screening_imports_version ON screening_imports (house, list, version);
CREATE UNIQUE INDEX screening_imports_draft ON screening_imports (house, list) WHERE state = 'draft';
CREATE INDEX screening_imports_house ON screening_imports (house, id);

-- A person's look at a name: a near hit of an order that waits, an appeal, an
-- application for a reserved name or an unusual one, a proof of relevance.
CREATE TABLE name_reviews (
    id         BIGINT PRIMARY KEY,
    ref        TEXT   NOT NULL UNIQUE,
    house      BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    person     BIGINT NOT NULL,                 -- who applied
    kind       TEXT   NOT NULL CHECK (kind IN ('near', 'appeal', 'exception', 'other', 'relevance')),
    name_a     TEXT   NOT NULL,
    name_u     TEXT   NOT NULL,
    item       TEXT   NOT NULL DEFAULT '',      -- ORDER/ITEM that waits; '' = none
    basis      TEXT   NOT NULL DEFAULT '',      -- relevance: why the name is the applicant's
    statement  TEXT   NOT NULL DEFAULT '',      -- in the applicant's words
    evidence   TEXT   NOT NULL DEFAULT '',      -- document numbers, registers, addresses
    verdict    TEXT   NOT NULL,                 -- JSON: what screening said, with list and version
    state      TEXT   NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn')),
    opened_at  BIGINT NOT NULL,
    due        BIGINT NOT NULL,
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0,
    decider    TEXT   NOT NULL DEFAULT '',
    reason     TEXT   NOT NULL DEFAULT '',
    class      TEXT   NOT NULL DEFAULT ''       -- the class a refusal put the name in
);
CREATE UNIQUE INDEX name_reviews_open ON name_reviews (house, account, kind, name_a, item) WHERE state = 'open';
CREATE INDEX name_reviews_item ON name_reviews (item, kind) WHERE item <> '';
CREATE INDEX name_reviews_account ON name_reviews (house, account, id);
