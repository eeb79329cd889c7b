-- A registry as we stand with it today: whether its queue runs, and when it
-- last answered. Who it is and how it behaves is configuration.
CREATE TABLE registries (
    registry      TEXT   PRIMARY KEY,              -- our key, for example zhaopin
    state         TEXT   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'no_funds', 'suspended')),
    state_since   BIGINT NOT NULL DEFAULT 0,
    state_why     TEXT   NOT NULL DEFAULT '',
    retry_at      BIGINT NOT NULL DEFAULT 0,       -- when a stopped queue tries again; 0 = a person has to open it
    last_ok       BIGINT NOT NULL DEFAULT 0,       -- last answer of any kind
    last_failure  BIGINT NOT NULL DEFAULT 0,
    failure       TEXT   NOT NULL DEFAULT '',      -- what went wrong last, without data of people
    failures      BIGINT NOT NULL DEFAULT 0        -- in a row
);

-- Every command that changes something at a registry, written before it is
-- sent. sent -> answered | unknown -> settled.
CREATE TABLE registry_attempts (
    id           BIGINT PRIMARY KEY,
    house        BIGINT NOT NULL,
    registry     TEXT   NOT NULL,
    operation    TEXT   NOT NULL,                  -- domain.create, contact.create
    object       TEXT   NOT NULL,                  -- A-label of the name, or the contact's id
    lock_group   TEXT   NOT NULL DEFAULT '',       -- ending group, for domain.create
    lock_index   TEXT   NOT NULL DEFAULT '',       -- index label, for domain.create; the contact's id for contact.create
    subject      TEXT   NOT NULL,                  -- what it is done for: ORDER/ITEM, or a profile version
    try          BIGINT NOT NULL,                  -- the how-manieth for this subject and operation, from 1
    cl_trid      TEXT   NOT NULL UNIQUE,
    sv_trid      TEXT   NOT NULL DEFAULT '',
    command_hash TEXT   NOT NULL,                  -- SHA-256 of the command without secrets
    state        TEXT   NOT NULL CHECK (state IN ('sent', 'answered', 'unknown', 'settled')),
    outcome      TEXT   NOT NULL DEFAULT '',       -- done, pending, refused, ask, fault, no_funds, suspended, wait, unsent, not_done, unknown
    code         BIGINT NOT NULL DEFAULT 0,        -- the registry's result code, 0 = none came
    words        TEXT   NOT NULL DEFAULT '',       -- the registry's reason
    result       TEXT   NOT NULL DEFAULT '',       -- JSON: dates, statuses, bundle
    sent_at      BIGINT NOT NULL,
    answered_at  BIGINT NOT NULL DEFAULT 0,
    settled_at   BIGINT NOT NULL DEFAULT 0,
    asks         BIGINT NOT NULL DEFAULT 0,        -- how often info was asked about it
    ask_at       BIGINT NOT NULL DEFAULT 0         -- when it is asked next
);
-- One create in flight for a name (and all its variants) until it is settled:
-- two creates of our own could not be told apart afterwards.
CREATE UNIQUE INDEX registry_attempts_one_in_flight
    ON registry_attempts (operation, lock_group, lock_index) WHERE state <> 'settled' AND lock_index <> '';
CREATE INDEX registry_attempts_subject ON registry_attempts (subject, operation, id);
CREATE INDEX registry_attempts_object ON registry_attempts (object, operation, id);
CREATE INDEX registry_attempts_open ON registry_attempts (registry, id) WHERE state <> 'settled';

-- What registries told us unasked, stored before it is acknowledged.
CREATE TABLE registry_messages (
    id          BIGINT PRIMARY KEY,
    house       BIGINT NOT NULL,                   -- 1: the registrar's own house keeps the registry accounts
    account     TEXT   NOT NULL,                   -- which registry account it was read from
    message     TEXT   NOT NULL,                   -- the registry's id of it
    kind        TEXT   NOT NULL,                   -- domain.create.result, contact.result, domain.changed, ..., unknown
    object      TEXT   NOT NULL DEFAULT '',        -- A-label or contact id
    digest      TEXT   NOT NULL DEFAULT '',        -- JSON of what it says, without data of people
    raw_sealed  TEXT   NOT NULL DEFAULT '',        -- as it came, sealed
    state       TEXT   NOT NULL CHECK (state IN ('stored', 'acknowledged', 'applied', 'parked')),
    queued_at   BIGINT NOT NULL DEFAULT 0,         -- by the registry
    stored_at   BIGINT NOT NULL,
    applied_at  BIGINT NOT NULL DEFAULT 0,
    note        TEXT   NOT NULL DEFAULT ''         -- why it was parked
);
CREATE UNIQUE INDEX registry_messages_once ON registry_messages (account, message);
CREATE INDEX registry_messages_state ON registry_messages (state, id) WHERE state <> 'applied';
CREATE INDEX registry_messages_object ON registry_messages (object, id);
