-- What came of signing in to applications, the codes that lead to it and the tokens that go on with it, for SQLite. Kept equal to
-- its PostgreSQL sibling by a test.
CREATE TABLE sign_in_grants (
    project_id TEXT NOT NULL,
    id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, application_id) REFERENCES applications (project_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_in_grants_application ON sign_in_grants (project_id, application_id);
CREATE INDEX sign_in_grants_member ON sign_in_grants (project_id, member_id);
CREATE INDEX sign_in_grants_expiry ON sign_in_grants (expires_at);
CREATE TABLE authorization_codes (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (project_id, grant_id) REFERENCES sign_in_grants (project_id, id) ON DELETE CASCADE
);
CREATE INDEX authorization_codes_grant ON authorization_codes (project_id, grant_id);
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    replaced_at BIGINT,
    ends_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (project_id, grant_id) REFERENCES sign_in_grants (project_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (project_id, grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);
