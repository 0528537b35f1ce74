-- What browsers and phones may ask a project for, for PostgreSQL. Kept equal to its SQLite sibling by a test.
CREATE TABLE frontend_settings (
    project_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES projects (id),
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);
