-- Names, homes and common settings of connections, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- A connection from before, or made by a node that knows no names, is called by its id: that reads as a name and is nobody
-- else's. Common settings and kept options are columns of their own, so that such a node does not drop them when it changes the
-- document, and a sign-in through a connection without them reads nothing more.
ALTER TABLE connections ADD COLUMN name TEXT;
ALTER TABLE connections ADD COLUMN common TEXT;
ALTER TABLE connections ADD COLUMN kept_options TEXT;
CREATE UNIQUE INDEX connections_named ON connections (project_id, COALESCE(name, id)) WHERE deleted_at IS NULL;

-- By which domains of addresses people are led to a connection.
CREATE TABLE connection_domains (
    project_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    domain TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    PRIMARY KEY (project_id, domain, connection_id)
);
CREATE INDEX connection_domains_connection ON connection_domains (connection_id);
CREATE INDEX connection_domains_organization ON connection_domains (project_id, organization_id);
