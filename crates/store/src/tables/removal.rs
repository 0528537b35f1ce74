//! Removing a project with everything in it.

use vestibule_domain::id::ProjectId;

use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// Rows deleted per batch.
const CHUNK: i64 = 500;

/// What a project has, table by table.
const COUNTS: [(&str, &str); 54] = [
    ("domain_proofs", "SELECT 'count', COUNT(*) FROM domain_proofs WHERE project_id = ?1"),
    ("directory_traces", "SELECT 'count', COUNT(*) FROM directory_traces WHERE project_id = ?1"),
    ("directory_group_roles", "SELECT 'count', COUNT(*) FROM directory_group_roles WHERE project_id = ?1"),
    ("directory_memberships", "SELECT 'count', COUNT(*) FROM directory_memberships WHERE project_id = ?1"),
    ("directory_addresses", "SELECT 'count', COUNT(*) FROM directory_addresses WHERE project_id = ?1"),
    ("directory_groups", "SELECT 'count', COUNT(*) FROM directory_groups WHERE project_id = ?1"),
    ("directory_users", "SELECT 'count', COUNT(*) FROM directory_users WHERE project_id = ?1"),
    ("directory_tokens", "SELECT 'count', COUNT(*) FROM directory_tokens WHERE project_id = ?1"),
    ("directories", "SELECT 'count', COUNT(*) FROM directories WHERE project_id = ?1"),
    ("connection_tests", "SELECT 'count', COUNT(*) FROM connection_tests WHERE project_id = ?1"),
    ("setup_sessions", "SELECT 'count', COUNT(*) FROM setup_sessions WHERE project_id = ?1"),
    ("setup_links", "SELECT 'count', COUNT(*) FROM setup_links WHERE project_id = ?1"),
    ("authorization_codes", "SELECT 'count', COUNT(*) FROM authorization_codes WHERE project_id = ?1"),
    ("refresh_tokens", "SELECT 'count', COUNT(*) FROM refresh_tokens WHERE project_id = ?1"),
    ("sign_in_grants", "SELECT 'count', COUNT(*) FROM sign_in_grants WHERE project_id = ?1"),
    ("login_session_uses", "SELECT 'count', COUNT(*) FROM login_session_uses WHERE project_id = ?1"),
    ("login_sessions", "SELECT 'count', COUNT(*) FROM login_sessions WHERE project_id = ?1"),
    ("login_settings", "SELECT 'count', COUNT(*) FROM login_settings WHERE project_id = ?1"),
    ("login_hosts", "SELECT 'count', COUNT(*) FROM login_hosts WHERE project_id = ?1"),
    (
        "application_connections",
        "SELECT 'count', COUNT(*) FROM application_connections WHERE project_id = ?1",
    ),
    ("client_grants", "SELECT 'count', COUNT(*) FROM client_grants WHERE project_id = ?1"),
    ("applications", "SELECT 'count', COUNT(*) FROM applications WHERE project_id = ?1"),
    ("magic_links", "SELECT 'count', COUNT(*) FROM magic_links WHERE project_id = ?1"),
    ("email_codes", "SELECT 'count', COUNT(*) FROM email_codes WHERE project_id = ?1"),
    ("quotas", "SELECT 'count', COUNT(*) FROM quotas WHERE project_id = ?1"),
    ("outbox", "SELECT 'count', COUNT(*) FROM outbox WHERE project_id = ?1"),
    ("sessions", "SELECT 'count', COUNT(*) FROM sessions WHERE project_id = ?1"),
    ("intermediate_sessions", "SELECT 'count', COUNT(*) FROM intermediate_sessions WHERE project_id = ?1"),
    ("sso_tokens", "SELECT 'count', COUNT(*) FROM sso_tokens WHERE project_id = ?1"),
    ("login_attempts", "SELECT 'count', COUNT(*) FROM login_attempts WHERE project_id = ?1"),
    ("totp_registrations", "SELECT 'count', COUNT(*) FROM totp_registrations WHERE project_id = ?1"),
    ("mfa_attempts", "SELECT 'count', COUNT(*) FROM mfa_attempts WHERE project_id = ?1"),
    ("sms_codes", "SELECT 'count', COUNT(*) FROM sms_codes WHERE project_id = ?1"),
    ("identities", "SELECT 'count', COUNT(*) FROM identities WHERE project_id = ?1"),
    ("used_messages", "SELECT 'count', COUNT(*) FROM used_messages WHERE project_id = ?1"),
    ("metadata_refreshes", "SELECT 'count', COUNT(*) FROM metadata_refreshes WHERE project_id = ?1"),
    ("certificate_notices", "SELECT 'count', COUNT(*) FROM certificate_notices WHERE project_id = ?1"),
    ("traces", "SELECT 'count', COUNT(*) FROM traces WHERE project_id = ?1"),
    ("audit_events", "SELECT 'count', COUNT(*) FROM audit_events WHERE project_id = ?1"),
    ("connection_domains", "SELECT 'count', COUNT(*) FROM connection_domains WHERE project_id = ?1"),
    ("connections", "SELECT 'count', COUNT(*) FROM connections WHERE project_id = ?1"),
    ("members", "SELECT 'count', COUNT(*) FROM members WHERE project_id = ?1"),
    ("retired_emails", "SELECT 'count', COUNT(*) FROM retired_emails WHERE project_id = ?1"),
    ("organization_names", "SELECT 'count', COUNT(*) FROM organization_names WHERE project_id = ?1"),
    ("organization_domains", "SELECT 'count', COUNT(*) FROM organization_domains WHERE project_id = ?1"),
    ("organizations", "SELECT 'count', COUNT(*) FROM organizations WHERE project_id = ?1"),
    ("organization_counts", "SELECT 'count', COUNT(*) FROM organization_counts WHERE project_id = ?1"),
    ("organization_tails", "SELECT 'count', COUNT(*) FROM organization_tails WHERE project_id = ?1"),
    ("policies", "SELECT 'count', COUNT(*) FROM policies WHERE project_id = ?1"),
    ("redirect_urls", "SELECT 'count', COUNT(*) FROM redirect_urls WHERE project_id = ?1"),
    ("signing_keys", "SELECT 'count', COUNT(*) FROM signing_keys WHERE project_id = ?1"),
    ("session_migrations", "SELECT 'count', COUNT(*) FROM session_migrations WHERE project_id = ?1"),
    ("frontend_settings", "SELECT 'count', COUNT(*) FROM frontend_settings WHERE project_id = ?1"),
    ("project_secrets", "SELECT 'count', COUNT(*) FROM project_secrets WHERE project_id = ?1"),
];

