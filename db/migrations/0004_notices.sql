-- What we owe people in writing: a row before it is a mail, and the proof
-- afterwards.
CREATE TABLE notices (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    account    BIGINT NOT NULL DEFAULT 0,
    person     BIGINT NOT NULL DEFAULT 0,
    channel    TEXT   NOT NULL DEFAULT 'mail',
    to_address TEXT   NOT NULL,
    lang       TEXT   NOT NULL,
    message    TEXT   NOT NULL,                  -- message id, never text
    args       TEXT   NOT NULL DEFAULT '{}',     -- JSON object of strings, no secrets
    secret     TEXT   NOT NULL DEFAULT '',       -- sealed arguments; erased once sent or given up
    ref        TEXT   NOT NULL DEFAULT '',       -- what it is about
    state      TEXT   NOT NULL DEFAULT 'owed' CHECK (state IN ('owed', 'sent', 'failed')),
    owed_at    BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL DEFAULT 0,
    proof      TEXT   NOT NULL DEFAULT '',       -- the mail server's answer
    attempts   BIGINT NOT NULL DEFAULT 0,
    last_error TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX notices_by_account ON notices (house, account, id);
CREATE INDEX notices_by_ref ON notices (house, ref, id);
CREATE INDEX notices_open ON notices (state, id) WHERE state <> 'sent';
