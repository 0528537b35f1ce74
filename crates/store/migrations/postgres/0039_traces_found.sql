-- Sign-ins of one organization, and those that nobody signed in by, however many others there are, for PostgreSQL. Kept equal to its SQLite sibling by
-- a test. Sign-ins that succeed are in one index more, and in none of those for the others.
CREATE INDEX traces_organization ON traces (project_id, organization_id, at, id);
CREATE INDEX traces_unaccepted ON traces (project_id, outcome, at, id) WHERE outcome <> 'accepted';
CREATE INDEX traces_organization_unaccepted ON traces (project_id, organization_id, outcome, at, id) WHERE outcome <> 'accepted';
