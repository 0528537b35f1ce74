-- What organizations are called is looked through without their documents, for SQLite. Kept equal to its PostgreSQL sibling by a
-- test. PostgreSQL reads the name itself from an index before it takes what was made of it from there too.
CREATE INDEX organizations_called ON organizations (project_id, is_home, lower(name), slug_key, name, id);
