-- Where a part of a name or slug is to be found: every tail of it in small letters, to 32 signs, so that a part is the beginning
-- of a tail and a range of an index, for SQLite. Kept equal to its PostgreSQL sibling by a test. The database itself does it, so
-- that a node that does not know of it keeps it too. Nothing refers to the organization for the same reason.
CREATE TABLE organization_tails (
    project_id TEXT NOT NULL,
    called TEXT NOT NULL,
    tail TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    PRIMARY KEY (project_id, called, tail, organization_id)
) WITHOUT ROWID;
-- As many as the longest name has signs. A trigger here takes no recursion of its own.
CREATE TABLE positions (place BIGINT NOT NULL PRIMARY KEY);
WITH RECURSIVE counted (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM counted WHERE place < 128)
    INSERT INTO positions (place) SELECT place FROM counted;
CREATE TRIGGER organizations_tailed AFTER INSERT ON organizations WHEN NEW.is_home = 0
BEGIN
    INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
        SELECT NEW.project_id, 'name', substr(lower(NEW.name), place, 32), NEW.id
        FROM positions WHERE place <= length(NEW.name);
    INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
        SELECT NEW.project_id, 'slug', substr(NEW.slug_key, place, 32), NEW.id
        FROM positions WHERE place <= length(NEW.slug_key);
END;
CREATE TRIGGER organizations_untailed AFTER DELETE ON organizations WHEN OLD.is_home = 0
BEGIN
    DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'name'
        AND tail IN (SELECT substr(lower(OLD.name), place, 32) FROM positions WHERE place <= length(OLD.name));
    DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'slug'
        AND tail IN (SELECT substr(OLD.slug_key, place, 32) FROM positions WHERE place <= length(OLD.slug_key));
END;
CREATE TRIGGER organizations_renamed AFTER UPDATE OF name ON organizations WHEN NEW.is_home = 0 AND NEW.name <> OLD.name
BEGIN
    DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'name'
        AND tail IN (SELECT substr(lower(OLD.name), place, 32) FROM positions WHERE place <= length(OLD.name));
    INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
        SELECT NEW.project_id, 'name', substr(lower(NEW.name), place, 32), NEW.id
        FROM positions WHERE place <= length(NEW.name);
END;
CREATE TRIGGER organizations_reslugged AFTER UPDATE OF slug_key ON organizations
    WHEN NEW.is_home = 0 AND NEW.slug_key <> OLD.slug_key
BEGIN
    DELETE FROM organization_tails WHERE project_id = OLD.project_id AND organization_id = OLD.id AND called = 'slug'
        AND tail IN (SELECT substr(OLD.slug_key, place, 32) FROM positions WHERE place <= length(OLD.slug_key));
    INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
        SELECT NEW.project_id, 'slug', substr(NEW.slug_key, place, 32), NEW.id
        FROM positions WHERE place <= length(NEW.slug_key);
END;
INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
    SELECT project_id, 'name', substr(lower(name), place, 32), id
    FROM organizations JOIN positions ON place <= length(name) WHERE is_home = 0;
INSERT OR IGNORE INTO organization_tails (project_id, called, tail, organization_id)
    SELECT project_id, 'slug', substr(slug_key, place, 32), id
    FROM organizations JOIN positions ON place <= length(slug_key) WHERE is_home = 0;
DROP INDEX organizations_called;
