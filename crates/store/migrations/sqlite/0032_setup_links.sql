-- Links into the set-up portal, and the sessions of those who opened one, for SQLite. Kept equal to its PostgreSQL sibling by a test.
CREATE TABLE setup_links (
    project_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT,
    completed_at BIGINT,
    revoked_at BIGINT,
    version BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX setup_links_token ON setup_links (token_hash);
CREATE INDEX setup_links_organization ON setup_links (project_id, organization_id, created_at, id);
CREATE INDEX setup_links_time ON setup_links (project_id, created_at, id);
CREATE INDEX setup_links_expiry ON setup_links (expires_at);
CREATE TABLE setup_sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    FOREIGN KEY (project_id, link_id) REFERENCES setup_links (project_id, id) ON DELETE CASCADE
);
CREATE INDEX setup_sessions_link ON setup_sessions (project_id, link_id);
CREATE INDEX setup_sessions_expiry ON setup_sessions (ends_at);
-- Tests of connections, begun once by whoever has the link.
CREATE TABLE connection_tests (
    project_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    doc TEXT NOT NULL,
    outcome TEXT,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX connection_tests_token ON connection_tests (token_hash);
CREATE INDEX connection_tests_connection ON connection_tests (project_id, connection_id, created_at, id);
CREATE INDEX connection_tests_organization ON connection_tests (project_id, organization_id);
CREATE INDEX connection_tests_time ON connection_tests (created_at);
