-- An account owns names, orders and a wallet. Its people sign in.
CREATE TABLE accounts (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL REFERENCES houses (id),
    ref        TEXT   NOT NULL UNIQUE,
    owner      BIGINT NOT NULL,                -- the person who opened it and gets its mail
    opened_at  BIGINT NOT NULL
);
CREATE INDEX accounts_of_house ON accounts (house, id);

CREATE TABLE people (
    id            BIGINT  PRIMARY KEY,
    house         BIGINT  NOT NULL REFERENCES houses (id),
    account       BIGINT  NOT NULL REFERENCES accounts (id),
    ref           TEXT    NOT NULL UNIQUE,
    mail          TEXT    NOT NULL,             -- as the person writes it
    mail_key      TEXT    NOT NULL,             -- folded: what is unique within the house
    name          TEXT    NOT NULL DEFAULT '',
    lang          TEXT    NOT NULL DEFAULT '' CHECK (lang IN ('', 'zh', 'en')),     -- chosen; empty: as the browser asks
    lang_last     TEXT    NOT NULL DEFAULT 'zh' CHECK (lang_last IN ('zh', 'en')),   -- of the last sign-in; letters take it when none was chosen
    password      TEXT    NOT NULL,             -- argon2id, PHC string
    password_at   BIGINT  NOT NULL,
    totp          TEXT    NOT NULL DEFAULT '',  -- sealed secret; empty: no second factor
    totp_pending  TEXT    NOT NULL DEFAULT '',  -- sealed secret that was shown and not yet confirmed
    totp_step     BIGINT  NOT NULL DEFAULT 0,   -- the last 30-second step that was accepted
    joined_at     BIGINT  NOT NULL,
    UNIQUE (house, mail_key)
);
CREATE INDEX people_of_account ON people (account, id);

-- What a person was appointed to in a house, by whom and why.
CREATE TABLE person_roles (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL REFERENCES houses (id),
    person     BIGINT NOT NULL REFERENCES people (id),
    role       TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    since      BIGINT NOT NULL,
    given_by   BIGINT NOT NULL,                -- person; 0 for the program itself
    until      BIGINT NOT NULL DEFAULT 0,      -- 0: holds
    taken_by   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX person_roles_held ON person_roles (house, person, role) WHERE until = 0;

-- Ten per person, each good for one sign-in without the device.
CREATE TABLE recovery_codes (
    id       BIGINT PRIMARY KEY,
    house    BIGINT NOT NULL REFERENCES houses (id),
    person   BIGINT NOT NULL REFERENCES people (id),
    hash     TEXT   NOT NULL,
    used_at  BIGINT NOT NULL DEFAULT 0,
    UNIQUE (person, hash)
);

-- A sign-in: half until the second factor was given.
CREATE TABLE sessions (
    id             BIGINT PRIMARY KEY,
    house          BIGINT NOT NULL REFERENCES houses (id),
    person         BIGINT NOT NULL REFERENCES people (id),
    token_hash     TEXT   NOT NULL UNIQUE,
    state          TEXT   NOT NULL CHECK (state IN ('half', 'open', 'ended')),
    device         TEXT   NOT NULL DEFAULT '', -- browser and system in words
    ip             TEXT   NOT NULL DEFAULT '',
    began_at       BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,            -- renewed at most hourly
    stepped_up_at  BIGINT NOT NULL DEFAULT 0,
    idle_at        BIGINT NOT NULL,            -- ends here unless seen before
    ends_at        BIGINT NOT NULL,            -- ends here in any case
    ended_at       BIGINT NOT NULL DEFAULT 0,
    ended_why      TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX sessions_of_person ON sessions (person, state, id);

-- A mailed code that is waited for. Rows for addresses that may not go on look
-- the same, so that nobody learns who has an account.
CREATE TABLE mail_codes (
    id          BIGINT PRIMARY KEY,
    house       BIGINT NOT NULL REFERENCES houses (id),
    purpose     TEXT   NOT NULL CHECK (purpose IN ('sign_up', 'reset', 'new_password', 'change_mail')),
    token_hash  TEXT   NOT NULL UNIQUE,
    mail        TEXT   NOT NULL,
    mail_key    TEXT   NOT NULL,
    person      BIGINT NOT NULL DEFAULT 0,
    code_hash   TEXT   NOT NULL,               -- keyed hash; empty: no code fits
    password    TEXT   NOT NULL DEFAULT '',    -- sign_up: the chosen one, argon2id
    name        TEXT   NOT NULL DEFAULT '',
    lang        TEXT   NOT NULL DEFAULT 'zh',
    accepted    TEXT   NOT NULL DEFAULT '',    -- sign_up: ids of the text versions agreed to, with spaces
    tries       BIGINT NOT NULL DEFAULT 0,
    made_at     BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    used_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mail_codes_ended ON mail_codes (ends_at);

-- How often something was tried lately, by keyed hash of the mail address.
CREATE TABLE throttles (
    house     BIGINT NOT NULL,
    what      TEXT   NOT NULL,
    key       TEXT   NOT NULL,
    began_at  BIGINT NOT NULL,
    count     BIGINT NOT NULL,
    PRIMARY KEY (house, what, key)
);
