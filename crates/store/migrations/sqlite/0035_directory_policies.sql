-- Whether whoever a directory has removed may come back by signing in, and directories in the order of their making, for SQLite. Kept equal to its
-- PostgreSQL sibling by a test.
ALTER TABLE directories ADD COLUMN lets_return BIGINT NOT NULL DEFAULT 0;
CREATE INDEX directories_listing ON directories (project_id, created_at, id);
