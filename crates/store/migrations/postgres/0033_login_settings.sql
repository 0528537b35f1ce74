-- What a project decides for the pages where its people sign in and out, for PostgreSQL. Kept equal to its SQLite sibling by a test.
CREATE TABLE login_settings (
    project_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES projects (id),
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);
