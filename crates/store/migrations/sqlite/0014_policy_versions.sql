-- The version of a project's policy, read with the project, for SQLite. Kept equal to its PostgreSQL sibling by a test.
ALTER TABLE projects ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;
UPDATE projects SET policy_version =
    COALESCE((SELECT version FROM policies WHERE policies.project_id = projects.id), 0);
