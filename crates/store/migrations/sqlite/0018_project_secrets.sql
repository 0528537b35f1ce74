-- What API secrets are called and when they were last used, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- `revoked_at` may be ahead: a secret that is replaced stays good until then.
ALTER TABLE project_secrets ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE project_secrets ADD COLUMN last_used_at BIGINT;
