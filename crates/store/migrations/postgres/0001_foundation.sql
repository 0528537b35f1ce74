-- The foundation, for PostgreSQL. Kept equal to its SQLite sibling by a test. Texts compare by byte as
-- they do in SQLite, which also keeps their order the same.
-- Conventions: time is BIGINT milliseconds, a yes or no is BIGINT 0/1, JSON is TEXT. Look-up columns stand
-- beside a document that holds the rest. Unique indexes are named: the store reports violations by name.
-- When a row violates several of them, PostgreSQL reports the one made first and SQLite the one made last:
-- unique indexes of one table are made in opposite orders here and there.

CREATE TABLE data_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped TEXT COLLATE "C" NOT NULL,
    master_key_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX data_keys_active ON data_keys (state) WHERE state = 'active';

CREATE TABLE projects (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    public_token TEXT COLLATE "C" NOT NULL,
    home_organization_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX projects_public_token ON projects (public_token);

CREATE TABLE project_secrets (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    secret_hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (project_id, secret_hash)
);

CREATE TABLE redirect_urls (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    kind TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    is_default BIGINT NOT NULL,
    PRIMARY KEY (project_id, kind, url)
);
CREATE UNIQUE INDEX redirect_urls_default ON redirect_urls (project_id, kind) WHERE is_default = 1;

CREATE TABLE signing_keys (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sealed_private_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE INDEX signing_keys_project ON signing_keys (project_id, created_at);

CREATE TABLE policies (
    project_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES projects (id),
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);

CREATE TABLE organizations (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    id TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    slug_key TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    is_home BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX organizations_slug ON organizations (project_id, slug_key);
CREATE UNIQUE INDEX organizations_external_id ON organizations (project_id, external_id);
CREATE INDEX organizations_listing ON organizations (project_id, is_home, created_at, id);

CREATE TABLE organization_domains (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, organization_id, kind, domain),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id)
);
CREATE INDEX organization_domains_lookup ON organization_domains (project_id, kind, domain);
CREATE UNIQUE INDEX organization_domains_claimed ON organization_domains (project_id, domain)
    WHERE kind = 'claimed';

CREATE TABLE members (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    email TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    is_breakglass BIGINT NOT NULL,
    mfa_phone_number TEXT COLLATE "C" NOT NULL,
    roles TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id)
);
CREATE UNIQUE INDEX members_email ON members (project_id, organization_id, email) WHERE status <> 'deleted';
CREATE UNIQUE INDEX members_external_id ON members (project_id, organization_id, external_id)
    WHERE status <> 'deleted';
CREATE INDEX members_listing ON members (project_id, organization_id, created_at, id);
CREATE INDEX members_address ON members (project_id, email);

CREATE TABLE connections (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    protocol TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    identity_provider TEXT COLLATE "C" NOT NULL,
    source_connection_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL,
    sealed_client_secret TEXT COLLATE "C",
    doc TEXT COLLATE "C" NOT NULL,
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id)
);
CREATE INDEX connections_listing ON connections (project_id, organization_id, created_at, id);
CREATE INDEX connections_source ON connections (project_id, source_connection_id);

CREATE TABLE identities (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_login_at BIGINT NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, member_id) REFERENCES members (project_id, id)
);
CREATE UNIQUE INDEX identities_subject ON identities (connection_id, external_id, organization_id);
CREATE INDEX identities_member ON identities (project_id, member_id);
CREATE INDEX identities_organization ON identities (project_id, organization_id);

CREATE TABLE login_attempts (
    state_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX login_attempts_expiry ON login_attempts (expires_at);

CREATE TABLE sso_tokens (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sso_tokens_expiry ON sso_tokens (expires_at);

CREATE TABLE intermediate_sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX intermediate_sessions_expiry ON intermediate_sessions (expires_at);

CREATE TABLE sessions (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash TEXT COLLATE "C" NOT NULL,
    sealed_token TEXT COLLATE "C" NOT NULL,
    connections TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    last_accessed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    FOREIGN KEY (project_id, member_id) REFERENCES members (project_id, id)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_member ON sessions (project_id, organization_id, member_id);
CREATE INDEX sessions_owner ON sessions (project_id, member_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE traces (
    project_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX traces_listing ON traces (project_id, at, id);

CREATE TABLE replays (
    connection_id TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, message_id)
);
CREATE INDEX replays_expiry ON replays (expires_at);

CREATE TABLE audit_events (
    project_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C",
    at BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_events_listing ON audit_events (project_id, at, id);
