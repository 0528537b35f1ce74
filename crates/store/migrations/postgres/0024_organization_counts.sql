-- How many organizations a project has, kept by whoever adds and removes one, for PostgreSQL. Kept equal to its SQLite
-- sibling by a test. The database itself does it, so that a node that does not know of it counts too. Nothing refers to the
-- project for the same reason: such a node removes one.
CREATE TABLE organization_counts (
    project_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    listed BIGINT NOT NULL
);
CREATE FUNCTION organizations_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO organization_counts (project_id, listed) VALUES (NEW.project_id, 1)
            ON CONFLICT (project_id) DO UPDATE SET listed = organization_counts.listed + 1;
    ELSE
        UPDATE organization_counts SET listed = listed - 1 WHERE project_id = OLD.project_id;
    END IF;
    RETURN NULL;
END $$;
-- At the end of a transaction: the row is one for all who add, and nobody waits for anything else while they have it. Who makes
-- a trigger keeps writers out of the table until all is done, so that nothing is missed by the first count.
CREATE CONSTRAINT TRIGGER organizations_counted AFTER INSERT ON organizations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.is_home = 0) EXECUTE FUNCTION organizations_count();
CREATE CONSTRAINT TRIGGER organizations_uncounted AFTER DELETE ON organizations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.is_home = 0) EXECUTE FUNCTION organizations_count();
INSERT INTO organization_counts (project_id, listed)
    SELECT project_id, COUNT(*) FROM organizations WHERE is_home = 0 GROUP BY project_id;
