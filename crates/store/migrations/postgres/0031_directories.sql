-- Directories, their tokens, the people and groups that they have, and what became of their requests, for PostgreSQL. Kept equal to its
-- SQLite sibling by a test.
CREATE TABLE directories (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, organization_id) REFERENCES organizations (project_id, id)
);
CREATE UNIQUE INDEX directories_place ON directories (project_id, organization_id, connection_id)
    WHERE deleted_at IS NULL;
CREATE TABLE directory_tokens (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    last_used_at BIGINT,
    FOREIGN KEY (project_id, directory_id) REFERENCES directories (project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_tokens_directory ON directory_tokens (project_id, directory_id);
CREATE TABLE directory_users (
    project_id TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C",
    user_name TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, directory_id) REFERENCES directories (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX directory_users_user_name ON directory_users (project_id, directory_id, user_name);
CREATE UNIQUE INDEX directory_users_external_id ON directory_users (project_id, directory_id, external_id);
CREATE UNIQUE INDEX directory_users_member ON directory_users (project_id, member_id, directory_id);
CREATE INDEX directory_users_listing ON directory_users (project_id, directory_id, created_at, id);
CREATE TABLE directory_addresses (
    project_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    locked_out BIGINT NOT NULL,
    PRIMARY KEY (project_id, organization_id, address, user_id),
    FOREIGN KEY (project_id, directory_id) REFERENCES directories (project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_addresses_user ON directory_addresses (project_id, user_id);
CREATE INDEX directory_addresses_directory ON directory_addresses (project_id, directory_id);
CREATE TABLE directory_groups (
    project_id TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, directory_id) REFERENCES directories (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX directory_groups_name ON directory_groups (project_id, directory_id, name_key);
CREATE INDEX directory_groups_external_id ON directory_groups (project_id, directory_id, external_id);
CREATE INDEX directory_groups_listing ON directory_groups (project_id, directory_id, created_at, id);
CREATE TABLE directory_memberships (
    project_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    display TEXT COLLATE "C",
    PRIMARY KEY (project_id, group_id, user_id),
    FOREIGN KEY (project_id, group_id) REFERENCES directory_groups (project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES directory_users (project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_memberships_user ON directory_memberships (project_id, user_id, group_id);
CREATE TABLE directory_group_roles (
    project_id TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    role_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, group_id, role_id),
    FOREIGN KEY (project_id, group_id) REFERENCES directory_groups (project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_group_roles_directory ON directory_group_roles (project_id, directory_id);
CREATE TABLE directory_traces (
    project_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    directory_id TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, directory_id) REFERENCES directories (project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_traces_listing ON directory_traces (project_id, directory_id, at, id);
