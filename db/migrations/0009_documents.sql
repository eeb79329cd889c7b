-- Images of identity papers: what is known of them. The sealed bytes lie in a
-- folder, the wrapped keys in a database file of their own.
CREATE TABLE documents (
    id          BIGINT PRIMARY KEY,
    ref         TEXT   NOT NULL UNIQUE,
    house       BIGINT NOT NULL,
    account     BIGINT NOT NULL,
    person      BIGINT NOT NULL,                 -- who uploaded it
    kind        TEXT   NOT NULL,                 -- main, back, translation, authorisation
    width       BIGINT NOT NULL,
    height      BIGINT NOT NULL,
    bytes       BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    used_at     BIGINT NOT NULL DEFAULT 0,       -- when a profile first took it
    erased_at   BIGINT NOT NULL DEFAULT 0,       -- its key was destroyed
    erased_why  TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX documents_by_account ON documents (house, account, id);
CREATE INDEX documents_unused ON documents (uploaded_at, id) WHERE used_at = 0 AND erased_at = 0;

-- Which version of a profile needs which document.
CREATE TABLE document_uses (
    version  BIGINT NOT NULL,
    document BIGINT NOT NULL REFERENCES documents (id),
    house    BIGINT NOT NULL,
    PRIMARY KEY (version, document)
);
CREATE INDEX document_uses_by_document ON document_uses (document);

-- Who looked, when and why. The audit has the same, chained.
CREATE TABLE document_accesses (
    id        BIGINT  PRIMARY KEY,
    document  BIGINT  NOT NULL REFERENCES documents (id),
    person    BIGINT  NOT NULL,
    name      TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    reason    TEXT    NOT NULL,
    ip        TEXT    NOT NULL DEFAULT '',
    full_size BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX document_accesses_by_document ON document_accesses (document, id);
CREATE INDEX document_accesses_by_person ON document_accesses (person, at);
