-- What operators need, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- Programs that know the migrations up to this one can work with the database, however many it has: a migration that
-- programs before it cannot live with raises it.
CREATE TABLE schema_floor (
    id BIGINT NOT NULL PRIMARY KEY,
    known BIGINT NOT NULL
);
INSERT INTO schema_floor (id, known) VALUES (1, 11);

-- Written to find out whether writing works.
CREATE TABLE probes (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
INSERT INTO probes (id, at) VALUES (1, 0);

-- One key of a project is active. Of several that were made at once the newest goes on, which is the one that signs.
UPDATE signing_keys SET retired_at = (
    SELECT MAX(newest.created_at) FROM signing_keys newest
    WHERE newest.project_id = signing_keys.project_id AND newest.retired_at IS NULL)
WHERE retired_at IS NULL AND EXISTS (
    SELECT 1 FROM signing_keys newer WHERE newer.project_id = signing_keys.project_id AND newer.retired_at IS NULL
        AND (newer.created_at > signing_keys.created_at
            OR (newer.created_at = signing_keys.created_at AND newer.id > signing_keys.id)));
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (project_id) WHERE retired_at IS NULL;
