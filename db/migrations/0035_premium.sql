-- The published rule for names that a registry prices by itself: what it asks,
-- and so much on top. A row without it has no price for them.
ALTER TABLE catalogue_prices ADD COLUMN premium BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE catalogue_prices ADD COLUMN premium_bp BIGINT NOT NULL DEFAULT 0 CHECK (premium_bp >= 0); -- basis points

-- What the registry said of a name's price, and when; cost is what it asked.
ALTER TABLE order_items ADD COLUMN price_class TEXT NOT NULL DEFAULT '';  -- its own class; empty = as every name
ALTER TABLE order_items ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;    -- 0 = it was not asked

-- +engine sqlite
CREATE TRIGGER catalogue_prices_rule_stays BEFORE UPDATE OF premium, premium_bp ON catalogue_prices
BEGIN SELECT RAISE(ABORT, 'catalogue: a price row is never changed'); END;
-- +engine postgres
CREATE TRIGGER catalogue_prices_rule_stays BEFORE UPDATE OF premium, premium_bp ON catalogue_prices
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_prices_stay();
-- +engine all
