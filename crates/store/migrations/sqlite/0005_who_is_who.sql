-- Who is who, for SQLite. Kept equal to its PostgreSQL sibling by a test.

-- Slugs and external ids of organizations in one name space per project, each with one owner. The older organization
-- keeps a name that two have; what reads as an organization's id is nobody's name. What that leaves without a name is
-- mended by the program, which can say so. There is no foreign key: it would lock the organization out of its turn, and
-- names are written only with their organization.
CREATE TABLE organization_names (
    project_id TEXT NOT NULL,
    name_key TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    PRIMARY KEY (project_id, name_key)
);
CREATE INDEX organization_names_owner ON organization_names (project_id, organization_id);
INSERT INTO organization_names (project_id, name_key, organization_id)
    SELECT n.project_id, n.name_key, n.id FROM (
        SELECT o.project_id, o.id, o.created_at, o.slug_key AS name_key FROM organizations o WHERE o.is_home = 0
        UNION
        SELECT o.project_id, o.id, o.created_at, lower(o.external_id) AS name_key FROM organizations o
        WHERE o.is_home = 0 AND o.external_id IS NOT NULL
    ) n
    WHERE n.name_key NOT LIKE 'organization-test-%' AND n.name_key NOT LIKE 'organization-live-%'
    ORDER BY n.created_at, n.id
    ON CONFLICT (project_id, name_key) DO NOTHING;

-- A subject is one only together with its issuer, and a SAML name with its qualifiers. Rows from before have neither
-- until the program has bound them to the issuer that their connection leads to now; a SAML name takes its qualifiers
-- at the next sign-in. What several subjects of one connection are to one member from before stays so: surplus.
ALTER TABLE identities ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN subject_key TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN qualifiers TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN surplus BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN said TEXT;
UPDATE identities SET subject_key = external_id;
UPDATE identities SET surplus = 1 WHERE EXISTS (
    SELECT 1 FROM identities o WHERE o.project_id = identities.project_id
        AND o.connection_id = identities.connection_id AND o.member_id = identities.member_id
        AND (o.created_at < identities.created_at OR (o.created_at = identities.created_at AND o.id < identities.id)));
DROP INDEX identities_subject;
CREATE UNIQUE INDEX identities_bond ON identities (project_id, connection_id, member_id) WHERE surplus = 0;
CREATE UNIQUE INDEX identities_subject
    ON identities (connection_id, subject_key, issuer, qualifiers, organization_id);
