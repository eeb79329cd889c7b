-- Who holds names. A profile is a line of versions; an order, a registration
-- and a registry's contact point to the version.
CREATE TABLE profiles (
    id         BIGINT PRIMARY KEY,
    ref        TEXT   NOT NULL UNIQUE,
    house      BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX profiles_by_account ON profiles (house, account, id);

CREATE TABLE profile_versions (
    id           BIGINT  PRIMARY KEY,
    profile      BIGINT  NOT NULL REFERENCES profiles (id),
    house        BIGINT  NOT NULL,
    account      BIGINT  NOT NULL,
    number       BIGINT  NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'in_review_registrar', 'supplement', 'approved', 'rejected', 'lapsed', 'replaced')),
    label        TEXT    NOT NULL DEFAULT '',
    holder       TEXT    NOT NULL,               -- person, organisation
    document     TEXT    NOT NULL,               -- persons' kind
    masked       TEXT    NOT NULL DEFAULT '',    -- document number, masked
    display      TEXT    NOT NULL DEFAULT '',    -- name, a person's masked
    hash         TEXT    NOT NULL DEFAULT '',    -- keyed digest of kind and number
    sealed       TEXT    NOT NULL,               -- everything personal
    created_at   BIGINT  NOT NULL,
    saved_at     BIGINT  NOT NULL,
    submitted_at BIGINT  NOT NULL DEFAULT 0,
    decided_at   BIGINT  NOT NULL DEFAULT 0,
    due          BIGINT  NOT NULL DEFAULT 0,     -- in review: our target; supplement: the holder's deadline
    reviewer     BIGINT  NOT NULL DEFAULT 0,     -- person
    decision     TEXT    NOT NULL DEFAULT '',    -- JSON: items, advice
    is_false     BOOLEAN NOT NULL DEFAULT FALSE, -- what it said was false (Order 43 art. 30)
    UNIQUE (profile, number)
);
CREATE UNIQUE INDEX profile_versions_in_force ON profile_versions (profile) WHERE state = 'approved';
CREATE INDEX profile_versions_by_hash ON profile_versions (hash) WHERE hash <> '';
CREATE INDEX profile_versions_in_review ON profile_versions (id) WHERE state = 'in_review_registrar';
CREATE INDEX profile_versions_late ON profile_versions (due, id) WHERE state = 'supplement';

-- What the machine found out: evidence beside the decision (M-40).
CREATE TABLE profile_checks (
    version  BIGINT NOT NULL REFERENCES profile_versions (id),
    point    TEXT   NOT NULL,                    -- number, name, age, images, expiry, known_false, verifier
    verdict  TEXT   NOT NULL CHECK (verdict IN ('ok', 'warn', 'refuse', 'pending')),
    message  TEXT   NOT NULL,                    -- message id
    evidence TEXT   NOT NULL DEFAULT '',         -- the verification service's reference
    at       BIGINT NOT NULL,
    PRIMARY KEY (version, point)
);

-- A version as each registry knows it.
CREATE TABLE identity_contacts (
    version  BIGINT NOT NULL REFERENCES profile_versions (id),
    registry TEXT   NOT NULL,                    -- key of the supplier
    house    BIGINT NOT NULL,
    contact  TEXT   NOT NULL,                    -- our id there
    state    TEXT   NOT NULL CHECK (state IN ('none', 'sent', 'pending', 'approved', 'rejected')),
    reason   TEXT   NOT NULL DEFAULT '',         -- the registry's words
    since    BIGINT NOT NULL,
    PRIMARY KEY (version, registry)
);
CREATE INDEX identity_contacts_by_id ON identity_contacts (registry, contact);

-- To whom personal data were given, on what ground (Order 43 art. 32).
CREATE TABLE identity_disclosures (
    id        BIGINT PRIMARY KEY,
    version   BIGINT NOT NULL REFERENCES profile_versions (id),
    house     BIGINT NOT NULL,
    recipient TEXT   NOT NULL,                   -- key of the supplier, or "verifier"
    basis     TEXT   NOT NULL,                   -- the consents that stood
    fields    TEXT   NOT NULL,                   -- which data, as words
    at        BIGINT NOT NULL
);
CREATE INDEX identity_disclosures_by_version ON identity_disclosures (version, id);
