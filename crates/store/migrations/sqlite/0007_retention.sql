-- What is forgotten after a while, for SQLite. Kept equal to its PostgreSQL sibling by a test.

-- Traces are kept by connection: nobody pushes another one's out.
CREATE INDEX traces_connection ON traces (project_id, connection_id, at, id);
CREATE INDEX traces_age ON traces (at);
CREATE INDEX audit_events_age ON audit_events (at);

-- When the clean-up first saw that a member is deleted. Rows from before begin their time then.
ALTER TABLE members ADD COLUMN deleted_at BIGINT;
CREATE INDEX members_unmarked ON members (project_id, id) WHERE status = 'deleted' AND deleted_at IS NULL;
CREATE INDEX members_deleted ON members (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX connections_deleted ON connections (deleted_at) WHERE deleted_at IS NOT NULL;
