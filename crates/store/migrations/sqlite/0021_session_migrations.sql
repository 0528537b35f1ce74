-- Where sessions of another system are asked for, for SQLite. Kept equal to its PostgreSQL sibling by a test.
CREATE TABLE session_migrations (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    userinfo_url TEXT NOT NULL
);
