-- Names that registries hold for our customers. The dates are the registry's;
-- ours stand beside.
CREATE TABLE registrations (
    id              BIGINT PRIMARY KEY,
    house           BIGINT NOT NULL,
    account         BIGINT NOT NULL,
    name_a          TEXT   NOT NULL,               -- full name, A-form
    name_u          TEXT   NOT NULL,               -- full name, U-form
    ending          TEXT   NOT NULL,               -- A-form
    ending_group    TEXT   NOT NULL,
    index_label     TEXT   NOT NULL,
    table_version   TEXT   NOT NULL,               -- of the variant table the index label was made with
    registry        TEXT   NOT NULL,
    roid            TEXT   NOT NULL DEFAULT '',
    order_item      TEXT   NOT NULL,               -- ORDER/ITEM it came from
    profile         TEXT   NOT NULL,               -- reference of the holder's profile
    profile_version BIGINT NOT NULL,
    registrant      TEXT   NOT NULL,               -- contact id at the registry
    state           TEXT   NOT NULL CHECK (state IN ('pending', 'registered', 'gone')),
    statuses        TEXT   NOT NULL DEFAULT '',    -- EPP statuses in exact spelling, space separated, sorted
    rgp             TEXT   NOT NULL DEFAULT '',    -- RGP statuses, likewise
    nameservers     TEXT   NOT NULL DEFAULT '',    -- space separated
    submitted_at    BIGINT NOT NULL DEFAULT 0,     -- the registry's time of the application
    cr_date         BIGINT NOT NULL DEFAULT 0,
    up_date         BIGINT NOT NULL DEFAULT 0,
    ex_date         BIGINT NOT NULL DEFAULT 0,
    recorded_at     BIGINT NOT NULL,               -- when we learnt of it
    asked_at        BIGINT NOT NULL DEFAULT 0,     -- when the registry last confirmed the row by info
    gone_at         BIGINT NOT NULL DEFAULT 0,
    gone_why        TEXT   NOT NULL DEFAULT ''
);
-- The conflict check: a name and all its variants have one holder.
CREATE UNIQUE INDEX registrations_one ON registrations (ending_group, index_label) WHERE state <> 'gone';
CREATE UNIQUE INDEX registrations_item ON registrations (order_item);
CREATE INDEX registrations_by_account ON registrations (house, account, name_a) WHERE state <> 'gone';
CREATE INDEX registrations_by_name ON registrations (name_a, id);
CREATE INDEX registrations_by_expiry ON registrations (ex_date, id) WHERE state = 'registered';

-- What the registry bundled with the name: its variants, as it said.
CREATE TABLE registration_members (
    registration BIGINT NOT NULL,
    house        BIGINT NOT NULL,
    name_a       TEXT   NOT NULL,
    name_u       TEXT   NOT NULL,
    role         TEXT   NOT NULL CHECK (role IN ('primary', 'reserved', 'active')),
    PRIMARY KEY (registration, name_a)
);
CREATE INDEX registration_members_by_name ON registration_members (name_a);

-- A name's history, only ever added to.
CREATE TABLE registration_events (
    id           BIGINT PRIMARY KEY,
    registration BIGINT NOT NULL,
    house        BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    args         TEXT   NOT NULL DEFAULT '',       -- JSON object of texts
    at           BIGINT NOT NULL,                  -- when it happened, by the registry where it said so
    recorded_at  BIGINT NOT NULL
);
CREATE INDEX registration_events_of ON registration_events (registration, id);

-- What may not be done with a name, by whose word and for how long.
CREATE TABLE registration_restrictions (
    id           BIGINT PRIMARY KEY,
    registration BIGINT NOT NULL,
    house        BIGINT NOT NULL,
    reason       TEXT   NOT NULL CHECK (reason IN ('dispute', 'authority', 'court', 'arrears', 'identity', 'registry')),
    source       TEXT   NOT NULL,                  -- who ordered it
    document     TEXT   NOT NULL DEFAULT '',       -- number of the order, decision or case
    since        BIGINT NOT NULL,
    until        BIGINT NOT NULL DEFAULT 0,        -- 0 = until lifted
    lifted_at    BIGINT NOT NULL DEFAULT 0,
    lifted_why   TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX registration_restrictions_of ON registration_restrictions (registration, id);
