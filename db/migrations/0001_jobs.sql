-- Work that is owed: one row per flow that has to follow a fact, or per
-- recurring run. A row is deleted when its work is done.
CREATE TABLE jobs (
    id          BIGINT  PRIMARY KEY,
    kind        TEXT    NOT NULL,               -- which flow, for example orders.fulfil
    key         TEXT    NOT NULL,               -- what it is about, for example an order reference
    payload     TEXT    NOT NULL DEFAULT '',    -- JSON, never a secret
    state       TEXT    NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')),
    run_at      BIGINT  NOT NULL,               -- by the turnable clock
    lease_until BIGINT  NOT NULL DEFAULT 0,     -- by the machine's clock
    lease_id    BIGINT  NOT NULL DEFAULT 0,     -- who holds it; checked on completion
    attempts    BIGINT  NOT NULL DEFAULT 0,
    last_error  TEXT    NOT NULL DEFAULT '',
    cause       TEXT    NOT NULL DEFAULT '',    -- the fact that queued it
    created_at  BIGINT  NOT NULL,
    died_at     BIGINT  NOT NULL DEFAULT 0
);
-- One waiting row per subject is enough; a running one does not count, because
-- what happened after it began would otherwise be overlooked.
CREATE UNIQUE INDEX jobs_one_waiting ON jobs (kind, key) WHERE state = 'ready';
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state = 'ready';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (died_at, id) WHERE state = 'dead';

-- Where a recurring run has come to, so that a clock that was asleep catches up.
CREATE TABLE job_cursors (
    name     TEXT   PRIMARY KEY,
    last_run BIGINT NOT NULL,
    position TEXT   NOT NULL DEFAULT ''
);
