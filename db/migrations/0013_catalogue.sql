-- What is offered and for how much. A house without rows of its own for an
-- ending offers the root house's.
CREATE TABLE catalogue_endings (
    id           BIGINT  PRIMARY KEY,
    house        BIGINT  NOT NULL,
    ending       TEXT    NOT NULL,           -- A-label
    u_label      TEXT    NOT NULL,
    position     BIGINT  NOT NULL,           -- order in lists
    offered      BOOLEAN NOT NULL,           -- wanted on the list; whether it is on sale, OnSale decides
    registry     TEXT    NOT NULL,           -- key of the supplier
    identity_way TEXT    NOT NULL CHECK (identity_way IN ('none', 'verify_first', 'hold_release', 'pending_create')),
    bundles      BOOLEAN NOT NULL,           -- the registry keeps the variants with the name
    cross_border BOOLEAN NOT NULL,           -- holders' data leave the mainland
    rules_kind   TEXT    NOT NULL,           -- texts kind of the ending's rules
    for_id       TEXT    NOT NULL,           -- message id: for whom the ending is
    min_years    BIGINT  NOT NULL,
    max_years    BIGINT  NOT NULL,
    grace        BIGINT  NOT NULL,           -- calendar days after expiry at the normal price
    redemption   BIGINT  NOT NULL,           -- calendar days in which a restore is possible
    pending_delete BIGINT NOT NULL,          -- calendar days before the name is free
    person       BIGINT  NOT NULL,
    reason       TEXT    NOT NULL,
    at           BIGINT  NOT NULL
);
CREATE UNIQUE INDEX catalogue_endings_one ON catalogue_endings (house, ending);

-- Price rows are never changed. A new price is a new row; valid_to of the one
-- before it is all that may still be set.
CREATE TABLE catalogue_prices (
    id            BIGINT PRIMARY KEY,
    house         BIGINT NOT NULL,
    ending        TEXT   NOT NULL,
    service       TEXT   NOT NULL,
    currency      TEXT   NOT NULL,
    first         BIGINT NOT NULL CHECK (first >= 0), -- minor units with tax: the first year, or the whole service
    next          BIGINT NOT NULL CHECK (next >= 0),  -- each further year
    tax_rate_bp   BIGINT NOT NULL CHECK (tax_rate_bp >= 0),
    cost_currency TEXT   NOT NULL,
    cost_first    BIGINT NOT NULL CHECK (cost_first >= 0),
    cost_next     BIGINT NOT NULL CHECK (cost_next >= 0),
    valid_from    BIGINT NOT NULL,
    valid_to      BIGINT NOT NULL DEFAULT 0,
    person        BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX catalogue_prices_valid ON catalogue_prices (house, ending, service, valid_from);
CREATE UNIQUE INDEX catalogue_prices_open ON catalogue_prices (house, ending, service) WHERE valid_to = 0;

-- +engine sqlite
CREATE TRIGGER catalogue_prices_stay BEFORE UPDATE OF id, house, ending, service, currency, first, next, tax_rate_bp, cost_currency,
    cost_first, cost_next, valid_from, person, reason, at ON catalogue_prices
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row is never changed'); END;
CREATE TRIGGER catalogue_prices_close_once BEFORE UPDATE OF valid_to ON catalogue_prices WHEN OLD.valid_to <> 0
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row ends once'); END;
CREATE TRIGGER catalogue_prices_remain BEFORE DELETE ON catalogue_prices
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row is never deleted'); END;
-- +engine postgres
CREATE FUNCTION catalogue_prices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'catalogue: a price row is never changed or deleted';
END $$;
CREATE TRIGGER catalogue_prices_stay BEFORE UPDATE OF id, house, ending, service, currency, first, next, tax_rate_bp, cost_currency,
    cost_first, cost_next, valid_from, person, reason, at ON catalogue_prices
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_prices_stay();
CREATE TRIGGER catalogue_prices_close_once BEFORE UPDATE OF valid_to ON catalogue_prices
    FOR EACH ROW WHEN (OLD.valid_to <> 0) EXECUTE FUNCTION catalogue_prices_stay();
CREATE TRIGGER catalogue_prices_remain BEFORE DELETE OR TRUNCATE ON catalogue_prices
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_prices_stay();
-- +engine all
