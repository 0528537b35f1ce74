//! Applications. The secret is sealed: whoever administers the project may read it again.

use vestibule_domain::Time;
use vestibule_domain::application::{Application, ApplicationKind, ClientId, MOST_APPLICATIONS};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ApplicationId, ProjectId};
use vestibule_domain::secret::Secret;

use super::projects;
use super::row::{doc, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

const TABLE: &str = "applications";
const COLUMN: &str = "sealed_secret";

/// The guard of [`update`] and [`delete`]: the application has changed meanwhile, or is gone.
pub const VERSION: Guard = Guard("application_version");
/// The guard of [`room`]: the project has as many applications as it may have.
pub const ROOM: Guard = Guard("application_room");
/// The unique index that refuses a client id used twice in a project.
pub const CLIENT_ID: &str = "applications_client_id";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, client_id, created_at, updated_at, version, sealed_secret, doc
             FROM applications WHERE project_id = ?1 AND ",
            $rest
        )
    };
}

const BY_CLIENT_ID: &str = select!("client_id = ?2");
const BY_ID: &str = select!("id = ?2");
/// An empty list of kinds is all of them. `?7` is -1 for both, else whether they are the vendor's own.
const LIST: &str = select!(
    "(created_at, id) > (?2, ?3) AND (?6 = '' OR ?6 LIKE '%,' || kind || ',%') AND (first_party = ?7 OR ?7 < 0)
     ORDER BY created_at, id LIMIT ?4 OFFSET ?5"
);
const COUNT: &str = "SELECT 'count', COUNT(*) FROM applications
     WHERE project_id = ?1 AND (?2 = '' OR ?2 LIKE '%,' || kind || ',%') AND (first_party = ?3 OR ?3 < 0)";
const INSERT: &str = "INSERT INTO applications
     (project_id, id, client_id, kind, first_party, updated_at, version, sealed_secret, doc, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE: &str = "UPDATE applications
     SET client_id = ?3, kind = ?4, first_party = ?5, updated_at = ?6, version = ?7, sealed_secret = ?8, doc = ?9
     WHERE project_id = ?1 AND id = ?2 AND version = ?10";
const DELETE: &str = "DELETE FROM applications WHERE project_id = ?1 AND id = ?2 AND version = ?3";
const HAS_ROOM: &str = "SELECT p.id FROM projects p WHERE p.id = ?1 AND ?2 >
     (SELECT COUNT(*) FROM applications a WHERE a.project_id = p.id)";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_secret FROM applications WHERE sealed_secret NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE applications SET sealed_secret = ?2 WHERE id = ?1 AND sealed_secret = ?3",
};

pub(crate) const ALL: &[&str] =
    &[BY_CLIENT_ID, BY_ID, LIST, COUNT, INSERT, UPDATE, DELETE, HAS_ROOM, SEALED.select, SEALED.update];

/// Which applications of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only of these kinds; of all when there is none.
    pub kinds: Vec<ApplicationKind>,
    /// Only the vendor's own, or only others'.
    pub first_party: Option<bool>,
}

/// A part of a list, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The last one of the part before.
    pub after: Option<(Time, ApplicationId)>,
    /// How many are left out.
    pub skip: u32,
    /// How many at most.
    pub take: u32,
}

impl Wanted {
    fn params(&self) -> (String, i64) {
        let mut kinds: String = self.kinds.iter().map(|kind| format!(",{}", kind.as_str())).collect();
        if !kinds.is_empty() {
            kinds.push(',');
        }
        (kinds, self.first_party.map_or(-1, i64::from))
    }
}

/// Keeps a new application.
///
/// # Errors
/// When the secret cannot be sealed.
pub fn insert(application: &Application, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let mut params = columns(application, vault, entropy)?;
    params.push(application.created_at.into());
    Ok(Write::any(INSERT, params))
}

