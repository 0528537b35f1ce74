-- Which messages were used, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- A message is used once in a project, whichever connection it is brought to: the key is who issued it.
CREATE TABLE used_messages (
    project_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    message_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, issuer, message_id)
);
CREATE INDEX used_messages_expiry ON used_messages (expires_at);
INSERT INTO used_messages (project_id, issuer, message_id, expires_at)
    SELECT r.project_id, c.idp_entity_id, r.message_id, MAX(r.expires_at)
    FROM replays r JOIN connections c ON c.id = r.connection_id
    WHERE c.idp_entity_id IS NOT NULL
    GROUP BY r.project_id, c.idp_entity_id, r.message_id;
DROP TABLE replays;
