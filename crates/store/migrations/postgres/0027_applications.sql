-- Applications, what each may do at which API, which connections people sign in to it through, and under which names of hosts a
-- project signs people in, for PostgreSQL. Kept equal to its SQLite sibling by a test.
CREATE TABLE applications (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    first_party BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed_secret TEXT,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX applications_client_id ON applications (project_id, client_id);
CREATE INDEX applications_created ON applications (project_id, created_at, id);
CREATE TABLE client_grants (
    project_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    application_id TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, application_id) REFERENCES applications (project_id, id)
);
CREATE UNIQUE INDEX client_grants_audience ON client_grants (project_id, application_id, audience);
CREATE INDEX client_grants_created ON client_grants (project_id, created_at, id);
CREATE TABLE application_connections (
    project_id TEXT COLLATE "C" NOT NULL,
    application_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, connection_id, application_id),
    FOREIGN KEY (project_id, application_id) REFERENCES applications (project_id, id)
);
CREATE INDEX application_connections_application ON application_connections (project_id, application_id, connection_id);
CREATE TABLE login_hosts (
    host TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX login_hosts_project ON login_hosts (project_id, host);
