-- Names whose index label was made with another table are found at once when
-- the program starts.
CREATE INDEX registrations_by_table ON registrations (table_version, id) WHERE state <> 'gone';