/// What refers to something comes before it.
const DELETES: [&str; 54] = [
    "DELETE FROM directory_traces WHERE project_id = ?1 AND id IN
         (SELECT id FROM directory_traces WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_group_roles WHERE project_id = ?1 AND group_id IN
         (SELECT group_id FROM directory_group_roles WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_memberships WHERE project_id = ?1 AND group_id IN
         (SELECT group_id FROM directory_memberships WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_addresses WHERE project_id = ?1 AND user_id IN
         (SELECT user_id FROM directory_addresses WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_groups WHERE project_id = ?1 AND id IN
         (SELECT id FROM directory_groups WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_users WHERE project_id = ?1 AND id IN
         (SELECT id FROM directory_users WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directory_tokens WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM directory_tokens WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM directories WHERE project_id = ?1 AND id IN
         (SELECT id FROM directories WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM domain_proofs WHERE project_id = ?1 AND domain IN
         (SELECT domain FROM domain_proofs WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM connection_tests WHERE project_id = ?1 AND id IN
         (SELECT id FROM connection_tests WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM setup_sessions WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM setup_sessions WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM setup_links WHERE project_id = ?1 AND id IN
         (SELECT id FROM setup_links WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM authorization_codes WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM authorization_codes WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM refresh_tokens WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM refresh_tokens WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM sign_in_grants WHERE project_id = ?1 AND id IN
         (SELECT id FROM sign_in_grants WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM login_session_uses WHERE project_id = ?1 AND session_id IN
         (SELECT session_id FROM login_session_uses WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM login_sessions WHERE project_id = ?1 AND id IN
         (SELECT id FROM login_sessions WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM login_settings WHERE project_id = ?1 AND project_id IN
         (SELECT project_id FROM login_settings WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM login_hosts WHERE project_id = ?1 AND host IN
         (SELECT host FROM login_hosts WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM application_connections WHERE project_id = ?1 AND connection_id IN
         (SELECT connection_id FROM application_connections WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM client_grants WHERE project_id = ?1 AND id IN
         (SELECT id FROM client_grants WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM applications WHERE project_id = ?1 AND id IN
         (SELECT id FROM applications WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM magic_links WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM magic_links WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM email_codes WHERE project_id = ?1 AND subject IN
         (SELECT subject FROM email_codes WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM quotas WHERE project_id = ?1 AND subject IN
         (SELECT subject FROM quotas WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM outbox WHERE project_id = ?1 AND id IN
         (SELECT id FROM outbox WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM sessions WHERE project_id = ?1 AND id IN
         (SELECT id FROM sessions WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM intermediate_sessions WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM intermediate_sessions WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM sso_tokens WHERE project_id = ?1 AND hash IN
         (SELECT hash FROM sso_tokens WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM login_attempts WHERE project_id = ?1 AND state_hash IN
         (SELECT state_hash FROM login_attempts WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM totp_registrations WHERE project_id = ?1 AND member_id IN
         (SELECT member_id FROM totp_registrations WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM mfa_attempts WHERE project_id = ?1 AND member_id IN
         (SELECT member_id FROM mfa_attempts WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM sms_codes WHERE project_id = ?1 AND member_id IN
         (SELECT member_id FROM sms_codes WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM identities WHERE project_id = ?1 AND id IN
         (SELECT id FROM identities WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM used_messages WHERE project_id = ?1 AND message_id IN
         (SELECT message_id FROM used_messages WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM metadata_refreshes WHERE project_id = ?1 AND connection_id IN
         (SELECT connection_id FROM metadata_refreshes WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM certificate_notices WHERE project_id = ?1 AND connection_id IN
         (SELECT connection_id FROM certificate_notices WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM traces WHERE project_id = ?1 AND id IN
         (SELECT id FROM traces WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM audit_events WHERE project_id = ?1 AND id IN
         (SELECT id FROM audit_events WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM connection_domains WHERE project_id = ?1 AND domain IN
         (SELECT domain FROM connection_domains WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM connections WHERE project_id = ?1 AND id IN
         (SELECT id FROM connections WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM members WHERE project_id = ?1 AND id IN
         (SELECT id FROM members WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM retired_emails WHERE project_id = ?1 AND email IN
         (SELECT email FROM retired_emails WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM organization_names WHERE project_id = ?1 AND name_key IN
         (SELECT name_key FROM organization_names WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM organization_domains WHERE project_id = ?1 AND domain IN
         (SELECT domain FROM organization_domains WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM organizations WHERE project_id = ?1 AND id IN
         (SELECT id FROM organizations WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM organization_counts WHERE project_id = ?1 AND project_id IN
         (SELECT project_id FROM organization_counts WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM organization_tails WHERE project_id = ?1 AND tail IN
         (SELECT tail FROM organization_tails WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM policies WHERE project_id = ?1 AND project_id IN
         (SELECT project_id FROM policies WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM redirect_urls WHERE project_id = ?1 AND url IN
         (SELECT url FROM redirect_urls WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM signing_keys WHERE project_id = ?1 AND id IN
         (SELECT id FROM signing_keys WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM session_migrations WHERE project_id = ?1 AND project_id IN
         (SELECT project_id FROM session_migrations WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM frontend_settings WHERE project_id = ?1 AND project_id IN
         (SELECT project_id FROM frontend_settings WHERE project_id = ?1 LIMIT ?2)",
    "DELETE FROM project_secrets WHERE project_id = ?1 AND secret_hash IN
         (SELECT secret_hash FROM project_secrets WHERE project_id = ?1 LIMIT ?2)",
];
const DELETE: &str = "DELETE FROM projects WHERE id = ?1";

const NOTHING_LEFT: Guard = Guard("removal_nothing_left");

/// Every statement, for the test that prepares them all.
pub(crate) fn all() -> Vec<&'static str> {
    COUNTS.iter().map(|(_, sql)| *sql).chain(DELETES).chain([DELETE]).collect()
}

impl Store {
    /// How many rows of a project each table has, where it has any.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn project_rows(&self, project: ProjectId) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let mut rows = Vec::new();
        for (table, sql) in COUNTS {
            let read = Read::new(table, sql, params![Param::display(project)]);
            let count = self.query_opt(read, |row| row.int(1)).await?.unwrap_or_default();
            if count > 0 {
                rows.push((table, count));
            }
        }
        Ok(rows)
    }

    /// Removes a project and all that is its own, in chunks. Interrupted, it can be done again. Whoever uses the project
    /// meanwhile may make it start over with what they have made; the last step fails as long as there is any of it.
    ///
    /// # Errors
    /// [`StoreError::Reference`] when something of the project was made at the last moment, or the database's.
    pub async fn remove_project(&self, project: ProjectId) -> Result<(), StoreError> {
        let id = Param::display(project);
        for sql in DELETES {
            loop {
                let chunk = Write::some(sql, params![id.clone(), CHUNK], NOTHING_LEFT);
                match self.commit(chunk).await {
                    Ok(()) => {}
                    Err(error) if error.is_guard(NOTHING_LEFT) => break,
                    Err(error) => return Err(error),
                }
            }
        }
        self.commit(Write::any(DELETE, params![id])).await
    }
}
