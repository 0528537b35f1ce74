-- The sessions that browsers have with the pages where people sign in, as whom and to which applications, for PostgreSQL. Kept equal to
-- its SQLite sibling by a test.
CREATE TABLE login_sessions (
    project_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX login_sessions_token ON login_sessions (token_hash);
CREATE INDEX login_sessions_source ON login_sessions (project_id, source_id);
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);
CREATE TABLE login_session_uses (
    project_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    application_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, session_id, member_id, application_id),
    FOREIGN KEY (project_id, session_id) REFERENCES login_sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX login_session_uses_member ON login_session_uses (project_id, member_id);
-- What was granted before has neither, and ends by itself.
ALTER TABLE sign_in_grants ADD COLUMN connection_id TEXT COLLATE "C";
ALTER TABLE sign_in_grants ADD COLUMN session_id TEXT COLLATE "C";
CREATE INDEX sign_in_grants_session ON sign_in_grants (project_id, session_id);
