-- Work for staff. One open task per kind and subject.
CREATE TABLE desk_tasks (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,                  -- the customer's house
    kind       TEXT   NOT NULL,                  -- identity.review
    ref        TEXT   NOT NULL,
    needs      TEXT   NOT NULL,                  -- the right it takes to see and do it
    summary    TEXT   NOT NULL,                  -- message id
    args       TEXT   NOT NULL DEFAULT '{}',     -- JSON object of strings, no personal data
    state      TEXT   NOT NULL CHECK (state IN ('open', 'claimed', 'closed')),
    opened_at  BIGINT NOT NULL,
    due        BIGINT NOT NULL,                  -- the greatest number: no time is set
    claimed_by BIGINT NOT NULL DEFAULT 0,
    claimer    TEXT   NOT NULL DEFAULT '',
    claimed_at BIGINT NOT NULL DEFAULT 0,
    closed_by  BIGINT NOT NULL DEFAULT 0,
    closed_at  BIGINT NOT NULL DEFAULT 0,
    outcome    TEXT   NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX desk_one_open ON desk_tasks (kind, ref) WHERE state <> 'closed';
CREATE INDEX desk_queue ON desk_tasks (due, id) WHERE state <> 'closed';
CREATE INDEX desk_done ON desk_tasks (id) WHERE state = 'closed';

-- What takes two people.
CREATE TABLE desk_approvals (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    act        TEXT   NOT NULL,                  -- money.refund
    ref        TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('asked', 'approved', 'refused')),
    asked_by   BIGINT NOT NULL,
    asker      TEXT   NOT NULL,
    asked_at   BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    decided_by BIGINT NOT NULL DEFAULT 0,
    decider    TEXT   NOT NULL DEFAULT '',
    decided_at BIGINT NOT NULL DEFAULT 0,
    answer     TEXT   NOT NULL DEFAULT '',
    CHECK (state = 'asked' OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX desk_one_asked ON desk_approvals (house, act, ref) WHERE state = 'asked';
