-- What a house may sell, and what it must show. Every table keeps all
-- versions; the highest is in force. A house without rows of its own stands
-- under the root house (1). Days are ISO dates of Asia/Shanghai, '' for none.
CREATE TABLE permits_permits (
    id        BIGINT  PRIMARY KEY,
    house     BIGINT  NOT NULL,
    version   BIGINT  NOT NULL,
    withdrawn BOOLEAN NOT NULL,              -- there is none any more
    holder_zh TEXT    NOT NULL DEFAULT '',
    holder_en TEXT    NOT NULL DEFAULT '',
    number    TEXT    NOT NULL DEFAULT '',
    issuer_zh TEXT    NOT NULL DEFAULT '',
    issuer_en TEXT    NOT NULL DEFAULT '',
    items     TEXT    NOT NULL DEFAULT '[]', -- JSON: [{"ending": "cn", "services": ["create"]}]
    issued    TEXT    NOT NULL DEFAULT '',
    expires   TEXT    NOT NULL DEFAULT '',   -- the last day it is valid
    exit_on   TEXT    NOT NULL DEFAULT '',   -- the service ends on this day
    person    BIGINT  NOT NULL,
    reason    TEXT    NOT NULL,
    at        BIGINT  NOT NULL
);
CREATE UNIQUE INDEX permits_permits_version ON permits_permits (house, version);

CREATE TABLE permits_endings (
    id                   BIGINT PRIMARY KEY,
    house                BIGINT NOT NULL,
    ending               TEXT   NOT NULL,    -- A-label
    version              BIGINT NOT NULL,
    mode                 TEXT   NOT NULL CHECK (mode IN ('registrar', 'agent')),
    announced            TEXT   NOT NULL DEFAULT '', -- listed in the announced domain system since
    registry_zh          TEXT   NOT NULL DEFAULT '',
    registry_en          TEXT   NOT NULL DEFAULT '',
    registry_permit      TEXT   NOT NULL DEFAULT '',
    registry_permit_to   TEXT   NOT NULL DEFAULT '',
    agreement            TEXT   NOT NULL DEFAULT '', -- contract with the registry, or with the registrar in agent mode
    agreement_from       TEXT   NOT NULL DEFAULT '',
    agreement_to         TEXT   NOT NULL DEFAULT '',
    registrar_zh         TEXT   NOT NULL DEFAULT '', -- agent mode: whose names we sell
    registrar_en         TEXT   NOT NULL DEFAULT '',
    registrar_permit     TEXT   NOT NULL DEFAULT '',
    registrar_permit_to  TEXT   NOT NULL DEFAULT '',
    exit_on              TEXT   NOT NULL DEFAULT '',
    certificate          TEXT   NOT NULL DEFAULT '', -- the registry's authorisation, its number
    hotline              TEXT   NOT NULL DEFAULT '',
    mail                 TEXT   NOT NULL DEFAULT '',
    person               BIGINT NOT NULL,
    reason               TEXT   NOT NULL,
    at                   BIGINT NOT NULL
);
CREATE UNIQUE INDEX permits_endings_version ON permits_endings (house, ending, version);

CREATE TABLE permits_notices (
    id      BIGINT PRIMARY KEY,
    house   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,                 -- JSON of permits.Imprint
    person  BIGINT NOT NULL,
    reason  TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX permits_notices_version ON permits_notices (house, version);

-- One number per house that rises with every edit, so that a cache can ask
-- cheaply whether it is still right.
CREATE TABLE permits_versions (
    house   BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
