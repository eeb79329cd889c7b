-- The books. Every entry moves money between accounts of one house; its
-- postings sum to zero in each currency. Amounts are minor units. A positive
-- balance is what the house owes or has earned; a channel's balance is
-- negative by what lies with the cashier.
CREATE TABLE ledger_accounts (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    name       TEXT   NOT NULL,              -- wallet:ACCOUNT, held:ORDER:SOURCE, channel:CASHIER, revenue, tax, refund:NUMBER
    kind       TEXT   NOT NULL CHECK (kind IN ('wallet', 'held', 'channel', 'revenue', 'tax', 'refund')),
    owner      BIGINT NOT NULL DEFAULT 0,    -- the customer account it belongs to; 0 for the house's own
    ref        TEXT   NOT NULL DEFAULT '',   -- the order, for held
    source     TEXT   NOT NULL DEFAULT '',   -- where held money came from: wallet, or a payment's number
    currency   TEXT   NOT NULL,
    balance    BIGINT NOT NULL DEFAULT 0,    -- running; equals the sum of the account's postings
    opened_at  BIGINT NOT NULL,
    CHECK (kind NOT IN ('held', 'refund') OR balance >= 0)
);
CREATE UNIQUE INDEX ledger_accounts_name ON ledger_accounts (house, name, currency);
CREATE INDEX ledger_accounts_held ON ledger_accounts (house, ref, id) WHERE kind = 'held';

CREATE TABLE ledger_entries (
    id        BIGINT PRIMARY KEY,
    house     BIGINT NOT NULL,
    kind      TEXT   NOT NULL,               -- top_up, hold, settle, release, refund_sent, refund_done, ...
    ref       TEXT   NOT NULL,               -- the order, payment or refund it is about
    key       TEXT   NOT NULL,               -- what may happen only once
    reverses  BIGINT NOT NULL DEFAULT 0,     -- the entry this one undoes
    person    BIGINT NOT NULL DEFAULT 0,
    actor     TEXT   NOT NULL,
    reason    TEXT   NOT NULL DEFAULT '',
    posted_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ledger_entries_key ON ledger_entries (house, key);
CREATE INDEX ledger_entries_ref ON ledger_entries (house, ref, id);

-- Postings are inserted before their entry. The entry's insert checks the sum;
-- the deferred foreign key refuses to commit postings that never got an entry.
CREATE TABLE ledger_postings (
    id            BIGINT PRIMARY KEY,
    house         BIGINT NOT NULL,
    entry         BIGINT NOT NULL REFERENCES ledger_entries (id) DEFERRABLE INITIALLY DEFERRED,
    account       BIGINT NOT NULL REFERENCES ledger_accounts (id),
    currency      TEXT   NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount <> 0),
    balance_after BIGINT NOT NULL,
    posted_at     BIGINT NOT NULL
);
CREATE INDEX ledger_postings_entry ON ledger_postings (entry, id);
CREATE INDEX ledger_postings_account ON ledger_postings (account, id);

-- What was sold, beside the entry that took the money: enough for an invoice
-- and a margin without asking anybody else.
CREATE TABLE ledger_sales (
    id            BIGINT PRIMARY KEY,
    house         BIGINT NOT NULL,
    owner         BIGINT NOT NULL,
    entry         BIGINT NOT NULL REFERENCES ledger_entries (id) DEFERRABLE INITIALLY DEFERRED,
    ref           TEXT   NOT NULL,
    name          TEXT   NOT NULL,           -- A-label of what was sold
    service       TEXT   NOT NULL,
    years         BIGINT NOT NULL,
    price_row     BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    net           BIGINT NOT NULL,
    tax           BIGINT NOT NULL,
    tax_rate_bp   BIGINT NOT NULL,           -- basis points: 600 is 6 %
    cost          BIGINT NOT NULL,           -- what the registry takes
    cost_currency TEXT   NOT NULL,
    sold_at       BIGINT NOT NULL
);
CREATE INDEX ledger_sales_owner ON ledger_sales (house, owner, id);
CREATE INDEX ledger_sales_ref ON ledger_sales (house, ref, id);

-- +engine sqlite
CREATE TRIGGER ledger_entry_balances BEFORE INSERT ON ledger_entries BEGIN
    SELECT RAISE(ABORT, 'ledger: entry does not balance')
    WHERE (SELECT count(*) FROM ledger_postings WHERE entry = NEW.id) < 2
       OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id GROUP BY currency HAVING sum(amount) <> 0)
       OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id AND house <> NEW.house);
END;
CREATE TRIGGER ledger_entry_is_closed BEFORE INSERT ON ledger_postings BEGIN
    SELECT RAISE(ABORT, 'ledger: entry is closed')
    WHERE EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry);
    SELECT RAISE(ABORT, 'ledger: posting does not fit its account')
    WHERE NOT EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.account AND house = NEW.house AND currency = NEW.currency);
END;
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'ledger: entries are only added'); END;
CREATE TRIGGER ledger_entries_remain BEFORE DELETE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'ledger: entries are only added'); END;
CREATE TRIGGER ledger_postings_stay BEFORE UPDATE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'ledger: postings are only added'); END;
CREATE TRIGGER ledger_postings_remain BEFORE DELETE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'ledger: postings are only added'); END;
CREATE TRIGGER ledger_sales_stay BEFORE UPDATE ON ledger_sales BEGIN SELECT RAISE(ABORT, 'ledger: sales are only added'); END;
CREATE TRIGGER ledger_sales_remain BEFORE DELETE ON ledger_sales BEGIN SELECT RAISE(ABORT, 'ledger: sales are only added'); END;
CREATE TRIGGER ledger_accounts_remain BEFORE DELETE ON ledger_accounts BEGIN SELECT RAISE(ABORT, 'ledger: accounts stay'); END;
CREATE TRIGGER ledger_accounts_identity BEFORE UPDATE OF id, house, name, kind, owner, ref, source, currency, opened_at ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'ledger: an account keeps its identity'); END;
-- +engine postgres
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM ledger_postings WHERE entry = NEW.id) < 2
       OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id GROUP BY currency HAVING sum(amount) <> 0)
       OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id AND house <> NEW.house) THEN
        RAISE EXCEPTION 'ledger: entry does not balance';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_balances BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
CREATE FUNCTION ledger_entry_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry) THEN
        RAISE EXCEPTION 'ledger: entry is closed';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.account AND house = NEW.house AND currency = NEW.currency) THEN
        RAISE EXCEPTION 'ledger: posting does not fit its account';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_is_closed BEFORE INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_entry_is_closed();
CREATE FUNCTION ledger_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger: % are only added', TG_TABLE_NAME; END $$;
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_added();
CREATE TRIGGER ledger_postings_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_added();
CREATE TRIGGER ledger_sales_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_sales FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_added();
CREATE TRIGGER ledger_accounts_remain BEFORE DELETE OR TRUNCATE ON ledger_accounts FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_added();
CREATE FUNCTION ledger_accounts_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger: an account keeps its identity'; END $$;
CREATE TRIGGER ledger_accounts_identity BEFORE UPDATE OF id, house, name, kind, owner, ref, source, currency, opened_at ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_accounts_identity();
-- +engine all
