//! Signing people out. Somebody is signed in by a session of the first dialect, by the session of their browser with the pages
//! where people sign in, and by what applications were granted in it: whoever ends one of these for a member, a connection or an
//! organization ends all, so that none is forgotten.
//!
//! Browsers' sessions end before what was granted in them: a grant is made in a batch that holds its session, and so is there by
//! then, or is not made any more.

use vestibule_domain::Tenant;
use vestibule_domain::id::{ConnectionId, LoginSessionId, MemberId, ProjectId};

use super::{login_sessions, sessions, sign_in_grants};
use crate::sql::Write;

/// Signs a member out everywhere. Of the same person as another organization's member only the browser's session ends.
#[must_use]
pub fn of_member(project: ProjectId, member: MemberId) -> [Write; 3] {
    [
        sessions::revoke_of_member(project, member),
        login_sessions::end_of_member(project, member),
        sign_in_grants::delete_of_member(project, member),
    ]
}

/// Signs out who came in through a connection of a tenant, or through one that borrows it where that is how their browser's
/// session began. Before the registrations of the connection are removed.
#[must_use]
pub fn of_connection(tenant: Tenant, connection: ConnectionId) -> [Write; 4] {
    let project = tenant.project_id();
    [
        sessions::revoke_by_connection(tenant, connection),
        login_sessions::end_of_source(project, connection),
        sign_in_grants::delete_of_source(project, connection),
        sign_in_grants::delete_of_connection(project, connection),
    ]
}

/// Signs out the members of an organization. Before they are removed.
#[must_use]
pub fn of_organization(tenant: Tenant) -> [Write; 3] {
    [
        sessions::revoke_of_organization(tenant),
        login_sessions::end_of_organization(tenant),
        sign_in_grants::delete_of_organization(tenant),
    ]
}

/// Signs a browser out, with what applications were granted in its session.
#[must_use]
pub fn of_browser(project: ProjectId, session: LoginSessionId) -> [Write; 2] {
    [login_sessions::end(project, session), sign_in_grants::delete_of_session(project, session)]
}
