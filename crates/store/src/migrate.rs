//! Migrations: two small folders kept equal by a test, applied only when somebody asks.

use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;

use crate::dialect::Script;
use crate::error::StoreError;
use crate::params;
use crate::sql::{Read, Write};
use crate::store::Store;
use crate::upgrade;

struct Migration {
    version: i64,
    name: &'static str,
    script: Script,
}

/// The migration before which the program does what SQL cannot say. It may be done twice.
const TOLD: &str = "0006_who_is_who_told";
/// The same of addresses that members had before.
const RESERVED: &str = "0020_retired_emails_reserved";

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            script: Script {
                sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
                postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
            },
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_foundation"),
    migration!(2, "0002_saml"),
    migration!(3, "0003_events"),
    migration!(4, "0004_oidc_readings"),
    migration!(5, "0005_who_is_who"),
    migration!(6, "0006_who_is_who_told"),
    migration!(7, "0007_retention"),
    migration!(8, "0008_used_messages"),
    migration!(9, "0009_former_clients"),
    migration!(10, "0010_retired_data_keys"),
    migration!(11, "0011_operations"),
    migration!(12, "0012_fewer_indexes"),
    migration!(13, "0013_outbox"),
    migration!(14, "0014_policy_versions"),
    migration!(15, "0015_borrowed_connections"),
    migration!(16, "0016_by_mail"),
    migration!(17, "0017_second_factors"),
    migration!(18, "0018_project_secrets"),
    migration!(19, "0019_retired_emails"),
    migration!(20, "0020_retired_emails_reserved"),
    migration!(21, "0021_session_migrations"),
    migration!(22, "0022_frontend_settings"),
    migration!(23, "0023_what_organizations_are_called"),
    migration!(24, "0024_organization_counts"),
    migration!(25, "0025_organization_tails"),
    migration!(26, "0026_named_connections"),
    migration!(27, "0027_applications"),
    migration!(28, "0028_arrivals"),
    migration!(29, "0029_sign_in_grants"),
    migration!(30, "0030_login_sessions"),
    migration!(31, "0031_directories"),
    migration!(32, "0032_setup_links"),
    migration!(33, "0033_login_settings"),
    migration!(35, "0035_directory_policies"),
    migration!(37, "0037_domain_proofs"),
    migration!(39, "0039_traces_found"),
];

/// The migration that brings the floor.
const FLOOR_SINCE: i64 = 11;

/// The record of what was applied; made before the first migration, the same on both engines.
const LEDGER: Script = {
    const SQL: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
        version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";
    Script { sqlite: SQL, postgres: SQL }
};

const APPLIED: &str = "SELECT name, version FROM schema_migrations ORDER BY version";
const RECORD: &str = "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?1, ?2, ?3)
     ON CONFLICT DO NOTHING";

const FLOOR: &str = "SELECT 'floor', known FROM schema_floor WHERE id = 1";
pub(crate) const ALL: &[&str] = &[APPLIED, RECORD, FLOOR];

impl Store {
    /// The names of the migrations that this program knows and the database lacks. A database that is ahead of this program
    /// is fine as long as the migrations that it does not know leave programs like this one working, which they say
    /// themselves (`schema_floor`): so the nodes of a rolling upgrade work side by side.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when the database is ahead of this program by more than that.
    pub async fn pending_migrations(&self) -> Result<Vec<&'static str>, StoreError> {
        let applied = self.applied().await?;
        let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
        if let Some(found) = applied.iter().copied().filter(|version| *version > known).max()
            && self.floor(&applied).await? > known
        {
            return Err(StoreError::Newer { found, known });
        }
        let pending = MIGRATIONS.iter().filter(|migration| !applied.contains(&migration.version));
        Ok(pending.map(|migration| migration.name).collect())
    }

    /// What a program must know to work with the database. One from before there was a floor says nothing about it.
    async fn floor(&self, applied: &[i64]) -> Result<i64, StoreError> {
        if !applied.contains(&FLOOR_SINCE) {
            return Ok(i64::MAX);
        }
        let floor = self.query_opt(Read::new("schema_floor", FLOOR, Vec::new()), |row| row.int(1)).await?;
        Ok(floor.unwrap_or(i64::MAX))
    }

    /// Whether nobody has ever migrated the database.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn has_no_tables(&self) -> Result<bool, StoreError> {
        Ok(!self.engine.has_table("schema_migrations").await?)
    }

    /// Tables that the applied migrations have made and that are not there any more, as after an incomplete copy.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn lost_tables(&self) -> Result<Vec<String>, StoreError> {
        let applied = self.applied().await?;
        let scripts = MIGRATIONS.iter().filter(|migration| applied.contains(&migration.version));
        let mut expected = std::collections::BTreeSet::new();
        for line in scripts.flat_map(|migration| migration.script.sqlite.lines()) {
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("CREATE"), Some("TABLE"), Some(name)) => {
                    expected.insert(name.to_owned());
                }
                (Some("DROP"), Some("TABLE"), Some(name)) => {
                    expected.remove(name.trim_end_matches(';'));
                }
                (Some("ALTER"), Some("TABLE"), Some(name)) if line.contains(" RENAME TO ") => {
                    expected.remove(name);
                    expected.extend(line.rsplit(' ').next().map(|new| new.trim_end_matches(';').to_owned()));
                }
                _ => {}
            }
        }
        let mut lost = Vec::new();
        for name in expected {
            if !self.engine.has_table(&name).await? {
                lost.push(name);
            }
        }
        Ok(lost)
    }

    /// Applies what is pending, each migration in a transaction of its own; several nodes may do so at once.
    /// Answers the names of those that this call applied. What a migration takes from somebody, such as a name that two
    /// had, is in the log and in the audit trail, whose ids are drawn from `entropy`.
    ///
    /// # Errors
    /// [`StoreError::Newer`] as for [`Store::pending_migrations`], and whatever the engine says.
    pub async fn migrate(&self, now: Time, entropy: &dyn Entropy) -> Result<Vec<&'static str>, StoreError> {
        let pending = self.pending_migrations().await?;
        self.ensure_ledger().await?;
        let mut applied = Vec::new();
        for migration in MIGRATIONS.iter().filter(|migration| pending.contains(&migration.name)) {
            match migration.name {
                TOLD => upgrade::who_is_who(self, now, entropy).await?,
                RESERVED => upgrade::reserve_retired_emails(self).await?,
                _ => {}
            }
            let record = Write::any(RECORD, params![migration.version, migration.name, now]);
            if self.engine.migrate(&migration.script, Some(record)).await? {
                tracing::debug!(migration = migration.name, "migration applied");
                applied.push(migration.name);
            }
        }
        Ok(applied)
    }

    async fn ensure_ledger(&self) -> Result<(), StoreError> {
        if self.engine.has_table("schema_migrations").await? {
            return Ok(());
        }
        let made = self.engine.migrate(&LEDGER, None).await;
        // PostgreSQL lets one of two nodes that make the same table at the same time fail.
        if made.is_err() && self.engine.has_table("schema_migrations").await? {
            return Ok(());
        }
        made.map(drop)
    }

    async fn applied(&self) -> Result<Vec<i64>, StoreError> {
        if !self.engine.has_table("schema_migrations").await? {
            return Ok(Vec::new());
        }
        self.query_all(Read::new("schema_migrations", APPLIED, Vec::new()), |row| row.int(1)).await
    }
}
