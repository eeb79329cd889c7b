-- Long lists of names that somebody looks through. What was asked and what was
-- answered is sealed under a key that only the address of the page holds: id is
-- made of that key and does not give it away. No account, person or network
-- stands here.
CREATE TABLE search_runs (
    id         TEXT   PRIMARY KEY,
    house      BIGINT NOT NULL,
    sealed     TEXT   NOT NULL,                    -- base64
    held_until BIGINT NOT NULL,                    -- till when a process is at work on it; 0 = none
    expires_at BIGINT NOT NULL                     -- then it is erased
);
CREATE INDEX search_runs_expired ON search_runs (expires_at);
