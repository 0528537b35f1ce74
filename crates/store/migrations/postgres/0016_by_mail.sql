-- Signing in by mail, for PostgreSQL. Kept equal to its SQLite sibling by a test.
CREATE TABLE magic_links (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    organization_id TEXT,
    member_id TEXT,
    moves BIGINT NOT NULL,
    address TEXT NOT NULL,
    code_challenge TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX magic_links_expiry ON magic_links (expires_at);
CREATE INDEX magic_links_project ON magic_links (project_id);

-- What moves gives its member the address that it was sent to.

-- One code of each subject is good: the newest. A tag tells the code to whoever has the data key.
CREATE TABLE email_codes (
    project_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    tag TEXT NOT NULL,
    member_id TEXT,
    moves BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, subject)
);
CREATE INDEX email_codes_expiry ON email_codes (expires_at);

-- How often something was done since when, by any node.
CREATE TABLE quotas (
    project_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    since BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (project_id, subject)
);
CREATE INDEX quotas_since ON quotas (since);
