-- Where sessions of another system are asked for, for PostgreSQL. Kept equal to its SQLite sibling by a test.
CREATE TABLE session_migrations (
    project_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES projects (id),
    userinfo_url TEXT COLLATE "C" NOT NULL
);
