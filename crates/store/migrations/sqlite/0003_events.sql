-- Events that can be found by what they are and what they are about, for SQLite. Kept equal to its PostgreSQL sibling
-- by a test. Rows from before have neither.
ALTER TABLE audit_events ADD COLUMN action TEXT;
ALTER TABLE audit_events ADD COLUMN object_id TEXT;
CREATE INDEX audit_events_organization ON audit_events (project_id, organization_id, at, id);
CREATE INDEX audit_events_object ON audit_events (project_id, object_id, at, id);
