-- What each ending allows for a new registration, by version: the policy of its
-- labels, and the registry's own table of characters where it has one. It
-- binds every house, as the registry does. The last version in force counts; a
-- draft has been tried and waits for somebody's word. Rows are never deleted.
CREATE TABLE label_rules (
    id         BIGINT  PRIMARY KEY,
    ending     TEXT    NOT NULL,             -- A-form
    version    BIGINT  NOT NULL,             -- 1, 2, ... within the ending; drafts count too
    state      TEXT    NOT NULL CHECK (state IN ('draft', 'in_force', 'ended', 'dropped')),
    min_ascii  BIGINT  NOT NULL,
    max_ascii  BIGINT  NOT NULL,
    min_han    BIGINT  NOT NULL,
    max_han    BIGINT  NOT NULL,
    needs_han  BOOLEAN NOT NULL,
    hyphens    TEXT    NOT NULL CHECK (hyphens IN ('inside', 'no-double', 'never')),
    relevance  BOOLEAN NOT NULL DEFAULT FALSE, -- a name has to concern its applicant, with proof
    persons    TEXT    NOT NULL DEFAULT 'yes' CHECK (persons IN ('yes', 'no', 'registry')), -- may natural persons hold names
    source     TEXT    NOT NULL,             -- the rule it comes from
    table_text TEXT    NOT NULL DEFAULT '',  -- the registry's table as names writes it; empty: the reference table alone
    table_name TEXT    NOT NULL DEFAULT '',  -- the file it was read from
    digest     TEXT    NOT NULL DEFAULT '',  -- SHA-256 of that file, hex
    person     BIGINT  NOT NULL,
    by_name    TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    decided_at BIGINT  NOT NULL DEFAULT 0    -- when it came into force or was dropped
);
CREATE UNIQUE INDEX label_rules_version ON label_rules (ending, version);
CREATE UNIQUE INDEX label_rules_in_force ON label_rules (ending) WHERE state = 'in_force';
CREATE UNIQUE INDEX label_rules_draft ON label_rules (ending) WHERE state = 'draft';
