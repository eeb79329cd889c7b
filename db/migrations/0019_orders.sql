-- What somebody means to order, kept before they sign in.
CREATE TABLE cart_items (
    id       BIGINT PRIMARY KEY,
    house    BIGINT NOT NULL,
    owner    TEXT   NOT NULL,                      -- account:ID or visitor:TOKEN
    name_a   TEXT   NOT NULL,
    name_u   TEXT   NOT NULL,
    years    BIGINT NOT NULL,
    added_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX cart_items_once ON cart_items (house, owner, name_a);
CREATE INDEX cart_items_age ON cart_items (added_at);

-- The prices somebody was shown, and until when they hold.
CREATE TABLE order_quotes (
    ref      TEXT   PRIMARY KEY,
    house    BIGINT NOT NULL,
    owner    TEXT   NOT NULL,
    lines    TEXT   NOT NULL,                      -- JSON
    total    BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    made_at  BIGINT NOT NULL,
    until    BIGINT NOT NULL
);
CREATE INDEX order_quotes_age ON order_quotes (until);
CREATE INDEX order_quotes_owner ON order_quotes (house, owner, made_at);

CREATE TABLE orders (
    id         BIGINT  PRIMARY KEY,
    ref        TEXT    NOT NULL UNIQUE,
    house      BIGINT  NOT NULL,
    account    BIGINT  NOT NULL,
    person     BIGINT  NOT NULL,                   -- who pressed the button
    state      TEXT    NOT NULL CHECK (state IN ('awaiting_payment', 'paid', 'closed', 'cancelled', 'expired')),
    quote      TEXT    NOT NULL,
    total      BIGINT  NOT NULL,                   -- minor units
    currency   TEXT    NOT NULL,
    profile    TEXT    NOT NULL DEFAULT '',        -- reference of the holder's profile; empty = not chosen yet
    to_wallet  BOOLEAN NOT NULL DEFAULT FALSE,     -- the buyer chose the wallet for money that comes back
    paid_by    TEXT    NOT NULL DEFAULT '',        -- wallet or channel
    placed_at  BIGINT  NOT NULL,
    pay_until  BIGINT  NOT NULL,
    paid_at    BIGINT  NOT NULL DEFAULT 0,
    closed_at  BIGINT  NOT NULL DEFAULT 0
);
CREATE INDEX orders_by_account ON orders (house, account, id);
CREATE INDEX orders_by_house ON orders (house, id);
CREATE INDEX orders_unpaid ON orders (pay_until, id) WHERE state = 'awaiting_payment';
CREATE INDEX orders_by_profile ON orders (profile, id) WHERE state = 'paid' AND profile <> '';

CREATE TABLE order_items (
    id              BIGINT PRIMARY KEY,
    order_ref       TEXT   NOT NULL,
    n               BIGINT NOT NULL,               -- 1, 2, ... within the order
    house           BIGINT NOT NULL,
    account         BIGINT NOT NULL,
    service         TEXT   NOT NULL,
    name_a          TEXT   NOT NULL,
    name_u          TEXT   NOT NULL,
    ending          TEXT   NOT NULL,
    ending_group    TEXT   NOT NULL,
    index_label     TEXT   NOT NULL,
    registry        TEXT   NOT NULL,
    years           BIGINT NOT NULL,
    price_row       BIGINT NOT NULL,
    net             BIGINT NOT NULL,
    tax             BIGINT NOT NULL,
    tax_rate_bp     BIGINT NOT NULL,
    total           BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    cost            BIGINT NOT NULL,               -- what the registry takes
    cost_currency   TEXT   NOT NULL,
    profile_version BIGINT NOT NULL DEFAULT 0,     -- fixed when the item is ready
    state           TEXT   NOT NULL CHECK (state IN ('awaiting_payment', 'needs_identity', 'ready', 'sent', 'pending',
                                                     'registered', 'refused', 'refunding', 'refunded', 'cancelled', 'expired')),
    state_since     BIGINT NOT NULL,
    reason          TEXT   NOT NULL DEFAULT '',    -- why it was refused
    words           TEXT   NOT NULL DEFAULT '',    -- what the registry said, in its own words
    due_at          BIGINT NOT NULL DEFAULT 0,     -- when the state ends by itself; 0 = it does not
    submitted_at    BIGINT NOT NULL DEFAULT 0,     -- the registry's time of the application
    refund          BIGINT NOT NULL DEFAULT 0,     -- minor units given back
    UNIQUE (order_ref, n)
);
-- One account does not apply twice for the same name or its variants.
CREATE UNIQUE INDEX order_items_once ON order_items (house, account, ending_group, index_label)
    WHERE state IN ('awaiting_payment', 'needs_identity', 'ready', 'sent', 'pending');
CREATE INDEX order_items_due ON order_items (state, due_at, id) WHERE due_at <> 0;
CREATE INDEX order_items_by_name ON order_items (name_a, id);
CREATE INDEX order_items_by_version ON order_items (profile_version, registry, id) WHERE state IN ('needs_identity', 'ready', 'sent', 'pending');

-- The timeline: what happened, who has the next move and until when.
CREATE TABLE order_events (
    id        BIGINT PRIMARY KEY,
    order_ref TEXT   NOT NULL,
    n         BIGINT NOT NULL DEFAULT 0,           -- the item it is about; 0 = the whole order
    house     BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    next      TEXT   NOT NULL DEFAULT '',          -- buyer, registrar, registry, bank, nobody
    due_at    BIGINT NOT NULL DEFAULT 0,
    args      TEXT   NOT NULL DEFAULT '',          -- JSON object of texts
    at        BIGINT NOT NULL
);
CREATE INDEX order_events_of ON order_events (order_ref, id);
