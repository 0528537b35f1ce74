-- For whom the project's key goes on signing, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- Client assertions are signed by a key of the connection. For those that proved themselves by the project's key until now
-- it goes on signing, while they are what they were: a provider that has not read the new key locks nobody out. The text is
-- looked for rather than parsed, so that a document that cannot be read stops no migration.
ALTER TABLE connections ADD COLUMN former_client TEXT;
UPDATE connections SET former_client = doc
    WHERE protocol = 'oidc' AND deleted_at IS NULL AND sealed_private_keys IS NULL
    AND doc LIKE '%"client_authentication":"private_key_jwt"%';
