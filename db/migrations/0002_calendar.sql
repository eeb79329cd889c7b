-- How far the portal's clock stands ahead of the machine's: one row, zero
-- outside a sandbox.
CREATE TABLE clock (
    id        BIGINT PRIMARY KEY CHECK (id = 1),
    offset_ms BIGINT NOT NULL CHECK (offset_ms >= 0),
    seq       BIGINT NOT NULL                    -- the turn's number at the clock's owner
);

-- Numbers from law, registries or practice that were changed after the
-- installation; the program ships the first ones. Rows are only added; the
-- earlier one ends where the next begins.
CREATE TABLE policies (
    id         BIGINT PRIMARY KEY,
    key        TEXT   NOT NULL,
    scope      TEXT   NOT NULL DEFAULT '',       -- an ending's A-label, empty for all
    value      BIGINT NOT NULL,
    unit       TEXT   NOT NULL,                  -- calendar, working, hours, minutes, count, bytes
    source     TEXT   NOT NULL,                  -- the clause it comes from
    valid_from BIGINT NOT NULL,
    valid_to   BIGINT NOT NULL DEFAULT 0,        -- 0: until further notice
    reason     TEXT   NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX policies_by_key ON policies (key, scope, valid_from);
