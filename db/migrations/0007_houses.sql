-- A house sells names under its own hosts: the registrar's own (id 1, the root)
-- and each reseller's.
CREATE TABLE houses (
    id         BIGINT  PRIMARY KEY,
    parent     BIGINT  NOT NULL DEFAULT 0,     -- reserved: the root has none, every other has the root
    owner      BIGINT  NOT NULL DEFAULT 0,     -- the account in the parent house that runs it; 0 for the root
    name_zh    TEXT    NOT NULL,
    name_en    TEXT    NOT NULL,
    agency_zh  TEXT    NOT NULL DEFAULT '',    -- whose agent it is, shown on every page (Order 43 Art. 20); empty for the root
    agency_en  TEXT    NOT NULL DEFAULT '',
    lang       TEXT    NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en')),
    open       BOOLEAN NOT NULL DEFAULT TRUE,
    opened_at  BIGINT  NOT NULL
);

-- Which house a host name belongs to: lower case, no port, A-labels.
CREATE TABLE house_hosts (
    host     TEXT    PRIMARY KEY,
    house    BIGINT  NOT NULL REFERENCES houses (id),
    main     BOOLEAN NOT NULL DEFAULT FALSE    -- the one that links in mails name
);
CREATE UNIQUE INDEX house_hosts_one_main ON house_hosts (house) WHERE main;
CREATE INDEX house_hosts_of ON house_hosts (house, host);
