-- What people agree to, word for word. A version is never changed.
CREATE TABLE texts (
    id           BIGINT PRIMARY KEY,
    house        BIGINT NOT NULL,
    kind         TEXT   NOT NULL,                -- agreement, privacy, rules:cn, consent:registry:cn
    number       TEXT   NOT NULL,                -- as people cite it
    title_zh     TEXT   NOT NULL,
    title_en     TEXT   NOT NULL,
    body_zh      TEXT   NOT NULL,
    body_en      TEXT   NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX texts_by_number ON texts (house, kind, number);
CREATE INDEX texts_newest ON texts (house, kind, id);

-- Who accepted which version, for what. A withdrawal is a second instant in
-- the same row; nothing is deleted.
CREATE TABLE text_acceptances (
    id           BIGINT PRIMARY KEY,
    house        BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    person       BIGINT NOT NULL,
    version      BIGINT NOT NULL REFERENCES texts (id),
    kind         TEXT   NOT NULL,
    subject      TEXT   NOT NULL DEFAULT '',     -- an order or profile reference
    at           BIGINT NOT NULL,
    ip           TEXT   NOT NULL DEFAULT '',
    withdrawn_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX text_acceptances_standing ON text_acceptances (account, version, subject) WHERE withdrawn_at = 0;
CREATE INDEX text_acceptances_by_kind ON text_acceptances (account, kind, subject);

-- +engine sqlite
CREATE TRIGGER texts_stay BEFORE UPDATE ON texts BEGIN SELECT RAISE(ABORT, 'a published text is never changed'); END;
CREATE TRIGGER texts_never_go BEFORE DELETE ON texts BEGIN SELECT RAISE(ABORT, 'a published text is never deleted'); END;
-- +engine postgres
CREATE FUNCTION texts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a published text is never changed or deleted'; END $$;
CREATE TRIGGER texts_stay BEFORE UPDATE OR DELETE ON texts FOR EACH ROW EXECUTE FUNCTION texts_stay();
-- +engine all
