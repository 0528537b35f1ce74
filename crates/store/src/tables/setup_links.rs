//! Links into the set-up portal, and the sessions of those who opened one.

use serde::{Deserialize, Serialize};
use vestibule_domain::id::{OrganizationId, ProjectId, SetupLinkId};
use vestibule_domain::rbac::Actor;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::setup_link::{
    MAX_SETUP_LINKS, Made, Opened, PortalSession, Progress, SetupLink, SetupLinkStatus, Terms,
};
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::Time;

use super::organizations;
use super::row::{doc, hash, opt_time, parsed, time};
use super::search::{Conditions, Cursor, Page};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "setup_links";

/// The guard of [`update`]: the link has changed meanwhile, or is gone.
pub const VERSION: Guard = Guard("setup_link_version");
/// The guard of [`room`]: the organization has as many links as it may have.
pub const ROOM: Guard = Guard("setup_link_room");

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, organization_id, token_hash, created_at, expires_at, completed_at, revoked_at, version, doc
             FROM setup_links WHERE ",
            $rest
        )
    };
}

const BY_ID: &str = select!("project_id = ?1 AND id = ?2");
/// The token is a secret of 256 bits that belongs to one project: it is found by its hash alone.
const BY_TOKEN: &str = select!("token_hash = ?1");
const INSERT: &str = "INSERT INTO setup_links
     (project_id, id, organization_id, token_hash, expires_at, opened_at, completed_at, revoked_at, version, doc, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const UPDATE: &str = "UPDATE setup_links
     SET expires_at = ?5, opened_at = ?6, completed_at = ?7, revoked_at = ?8, version = ?9, doc = ?10
     WHERE project_id = ?1 AND id = ?2 AND organization_id = ?3 AND token_hash = ?4 AND version = ?11";
const HAS_ROOM: &str = "SELECT o.id FROM organizations o WHERE o.project_id = ?1 AND o.id = ?2 AND ?3 >
     (SELECT COUNT(*) FROM setup_links l WHERE l.project_id = o.project_id AND l.organization_id = o.id)";

const INSERT_SESSION: &str =
    "INSERT INTO setup_sessions (hash, project_id, link_id, used_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5)";
/// As with the token: the secret of a browser belongs to one link.
const SESSION: &str =
    "SELECT hash, project_id, link_id, used_at, ends_at FROM setup_sessions WHERE hash = ?1";
const TOUCH_SESSION: &str =
    "UPDATE setup_sessions SET used_at = ?3 WHERE hash = ?1 AND project_id = ?2 AND used_at < ?3";
const END_SESSIONS: &str = "DELETE FROM setup_sessions WHERE project_id = ?1 AND link_id = ?2";

pub(crate) const ALL: &[&str] =
    &[BY_ID, BY_TOKEN, INSERT, UPDATE, HAS_ROOM, INSERT_SESSION, SESSION, TOUCH_SESSION, END_SESSIONS];

/// What has no column of its own. Missing in a stored document is what has not happened.
#[derive(Serialize, Deserialize)]
struct Document {
    terms: Terms,
    created_by: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_activity_at: Option<Time>,
    #[serde(default)]
    progress: Vec<Progress>,
    #[serde(default)]
    connections: Vec<Made>,
}

/// Which links are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those of one organization.
    pub organization: Option<OrganizationId>,
    /// Only those that are so far.
    pub status: Option<SetupLinkStatus>,
}

/// Keeps a new link.
#[must_use]
pub fn insert(link: &SetupLink) -> Write {
    let mut params = columns(link);
    params.push(link.created_at.into());
    Write::any(INSERT, params)
}

/// Keeps a changed link. Its batch fails with the guard [`VERSION`] when it is not at `expected_version` any more: of several
/// who would open it at once, one does.
#[must_use]
pub fn update(link: &SetupLink, expected_version: i64) -> Write {
    let mut params = columns(link);
    params.push(expected_version.into());
    Write::one(UPDATE, params, VERSION)
}

/// The organization has room for another link, until the batch is kept: fails with the guard [`ROOM`].
#[must_use]
pub fn room(tenant: Tenant) -> [Hold; 2] {
    let most = i64::try_from(MAX_SETUP_LINKS).unwrap_or(i64::MAX);
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id()), most];
    let has_room = Hold::question(Rank::Organization, tenant.organization_id(), HAS_ROOM, params).or(ROOM);
    [organizations::serialised(tenant), has_room]
}

/// Keeps the session of somebody who opened a link.
#[must_use]
pub fn begin_session(session: &PortalSession) -> Write {
    let params = params![
        session.hash.as_str(),
        Param::display(session.project_id),
        Param::display(session.link_id),
        session.used_at,
        session.ends_at,
    ];
    Write::any(INSERT_SESSION, params)
}

/// Notes that a session is in use.
#[must_use]
pub fn touch_session(session: &PortalSession, now: Time) -> Write {
    Write::any(TOUCH_SESSION, params![session.hash.as_str(), Param::display(session.project_id), now])
}

