-- Backups made, drilled and brought back: what was copied, what came out, and
-- how long it took. Rows are only added.
CREATE TABLE backup_runs (
    id       BIGINT PRIMARY KEY,
    kind     TEXT   NOT NULL CHECK (kind IN ('backup', 'drill', 'restore')),
    begun_at BIGINT NOT NULL,
    took_ms  BIGINT NOT NULL,
    fault    TEXT   NOT NULL DEFAULT '',          -- empty: it went well
    words    TEXT   NOT NULL DEFAULT '',          -- what went wrong, for the operator
    name     TEXT   NOT NULL DEFAULT '',          -- the backup's name
    made_at  BIGINT NOT NULL DEFAULT 0,           -- its instant
    site     TEXT   NOT NULL DEFAULT '',          -- where it stands, as declared
    tables   BIGINT NOT NULL DEFAULT 0,           -- tables compared
    table_rows BIGINT NOT NULL DEFAULT 0,         -- rows in them
    papers   BIGINT NOT NULL DEFAULT 0,           -- sealed papers whose sums were compared
    opened   BIGINT NOT NULL DEFAULT 0,           -- of them opened
    chained  BIGINT NOT NULL DEFAULT 0,           -- audit events verified
    bytes    BIGINT NOT NULL DEFAULT 0            -- of the backup's own files
);
CREATE INDEX backup_runs_by_kind ON backup_runs (kind, id);
CREATE INDEX backup_runs_good ON backup_runs (kind, id) WHERE fault = '';
-- +engine sqlite
CREATE TRIGGER backup_runs_stay BEFORE UPDATE ON backup_runs
BEGIN SELECT RAISE(ABORT, 'the record of backups is never changed'); END;
-- +engine postgres
CREATE FUNCTION backup_runs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the record of backups is never changed'; END $$;
CREATE TRIGGER backup_runs_stay BEFORE UPDATE ON backup_runs FOR EACH ROW EXECUTE FUNCTION backup_runs_stay();
-- +engine all
