-- What registries have and we do not know why, and what they say differently
-- from us.

-- A name of ours at a registry that none of our commands is known to have made:
-- a person decides for which order it is, if for any.
CREATE TABLE order_doubts (
    order_ref  TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    house      BIGINT NOT NULL,
    registry   TEXT   NOT NULL,
    name_a     TEXT   NOT NULL,
    sponsor    TEXT   NOT NULL,                    -- who has it there: us
    roid       TEXT   NOT NULL DEFAULT '',
    statuses   TEXT   NOT NULL DEFAULT '',
    cr_date    BIGINT NOT NULL,                    -- the registry's
    ex_date    BIGINT NOT NULL,
    found_at   BIGINT NOT NULL,
    verdict    TEXT   NOT NULL DEFAULT '' CHECK (verdict IN ('', 'give', 'back')),
    reason     TEXT   NOT NULL DEFAULT '',
    person     BIGINT NOT NULL DEFAULT 0,          -- who said so
    decider    TEXT   NOT NULL DEFAULT '',
    decided_at BIGINT NOT NULL DEFAULT 0,
    approval   BIGINT NOT NULL DEFAULT 0,          -- the second person's word that is waited for
    carried_at BIGINT NOT NULL DEFAULT 0,          -- when the verdict was let go on
    PRIMARY KEY (order_ref, n)
);
CREATE INDEX order_doubts_by_name ON order_doubts (name_a, order_ref, n);
CREATE INDEX order_doubts_by_approval ON order_doubts (approval) WHERE approval <> 0;

-- One daily walk over the names of a house at a registry. position is the name
-- it has come to, so that a run that died goes on where it stood.
CREATE TABLE registration_runs (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    registry   TEXT   NOT NULL,
    begun_at   BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0,
    position   TEXT   NOT NULL DEFAULT '',
    report_at  BIGINT NOT NULL DEFAULT 0,          -- when the registry's own list was compared; 0 = it offers none
    asked      BIGINT NOT NULL DEFAULT 0,          -- names asked about
    agreed     BIGINT NOT NULL DEFAULT 0,          -- of them said the same as ours
    taken_over BIGINT NOT NULL DEFAULT 0,          -- differences that were the registry's to say
    for_people BIGINT NOT NULL DEFAULT 0,          -- differences that a person decides
    silent     BIGINT NOT NULL DEFAULT 0           -- questions without an answer, put again
);
CREATE UNIQUE INDEX registration_runs_open ON registration_runs (house, registry) WHERE ended_at = 0;
CREATE INDEX registration_runs_last ON registration_runs (house, registry, id);

-- Each difference, with what both said. Rows are only added.
CREATE TABLE registration_differences (
    id       BIGINT PRIMARY KEY,
    run      BIGINT NOT NULL,
    house    BIGINT NOT NULL,
    registry TEXT   NOT NULL,
    name_a   TEXT   NOT NULL,
    kind     TEXT   NOT NULL,                      -- as cmd/reconcile calls it: expiry_differs, missing_at_registry, ...
    ours     TEXT   NOT NULL DEFAULT '',
    theirs   TEXT   NOT NULL DEFAULT '',
    outcome  TEXT   NOT NULL CHECK (outcome IN ('taken_over', 'person')),
    found_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX registration_differences_once ON registration_differences (run, name_a, kind);
CREATE INDEX registration_differences_of ON registration_differences (run, id);
CREATE INDEX registration_differences_by_name ON registration_differences (name_a, id);

-- The walk goes by house, registry and name.
CREATE INDEX registrations_walk ON registrations (house, registry, name_a) WHERE state = 'registered';

-- An item may wait for a person's decision: state 'undecided'.
-- +engine sqlite
CREATE TABLE order_items_new (
    id              BIGINT PRIMARY KEY,
    order_ref       TEXT   NOT NULL,
    n               BIGINT NOT NULL,               -- 1, 2, ... within the order
    house           BIGINT NOT NULL,
    account         BIGINT NOT NULL,
    service         TEXT   NOT NULL,
    name_a          TEXT   NOT NULL,
    name_u          TEXT   NOT NULL,
    ending          TEXT   NOT NULL,
    ending_group    TEXT   NOT NULL,
    index_label     TEXT   NOT NULL,
    registry        TEXT   NOT NULL,
    years           BIGINT NOT NULL,
    price_row       BIGINT NOT NULL,
    net             BIGINT NOT NULL,
    tax             BIGINT NOT NULL,
    tax_rate_bp     BIGINT NOT NULL,
    total           BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    cost            BIGINT NOT NULL,
    cost_currency   TEXT   NOT NULL,
    profile_version BIGINT NOT NULL DEFAULT 0,
    state           TEXT   NOT NULL CHECK (state IN ('awaiting_payment', 'needs_identity', 'ready', 'sent', 'pending', 'undecided',
                                                     'registered', 'refused', 'refunding', 'refunded', 'cancelled', 'expired')),
    state_since     BIGINT NOT NULL,
    reason          TEXT   NOT NULL DEFAULT '',
    words           TEXT   NOT NULL DEFAULT '',
    due_at          BIGINT NOT NULL DEFAULT 0,
    submitted_at    BIGINT NOT NULL DEFAULT 0,
    refund          BIGINT NOT NULL DEFAULT 0,
    UNIQUE (order_ref, n)
);
INSERT INTO order_items_new (id, order_ref, n, house, account, service, name_a, name_u, ending, ending_group, index_label, registry, years,
        price_row, net, tax, tax_rate_bp, total, currency, cost, cost_currency, profile_version, state, state_since, reason, words,
        due_at, submitted_at, refund)
    SELECT id, order_ref, n, house, account, service, name_a, name_u, ending, ending_group, index_label, registry, years,
        price_row, net, tax, tax_rate_bp, total, currency, cost, cost_currency, profile_version, state, state_since, reason, words,
        due_at, submitted_at, refund
    FROM order_items;
DROP TABLE order_items;
ALTER TABLE order_items_new RENAME TO order_items;
CREATE INDEX order_items_due ON order_items (state, due_at, id) WHERE due_at <> 0;
CREATE INDEX order_items_by_name ON order_items (name_a, id);
CREATE INDEX order_items_by_version ON order_items (profile_version, registry, id) WHERE state IN ('needs_identity', 'ready', 'sent', 'pending');
-- +engine postgres
ALTER TABLE order_items DROP CONSTRAINT order_items_state_check;
ALTER TABLE order_items ADD CONSTRAINT order_items_state_check CHECK (state IN ('awaiting_payment', 'needs_identity', 'ready', 'sent',
    'pending', 'undecided', 'registered', 'refused', 'refunding', 'refunded', 'cancelled', 'expired'));
DROP INDEX order_items_once;
-- +engine all
CREATE UNIQUE INDEX order_items_once ON order_items (house, account, ending_group, index_label)
    WHERE state IN ('awaiting_payment', 'needs_identity', 'ready', 'sent', 'pending', 'undecided');