/// Ends all sessions of a link.
#[must_use]
pub fn end_sessions(project: ProjectId, link: SetupLinkId) -> Write {
    Write::any(END_SESSIONS, params![Param::display(project), Param::display(link)])
}

fn columns(link: &SetupLink) -> Vec<Param> {
    let document = Document {
        terms: link.terms.clone(),
        created_by: link.created_by.clone(),
        opened: link.opened.clone(),
        last_activity_at: link.last_activity_at,
        progress: link.progress.clone(),
        connections: link.connections.clone(),
    };
    params![
        Param::display(link.project_id),
        Param::display(link.id),
        Param::display(link.organization_id),
        link.token_hash.as_str(),
        link.expires_at,
        link.opened.as_ref().map(|opened| opened.at),
        link.completed_at,
        link.revoked_at,
        link.version,
        Param::json(&document),
    ]
}

impl Wanted {
    fn conditions(self, project: ProjectId, now: Time) -> Conditions {
        let mut on = Conditions::default();
        let project = on.bind(Param::display(project));
        on.require(format!("project_id = {project}"));
        if let Some(organization) = self.organization {
            let organization = on.bind(Param::display(organization));
            on.require(format!("organization_id = {organization}"));
        }
        // In the order of [`SetupLink::status`].
        match self.status {
            None => {}
            Some(SetupLinkStatus::Revoked) => on.require("revoked_at IS NOT NULL".to_owned()),
            Some(SetupLinkStatus::Completed) => {
                on.require("revoked_at IS NULL AND completed_at IS NOT NULL".to_owned());
            }
            Some(SetupLinkStatus::Opened) => {
                on.require(
                    "revoked_at IS NULL AND completed_at IS NULL AND opened_at IS NOT NULL".to_owned(),
                );
            }
            Some(waiting @ (SetupLinkStatus::Created | SetupLinkStatus::Expired)) => {
                let now = on.bind(now);
                let is = if waiting == SetupLinkStatus::Created { ">" } else { "<=" };
                on.require(format!(
                    "revoked_at IS NULL AND completed_at IS NULL AND opened_at IS NULL AND expires_at {is} {now}"
                ));
            }
        }
        on
    }
}

impl Store {
    /// The project's link of an id.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn setup_link(
        &self,
        project: ProjectId,
        id: SetupLinkId,
    ) -> Result<Option<SetupLink>, StoreError> {
        let params = params![Param::display(project), Param::display(id)];
        self.query_opt(Read::new(TABLE, BY_ID, params), link).await
    }

    /// The link of a token, whichever project it is of: whoever holds the token knows nothing else.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn setup_link_of_token(&self, token: &TokenHash) -> Result<Option<SetupLink>, StoreError> {
        self.query_opt(Read::new(TABLE, BY_TOKEN, params![token.as_str()]), link).await
    }

    /// A part of the project's links, the newest first.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub async fn setup_links(
        &self,
        project: ProjectId,
        wanted: Wanted,
        (before, limit, now): (Option<&Cursor>, u32, Time),
    ) -> Result<Page<SetupLink>, StoreError> {
        let mut on = wanted.conditions(project, now);
        if let Some(before) = before {
            let (at, id) = before.parts();
            let (at, id) = (on.bind(at), on.bind(id.to_owned()));
            on.require(format!("(created_at, id) < ({at}, {id})"));
        }
        let most = on.bind(i64::from(limit) + 1);
        let (clause, params) = on.finish();
        let columns = BY_ID.split(" WHERE ").next().unwrap_or_default();
        let sql = format!("{columns} WHERE {clause} ORDER BY created_at DESC, id DESC LIMIT {most}");
        self.page(project, Read::composed(TABLE, sql, params), limit, 4, link).await
    }

    /// The session of a browser's secret, alive or not.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn setup_session(&self, secret: &TokenHash) -> Result<Option<PortalSession>, StoreError> {
        self.query_opt(Read::new("setup_sessions", SESSION, params![secret.as_str()]), session).await
    }
}

fn link(row: &Row<'_>) -> Result<SetupLink, RowError> {
    let document: Document = doc(row, 9)?;
    Ok(SetupLink {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        token_hash: hash(row, 3)?,
        created_at: time(row, 4)?,
        expires_at: time(row, 5)?,
        completed_at: opt_time(row, 6)?,
        revoked_at: opt_time(row, 7)?,
        version: row.int(8)?,
        terms: document.terms,
        created_by: document.created_by,
        opened: document.opened,
        last_activity_at: document.last_activity_at,
        progress: document.progress,
        connections: document.connections,
    })
}

fn session(row: &Row<'_>) -> Result<PortalSession, RowError> {
    Ok(PortalSession {
        hash: hash(row, 0)?,
        project_id: parsed(row, 1)?,
        link_id: parsed(row, 2)?,
        used_at: time(row, 3)?,
        ends_at: time(row, 4)?,
    })
}
