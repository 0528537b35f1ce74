-- SAML connections, for PostgreSQL. Kept equal to its SQLite sibling by a test.

-- Private keys of one connection, sealed together. What an organization may have once, what decides roles and what
-- is watched for its end are looked up without reading the document.
ALTER TABLE connections ADD COLUMN sealed_private_keys TEXT COLLATE "C";
ALTER TABLE connections ADD COLUMN idp_entity_id TEXT COLLATE "C";
ALTER TABLE connections ADD COLUMN role_assignments TEXT COLLATE "C";
ALTER TABLE connections ADD COLUMN first_expiry BIGINT;
CREATE UNIQUE INDEX connections_idp_entity ON connections (project_id, organization_id, idp_entity_id)
    WHERE deleted_at IS NULL;
CREATE INDEX connections_expiry ON connections (first_expiry) WHERE deleted_at IS NULL;

-- The groups of the latest sign-in, which decide roles.
ALTER TABLE identities ADD COLUMN idp_groups TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- When each connection's metadata is read again. Whoever moves due_at or tried_at does the reading.
CREATE TABLE metadata_refreshes (
    connection_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    tried_at BIGINT
);
CREATE INDEX metadata_refreshes_due ON metadata_refreshes (due_at);

-- Which warnings about the end of a certificate were given; the first to insert one gives it.
CREATE TABLE certificate_notices (
    connection_id TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    days BIGINT NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, fingerprint, days)
);
