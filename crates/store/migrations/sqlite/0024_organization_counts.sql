-- How many organizations a project has, kept by whoever adds and removes one, for SQLite. Kept equal to its PostgreSQL
-- sibling by a test. The database itself does it, so that a node that does not know of it counts too. Nothing refers to the
-- project for the same reason: such a node removes one.
CREATE TABLE organization_counts (
    project_id TEXT NOT NULL PRIMARY KEY,
    listed BIGINT NOT NULL
);
CREATE TRIGGER organizations_counted AFTER INSERT ON organizations WHEN NEW.is_home = 0
BEGIN
    INSERT INTO organization_counts (project_id, listed) VALUES (NEW.project_id, 1)
        ON CONFLICT (project_id) DO UPDATE SET listed = listed + 1;
END;
CREATE TRIGGER organizations_uncounted AFTER DELETE ON organizations WHEN OLD.is_home = 0
BEGIN
    UPDATE organization_counts SET listed = listed - 1 WHERE project_id = OLD.project_id;
END;
INSERT INTO organization_counts (project_id, listed)
    SELECT project_id, COUNT(*) FROM organizations WHERE is_home = 0 GROUP BY project_id;
