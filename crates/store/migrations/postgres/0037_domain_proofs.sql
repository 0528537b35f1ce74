-- Domains that organizations show to be theirs, for PostgreSQL. Kept equal to its SQLite sibling by a test. Whose a domain is stands in
-- organization_domains, however that came to be known.
CREATE TABLE domain_proofs (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    next_check_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, organization_id, domain),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id) ON DELETE CASCADE
);
CREATE INDEX domain_proofs_due ON domain_proofs (next_check_at);
