-- Money that comes and goes by cashiers. A payment has our number before
-- anybody else knows of it; amounts are minor units.
CREATE TABLE payments_payments (
    id         BIGINT PRIMARY KEY,
    house      BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    number     TEXT   NOT NULL,              -- ours; the cashier knows it as order number
    channel    TEXT   NOT NULL,
    purpose    TEXT   NOT NULL CHECK (purpose IN ('order', 'top_up')),
    ref        TEXT   NOT NULL,              -- the order; for a top-up the number again
    amount     BIGINT NOT NULL CHECK (amount > 0),
    currency   TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('open', 'paid', 'refused', 'expired')),
    subject    TEXT   NOT NULL DEFAULT '',
    return_url TEXT   NOT NULL DEFAULT '',
    their_id   TEXT   NOT NULL DEFAULT '',
    opened_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL DEFAULT 0,    -- when the channel was last asked by us
    closed_at  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX payments_payments_number ON payments_payments (channel, number);
CREATE INDEX payments_payments_ref ON payments_payments (house, ref, id);
CREATE INDEX payments_payments_open ON payments_payments (opened_at, id) WHERE state = 'open';

-- What a channel says happened, once each: the insert decides who credits.
CREATE TABLE payments_receipts (
    id          BIGINT PRIMARY KEY,
    house       BIGINT NOT NULL,
    channel     TEXT   NOT NULL,
    their_id    TEXT   NOT NULL,             -- their payment, or chargeback number
    number      TEXT   NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('paid', 'chargeback')),
    amount      BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    learned_by  TEXT   NOT NULL,             -- callback or query
    happened_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX payments_receipts_theirs ON payments_receipts (channel, their_id);

-- A decision to give an order's money back, and the refunds it takes.
CREATE TABLE payments_returns (
    id        BIGINT  PRIMARY KEY,
    house     BIGINT  NOT NULL,
    account   BIGINT  NOT NULL,
    ref       TEXT    NOT NULL,
    key       TEXT    NOT NULL,              -- tells returns of one order apart
    amount    BIGINT  NOT NULL,
    currency  TEXT    NOT NULL,
    to_wallet BOOLEAN NOT NULL,
    reason    TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('pending', 'done')),
    at        BIGINT  NOT NULL,
    done_at   BIGINT  NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX payments_returns_key ON payments_returns (house, ref, key);

CREATE TABLE payments_refunds (
    id        BIGINT PRIMARY KEY,
    house     BIGINT NOT NULL,
    account   BIGINT NOT NULL,
    number    TEXT   NOT NULL,               -- ours; the cashier deduplicates on it
    return_id BIGINT NOT NULL REFERENCES payments_returns (id),
    payment   TEXT   NOT NULL,               -- our number of the payment
    channel   TEXT   NOT NULL,
    their_payment TEXT NOT NULL,
    amount    BIGINT NOT NULL CHECK (amount > 0),
    currency  TEXT   NOT NULL,
    -- owed (we ask) -> pending (they decide) -> done | refused (finance decides) -> kept (in the wallet)
    state     TEXT   NOT NULL CHECK (state IN ('owed', 'pending', 'done', 'refused', 'kept')),
    their_id  TEXT   NOT NULL DEFAULT '',
    answer    TEXT   NOT NULL DEFAULT '',    -- what the channel said last
    at        BIGINT NOT NULL,
    closed_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX payments_refunds_number ON payments_refunds (channel, number);
CREATE INDEX payments_refunds_return ON payments_refunds (return_id, id);
