-- What is said to sell, and first-year prices that hold for some days. A
-- campaign's text is kept by version; another person than those who wrote it
-- publishes one version. Days are ISO dates of Asia/Shanghai.
CREATE TABLE campaigns (
    id        BIGINT PRIMARY KEY,
    ref       TEXT   NOT NULL UNIQUE,
    house     BIGINT NOT NULL,
    state     TEXT   NOT NULL CHECK (state IN ('draft', 'published', 'stopped', 'dropped')),
    version   BIGINT NOT NULL,            -- the newest, and once published the one that was
    from_day  TEXT   NOT NULL,            -- of that version, as are the next
    to_day    TEXT   NOT NULL,            -- the last day
    decided_by BIGINT NOT NULL DEFAULT 0, -- who published or dropped it
    decider   TEXT   NOT NULL DEFAULT '',
    decision  TEXT   NOT NULL DEFAULT '', -- the reason
    decided_at BIGINT NOT NULL DEFAULT 0,
    matched   TEXT   NOT NULL DEFAULT '', -- banned phrases it was published with in spite of them, one a line
    phrases   BIGINT NOT NULL DEFAULT 0,  -- the version of the list it was held against
    stopper   TEXT   NOT NULL DEFAULT '',
    stop      TEXT   NOT NULL DEFAULT '', -- the reason
    stopped_at BIGINT NOT NULL DEFAULT 0,
    edit      BIGINT NOT NULL,            -- an id, new with every change
    at        BIGINT NOT NULL
);
CREATE INDEX campaigns_by_house ON campaigns (house, id);
CREATE INDEX campaigns_edit ON campaigns (edit);
CREATE INDEX campaigns_drafts ON campaigns (house, id) WHERE state = 'draft';
CREATE INDEX campaigns_published ON campaigns (house, to_day) WHERE state = 'published';

CREATE TABLE campaign_versions (
    id       BIGINT  PRIMARY KEY,
    campaign TEXT    NOT NULL,            -- ref
    version  BIGINT  NOT NULL,            -- 1, 2, ...
    title_zh TEXT    NOT NULL,
    title_en TEXT    NOT NULL,
    text_zh  TEXT    NOT NULL,
    text_en  TEXT    NOT NULL,
    from_day TEXT    NOT NULL,
    to_day   TEXT    NOT NULL,
    offers   TEXT    NOT NULL,            -- JSON: [{"ending", "first": minor units, "currency", "normal": price row}]
    loss     BOOLEAN NOT NULL,            -- the author knows that it sells below cost
    person   BIGINT  NOT NULL,
    by_name  TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    at       BIGINT  NOT NULL
);
CREATE UNIQUE INDEX campaign_versions_one ON campaign_versions (campaign, version);

-- The phrases that put pressure on people. The newest list counts; before
-- there is one, what comes with the program.
CREATE TABLE campaign_phrases (
    version BIGINT PRIMARY KEY,           -- 1, 2, ...
    phrases TEXT   NOT NULL,              -- one a line
    person  BIGINT NOT NULL,
    by_name TEXT   NOT NULL,
    reason  TEXT   NOT NULL,
    at      BIGINT NOT NULL
);

-- A promotional price row stands beside the normal one, whose place it takes
-- from valid_from until valid_to. It is never changed; it may end earlier.
CREATE TABLE catalogue_promotions (
    id            BIGINT PRIMARY KEY,     -- no price row has the same
    house         BIGINT NOT NULL,
    ending        TEXT   NOT NULL,
    campaign      TEXT   NOT NULL,        -- ref
    normal        BIGINT NOT NULL,        -- the price row it stands beside
    currency      TEXT   NOT NULL,
    first         BIGINT NOT NULL CHECK (first > 0), -- minor units with tax
    next          BIGINT NOT NULL CHECK (next >= 0),
    tax_rate_bp   BIGINT NOT NULL CHECK (tax_rate_bp >= 0),
    cost_currency TEXT   NOT NULL,
    cost_first    BIGINT NOT NULL CHECK (cost_first >= 0),
    cost_next     BIGINT NOT NULL CHECK (cost_next >= 0),
    valid_from    BIGINT NOT NULL,
    valid_to      BIGINT NOT NULL,
    person        BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX catalogue_promotions_valid ON catalogue_promotions (house, ending, valid_to);
CREATE INDEX catalogue_promotions_of ON catalogue_promotions (campaign);

-- +engine sqlite
CREATE TRIGGER campaign_versions_stay BEFORE UPDATE ON campaign_versions
BEGIN SELECT RAISE(ABORT, 'catalogue: a version of a campaign is never changed'); END;
CREATE TRIGGER campaign_versions_remain BEFORE DELETE ON campaign_versions
BEGIN SELECT RAISE(ABORT, 'catalogue: a version of a campaign is never deleted'); END;
CREATE TRIGGER campaign_phrases_stay BEFORE UPDATE ON campaign_phrases
BEGIN SELECT RAISE(ABORT, 'catalogue: a list of phrases is never changed'); END;
CREATE TRIGGER campaign_phrases_remain BEFORE DELETE ON campaign_phrases
BEGIN SELECT RAISE(ABORT, 'catalogue: a list of phrases is never deleted'); END;
CREATE TRIGGER catalogue_promotions_stay BEFORE UPDATE OF id, house, ending, campaign, normal, currency, first, next, tax_rate_bp, cost_currency,
    cost_first, cost_next, valid_from, person, reason, at ON catalogue_promotions
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row is never changed'); END;
CREATE TRIGGER catalogue_promotions_end BEFORE UPDATE OF valid_to ON catalogue_promotions WHEN NEW.valid_to > OLD.valid_to
BEGIN SELECT RAISE(ABORT, 'catalogue: a promotional price may only end earlier'); END;
CREATE TRIGGER catalogue_promotions_remain BEFORE DELETE ON catalogue_promotions
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row is never deleted'); END;
-- +engine postgres
CREATE FUNCTION catalogue_campaigns_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'catalogue: what was written of a campaign is never changed or deleted';
END $$;
CREATE TRIGGER campaign_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_versions
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_campaigns_stay();
CREATE TRIGGER campaign_phrases_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_phrases
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_campaigns_stay();
CREATE TRIGGER catalogue_promotions_stay BEFORE UPDATE OF id, house, ending, campaign, normal, currency, first, next, tax_rate_bp, cost_currency,
    cost_first, cost_next, valid_from, person, reason, at ON catalogue_promotions
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_campaigns_stay();
CREATE TRIGGER catalogue_promotions_end BEFORE UPDATE OF valid_to ON catalogue_promotions
    FOR EACH ROW WHEN (NEW.valid_to > OLD.valid_to) EXECUTE FUNCTION catalogue_campaigns_stay();
CREATE TRIGGER catalogue_promotions_remain BEFORE DELETE OR TRUNCATE ON catalogue_promotions
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_campaigns_stay();
-- +engine all
