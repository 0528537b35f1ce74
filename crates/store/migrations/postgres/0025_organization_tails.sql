-- Where a part of a name or slug is to be found: every tail of it in small letters, to 32 signs, so that a part is the beginning
-- of a tail and a range of an index, for PostgreSQL. Kept equal to its SQLite sibling by a test. The database itself does it, so
-- that a node that does not know of it keeps it too. Nothing refers to the organization for the same reason.
CREATE TABLE organization_tails (
    project_id TEXT COLLATE "C" NOT NULL,
    called TEXT COLLATE "C" NOT NULL,
    tail TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, called, tail, organization_id)
);
-- As many as the longest name has signs; the sibling's triggers cannot count by themselves.
CREATE TABLE positions (place BIGINT NOT NULL PRIMARY KEY);
INSERT INTO positions (place) SELECT place FROM generate_series(1, 128) place;
CREATE FUNCTION organizations_tail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'name'
            AND tail IN (SELECT substr(lower(OLD.name COLLATE "C"), place::int, 32)
                         FROM positions WHERE place <= length(OLD.name));
        DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'slug'
            AND tail IN (SELECT substr(OLD.slug_key, place::int, 32)
                         FROM positions WHERE place <= length(OLD.slug_key));
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO organization_tails (project_id, called, tail, organization_id)
            SELECT NEW.project_id, 'name', substr(lower(NEW.name COLLATE "C"), place::int, 32), NEW.id
            FROM positions WHERE place <= length(NEW.name)
            UNION SELECT NEW.project_id, 'slug', substr(NEW.slug_key, place::int, 32), NEW.id
            FROM positions WHERE place <= length(NEW.slug_key)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
-- Who makes a trigger keeps writers out of the table until all is done, so that nothing is missed by what fills the table below.
CREATE TRIGGER organizations_tailed AFTER INSERT ON organizations
    FOR EACH ROW WHEN (NEW.is_home = 0) EXECUTE FUNCTION organizations_tail();
CREATE TRIGGER organizations_untailed AFTER DELETE ON organizations
    FOR EACH ROW WHEN (OLD.is_home = 0) EXECUTE FUNCTION organizations_tail();
CREATE TRIGGER organizations_renamed AFTER UPDATE ON organizations
    FOR EACH ROW WHEN (NEW.is_home = 0 AND (NEW.name <> OLD.name OR NEW.slug_key <> OLD.slug_key))
    EXECUTE FUNCTION organizations_tail();
INSERT INTO organization_tails (project_id, called, tail, organization_id)
    SELECT project_id, 'name', substr(lower(name COLLATE "C"), place::int, 32), id
    FROM organizations JOIN positions ON place <= length(name) WHERE is_home = 0
    UNION SELECT project_id, 'slug', substr(slug_key, place::int, 32), id
    FROM organizations JOIN positions ON place <= length(slug_key) WHERE is_home = 0;
DROP INDEX organizations_called;
