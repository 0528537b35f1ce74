-- Second factors of members, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- A member has one authenticator application, which waits for its first proof until expires_at, or for nothing. Tries
-- are counted by member.
CREATE TABLE totp_registrations (
    project_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    id TEXT NOT NULL,
    sealed_secrets TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (project_id, member_id),
    FOREIGN KEY (project_id, member_id) REFERENCES members (project_id, id)
);
CREATE INDEX totp_registrations_id ON totp_registrations (id);
CREATE INDEX totp_registrations_organization ON totp_registrations (project_id, organization_id);
CREATE INDEX totp_registrations_expiry ON totp_registrations (expires_at);

CREATE TABLE mfa_attempts (
    project_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, member_id)
);
CREATE INDEX mfa_attempts_age ON mfa_attempts (last_at);

CREATE TABLE sms_codes (
    project_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    stamp TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project_id, member_id)
);
CREATE INDEX sms_codes_expiry ON sms_codes (expires_at);
