-- What a project decides for the pages where its people sign in and out, for SQLite. Kept equal to its PostgreSQL sibling by a test.
CREATE TABLE login_settings (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    version BIGINT NOT NULL,
    doc TEXT NOT NULL
);
