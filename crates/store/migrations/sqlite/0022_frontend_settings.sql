-- What browsers and phones may ask a project for, for SQLite. Kept equal to its PostgreSQL sibling by a test.
CREATE TABLE frontend_settings (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    version BIGINT NOT NULL,
    doc TEXT NOT NULL
);
