-- A complaint: who complains is known to the staff, never to the one complained about.
CREATE TABLE complaints (
    id            BIGINT PRIMARY KEY,
    house         BIGINT NOT NULL,
    receipt       TEXT   NOT NULL UNIQUE,
    code_hash     TEXT   NOT NULL,               -- keyed hash; shown once, opens the state together with the receipt
    kind          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    lang          TEXT   NOT NULL,
    account       BIGINT NOT NULL DEFAULT 0,     -- when the complainant was signed in
    person        BIGINT NOT NULL DEFAULT 0,
    name          TEXT   NOT NULL,
    mail          TEXT   NOT NULL DEFAULT '',
    phone         TEXT   NOT NULL DEFAULT '',
    about         TEXT   NOT NULL DEFAULT '',    -- the name or order it is about, as written
    url           TEXT   NOT NULL DEFAULT '',    -- where it can be seen
    text          TEXT   NOT NULL,
    filed_at      BIGINT NOT NULL,
    reply_by      BIGINT NOT NULL,               -- first reply
    answer_by     BIGINT NOT NULL,
    answer_rule   TEXT   NOT NULL,               -- the rule that gave answer_by, with its source
    replied_at    BIGINT NOT NULL DEFAULT 0,
    answered_at   BIGINT NOT NULL DEFAULT 0,
    closed_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX complaints_of_house ON complaints (house, id);
CREATE INDEX complaints_of_account ON complaints (account, id) WHERE account <> 0;

-- What happened to it. Rows that are not internal are what the complainant reads.
CREATE TABLE complaint_events (
    id         BIGINT  PRIMARY KEY,
    house      BIGINT  NOT NULL,
    complaint  BIGINT  NOT NULL REFERENCES complaints (id),
    at         BIGINT  NOT NULL,
    from_state TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    person     BIGINT  NOT NULL DEFAULT 0,        -- of the staff; 0 for the complainant
    internal   BOOLEAN NOT NULL DEFAULT FALSE,
    text       TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX complaint_events_of ON complaint_events (complaint, id);
