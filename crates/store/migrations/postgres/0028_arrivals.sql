-- How often somebody signed in through a connection, and from where, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- Where it is not known, it was once at least.
ALTER TABLE identities ADD COLUMN logins BIGINT;
ALTER TABLE identities ADD COLUMN last_ip TEXT;
