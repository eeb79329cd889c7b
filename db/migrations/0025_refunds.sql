-- Callbacks, refunds and chargebacks name one payment by our number: each finds
-- it, and what the bank took back of it, without reading all there ever were.
CREATE INDEX payments_payments_by_number ON payments_payments (number);
CREATE INDEX payments_refunds_by_number ON payments_refunds (number);
CREATE INDEX payments_receipts_by_number ON payments_receipts (channel, number);

-- The refund that took a refused one's place: finance had the channel asked
-- again, under a number of its own.
ALTER TABLE payments_refunds ADD COLUMN again TEXT NOT NULL DEFAULT '';
CREATE INDEX payments_refunds_undecided ON payments_refunds (id) WHERE state = 'refused' AND again = '';
