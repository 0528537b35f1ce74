-- Borrowed connections, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- An organization borrows a connection once. The same index leads from a connection to those who borrow it.
DROP INDEX connections_source;
CREATE UNIQUE INDEX connections_borrowed ON connections (project_id, source_connection_id, organization_id)
    WHERE deleted_at IS NULL;
