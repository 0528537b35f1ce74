-- Whose the addresses are that members had before, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- There is no foreign key: rows are written only with their member, and go with them.
CREATE TABLE retired_emails (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, organization_id, email)
);
CREATE INDEX retired_emails_member ON retired_emails (project_id, member_id);
