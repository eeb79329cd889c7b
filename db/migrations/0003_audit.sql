-- Who did what, when and why. Rows are only added; the one change ever made is
-- the sequencer's, which gives a row its number and its place in the chain.
CREATE TABLE audit_events (
    id      BIGINT PRIMARY KEY,
    seq     BIGINT NOT NULL DEFAULT 0,           -- 0: not yet numbered
    house   BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    act     TEXT   NOT NULL,                     -- orders.placed
    object  TEXT   NOT NULL,                     -- order
    ref     TEXT   NOT NULL DEFAULT '',          -- Y7K2-9QDM
    account BIGINT NOT NULL DEFAULT 0,           -- whose thing it was
    person  BIGINT NOT NULL DEFAULT 0,           -- who did it
    name    TEXT   NOT NULL DEFAULT '',          -- masked mail, or system:part
    ip      TEXT   NOT NULL DEFAULT '',
    session BIGINT NOT NULL DEFAULT 0,
    reason  TEXT   NOT NULL DEFAULT '',
    details TEXT   NOT NULL DEFAULT '{}',        -- JSON object of strings, no personal data
    prev    TEXT   NOT NULL DEFAULT '',          -- hash of the event before
    hash    TEXT   NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX audit_chain ON audit_events (seq) WHERE seq > 0;
CREATE INDEX audit_waiting ON audit_events (id) WHERE seq = 0;
CREATE INDEX audit_by_object ON audit_events (object, ref, id);
CREATE INDEX audit_by_account ON audit_events (house, account, id);
CREATE INDEX audit_by_house ON audit_events (house, id);
CREATE INDEX audit_by_person ON audit_events (person, id);

-- The end of every chained batch, signed.
CREATE TABLE audit_batches (
    last_seq  BIGINT PRIMARY KEY,
    first_seq BIGINT NOT NULL,
    hash      TEXT   NOT NULL,
    key_id    TEXT   NOT NULL,
    signature TEXT   NOT NULL,                   -- Ed25519 over first, last and hash
    at        BIGINT NOT NULL
);

-- +engine sqlite
CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
WHEN OLD.seq <> 0 OR NEW.seq = 0 OR NEW.id <> OLD.id OR NEW.house <> OLD.house OR NEW.at <> OLD.at OR NEW.act <> OLD.act
    OR NEW.object <> OLD.object OR NEW.ref <> OLD.ref OR NEW.account <> OLD.account OR NEW.person <> OLD.person
    OR NEW.name <> OLD.name OR NEW.ip <> OLD.ip OR NEW.session <> OLD.session OR NEW.reason <> OLD.reason OR NEW.details <> OLD.details
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_events_never_go BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_batches_stay BEFORE UPDATE ON audit_batches
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_batches_never_go BEFORE DELETE ON audit_batches
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
-- +engine postgres
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit rows are never changed or deleted'; END $$;
CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events FOR EACH ROW
WHEN (OLD.seq <> 0 OR NEW.seq = 0 OR NEW.id <> OLD.id OR NEW.house <> OLD.house OR NEW.at <> OLD.at OR NEW.act <> OLD.act
    OR NEW.object <> OLD.object OR NEW.ref <> OLD.ref OR NEW.account <> OLD.account OR NEW.person <> OLD.person
    OR NEW.name <> OLD.name OR NEW.ip <> OLD.ip OR NEW.session <> OLD.session OR NEW.reason <> OLD.reason OR NEW.details <> OLD.details)
EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_events_never_go BEFORE DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_events_never_empty BEFORE TRUNCATE ON audit_events EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_batches_stay BEFORE UPDATE OR DELETE ON audit_batches FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_batches_never_empty BEFORE TRUNCATE ON audit_batches EXECUTE FUNCTION audit_stays();
-- +engine all
