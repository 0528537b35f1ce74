-- Discovery documents are read again, as SAML metadata is, for PostgreSQL. Kept equal to its SQLite sibling by a test.
INSERT INTO metadata_refreshes (connection_id, project_id, due_at)
    SELECT id, project_id, 0 FROM connections WHERE protocol = 'oidc' AND deleted_at IS NULL
    ON CONFLICT (connection_id) DO NOTHING;
