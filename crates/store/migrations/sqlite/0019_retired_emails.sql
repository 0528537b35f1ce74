-- Whose the addresses are that members had before, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- There is no foreign key: rows are written only with their member, and go with them.
CREATE TABLE retired_emails (
    project_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    email TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (project_id, organization_id, email)
);
CREATE INDEX retired_emails_member ON retired_emails (project_id, member_id);
