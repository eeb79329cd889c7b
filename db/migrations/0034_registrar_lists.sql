-- Where a registry lists its registrars, so that anybody can check one
-- (Order 43 art. 22(1)).
ALTER TABLE permits_endings ADD COLUMN registrars_url TEXT NOT NULL DEFAULT '';