/// Keeps a changed application. Its batch fails with the guard [`VERSION`] when it is not at `expected_version` any more.
///
/// # Errors
/// When the secret cannot be sealed.
pub fn update(
    application: &Application,
    expected_version: i64,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<Write, StoreError> {
    let mut params = columns(application, vault, entropy)?;
    params.push(expected_version.into());
    Ok(Write::one(UPDATE, params, VERSION))
}

/// Removes an application as it was loaded; what refers to it goes before. Fails with the guard [`VERSION`].
#[must_use]
pub fn delete(application: &Application) -> Write {
    let (project, id) = (Param::display(application.project_id), Param::display(application.id));
    Write::one(DELETE, params![project, id, application.version], VERSION)
}

/// The project has room for another application, until the batch is kept: fails with the guard [`ROOM`].
#[must_use]
pub fn room(project: ProjectId) -> [Hold; 2] {
    let most = i64::try_from(MOST_APPLICATIONS).unwrap_or(i64::MAX);
    let has_room =
        Hold::question(Rank::Project, project, HAS_ROOM, params![Param::display(project), most]).or(ROOM);
    [projects::row(project, Lock::Mine), has_room]
}

fn columns(
    application: &Application,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<Vec<Param>, StoreError> {
    let secret = Some(&application.secret).filter(|secret| !secret.is_empty());
    let sealed = secret.map(|secret| vault.seal(&place_of(application.id), secret, entropy)).transpose()?;
    Ok(params![
        Param::display(application.project_id),
        Param::display(application.id),
        application.client_id.as_str(),
        application.settings.kind.as_str(),
        application.settings.first_party,
        application.updated_at,
        application.version,
        sealed,
        Param::json(&application.settings),
    ])
}

fn place_of(id: ApplicationId) -> String {
    place(TABLE, COLUMN, &id.to_string())
}

impl Store {
    /// The project's application of a client id, with its secret.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn application(
        &self,
        vault: &Vault,
        project: ProjectId,
        client_id: &ClientId,
    ) -> Result<Option<Application>, StoreError> {
        let params = params![Param::display(project), client_id.as_str()];
        self.one_application(vault, Read::new(TABLE, BY_CLIENT_ID, params)).await
    }

    /// The project's application of an id, with its secret.
    ///
    /// # Errors
    /// As for [`Store::application`].
    pub async fn application_by_id(
        &self,
        vault: &Vault,
        project: ProjectId,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let params = params![Param::display(project), Param::display(id)];
        self.one_application(vault, Read::new(TABLE, BY_ID, params)).await
    }

    async fn one_application(&self, vault: &Vault, read: Read) -> Result<Option<Application>, StoreError> {
        let Some((application, sealed)) = self.query_opt(read, stored).await? else { return Ok(None) };
        unseal(vault, application, sealed).await.map(Some)
    }

    /// A part of the project's applications, with their secrets.
    ///
    /// # Errors
    /// As for [`Store::list`] and [`Vault::unseal`].
    pub async fn applications(
        &self,
        vault: &Vault,
        project: ProjectId,
        wanted: &Wanted,
        part: &Part,
    ) -> Result<Vec<Application>, StoreError> {
        let (kinds, first_party) = wanted.params();
        let (after, id) =
            part.after.map_or((i64::MIN, String::new()), |(at, id)| (at.millis(), id.to_string()));
        let (take, skip) = (i64::from(part.take), i64::from(part.skip));
        let params = params![Param::display(project), after, id, take, skip, kinds, first_party];
        let rows = self.list(Read::new(TABLE, LIST, params), stored).await?;
        let mut applications = Vec::with_capacity(rows.len());
        for (application, sealed) in rows {
            let id = application.id;
            let unsealed = unseal(vault, application, sealed).await;
            applications.extend(self.left_out(TABLE, id, unsealed)?);
        }
        Ok(applications)
    }

    /// How many applications the project has.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn count_applications(&self, project: ProjectId, wanted: &Wanted) -> Result<i64, StoreError> {
        let (kinds, first_party) = wanted.params();
        let read = Read::new(TABLE, COUNT, params![Param::display(project), kinds, first_party]);
        Ok(self.query_opt(read, |row| row.int(1)).await?.unwrap_or_default())
    }
}

async fn unseal(
    vault: &Vault,
    mut application: Application,
    sealed: Option<String>,
) -> Result<Application, StoreError> {
    if let Some(sealed) = sealed {
        application.secret = vault.unseal(&place_of(application.id), &sealed).await?;
    }
    Ok(application)
}

/// An application as read, its secret still sealed.
fn stored(row: &Row<'_>) -> Result<(Application, Option<String>), RowError> {
    let application = Application {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        client_id: parsed(row, 2)?,
        secret: Secret::default(),
        settings: doc(row, 7)?,
        created_at: time(row, 3)?,
        updated_at: time(row, 4)?,
        version: row.int(5)?,
    };
    Ok((application, row.opt_text(6)?))
}
