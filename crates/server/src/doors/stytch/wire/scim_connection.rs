//! SCIM connections on the wire (contract 3.7 and 4.9).

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::directory::{Directory, DirectoryGroup, DirectoryGroupRole, DirectoryPatch, NewToken};
use vestibule_domain::id::{DirectoryGroupId, DirectoryId, OrganizationId};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Field, Refusal, Thing, What};

use super::connection::label;
use crate::http::input::required;
use crate::operations::directories::DirectoryView;
use crate::world::App;

/// The flag in the address of a directory by which one client speaks as the specification has it.
const ENTRA_FLAG: &str = "?aadOptscim062020";

/// What a connection is made of, and what may be changed of it.
#[derive(Deserialize)]
pub(crate) struct ScimConnectionIn {
    #[serde(default)]
    display_name: Patch<String>,
    #[serde(default)]
    identity_provider: Patch<String>,
    scim_group_implicit_role_assignments: Option<Vec<GroupRoleIn>>,
    #[serde(default)]
    removed_members_may_return: Patch<bool>,
}

/// What a connection is made of.
#[derive(Deserialize)]
pub(crate) struct ScimCreateIn {
    #[serde(default)]
    display_name: Patch<String>,
    #[serde(default)]
    identity_provider: Patch<String>,
    #[serde(default)]
    removed_members_may_return: Patch<bool>,
}

/// A role for a group. What the group is called is not read: it is the directory's to say.
#[derive(Deserialize)]
struct GroupRoleIn {
    role_id: Option<String>,
    group_id: Option<String>,
}

impl ScimCreateIn {
    /// What is set from the beginning.
    ///
    /// # Errors
    /// A label that is not one of the contract's.
    pub(crate) fn patch(self) -> Result<DirectoryPatch, Refusal> {
        patch(self.display_name, self.identity_provider, self.removed_members_may_return)
    }
}

impl ScimConnectionIn {
    /// What changes, and which roles its groups are to give, if that is said. Of a client that names every list whatever it
    /// wants, an empty one says nothing.
    ///
    /// # Errors
    /// A label that is not one of the contract's; an assignment without role or group.
    pub(crate) fn read(self) -> Result<(DirectoryPatch, Option<Vec<DirectoryGroupRole>>), Refusal> {
        let says_nothing_else = self.display_name.is_keep()
            && self.identity_provider.is_keep()
            && self.removed_members_may_return.is_keep();
        let roles = self.scim_group_implicit_role_assignments;
        let roles = roles.map(|list| list.into_iter().map(GroupRoleIn::read).collect::<Result<Vec<_>, _>>());
        let roles = roles.transpose()?.filter(|list| says_nothing_else || !list.is_empty());
        Ok((patch(self.display_name, self.identity_provider, self.removed_members_may_return)?, roles))
    }
}

impl GroupRoleIn {
    fn read(self) -> Result<DirectoryGroupRole, Refusal> {
        let role_id = required(self.role_id, "scim_group_implicit_role_assignments[].role_id")?;
        let group = required(self.group_id, "scim_group_implicit_role_assignments[].group_id")?;
        let group_id = group
            .parse()
            .map_err(|_| Refusal::new(What::NotFound(Thing::DirectoryGroup)).found(format!("{group:?}")))?;
        Ok(DirectoryGroupRole { role_id, group_id })
    }
}

fn patch(
    display_name: Patch<String>,
    identity_provider: Patch<String>,
    removed_may_return: Patch<bool>,
) -> Result<DirectoryPatch, Refusal> {
    let provider = identity_provider.try_map(|name| {
        label(&name)
            .map_err(|_| Refusal::new(What::Invalid(Field::DirectoryProvider)).found(format!("{name:?}")))
    })?;
    Ok(DirectoryPatch { display_name, provider, removed_may_return, ..DirectoryPatch::default() })
}

#[derive(Debug, Serialize)]
struct GroupRoleOut {
    role_id: String,
    group_id: DirectoryGroupId,
    group_name: String,
}

/// What every form of a connection has.
#[derive(Debug, Serialize)]
struct Common {
    organization_id: OrganizationId,
    connection_id: DirectoryId,
    status: &'static str,
    display_name: String,
    identity_provider: ProviderLabel,
    base_url: String,
    scim_group_implicit_role_assignments: Vec<GroupRoleOut>,
    bearer_token_expires_at: Option<String>,
    removed_members_may_return: bool,
}

/// A connection.
#[derive(Debug, Serialize)]
pub(crate) struct ScimConnectionOut {
    #[serde(flatten)]
    common: Common,
    bearer_token_last_four: String,
    next_bearer_token_last_four: String,
    next_bearer_token_expires_at: Option<String>,
}

/// A connection that was just made, with its token.
#[derive(Debug, Serialize)]
pub(crate) struct ScimConnectionWithTokenOut {
    #[serde(flatten)]
    common: Common,
    bearer_token: String,
}

/// A connection whose token is being replaced, with the one that is to take its place.
#[derive(Debug, Serialize)]
pub(crate) struct ScimConnectionWithNextTokenOut {
    #[serde(flatten)]
    common: Common,
    bearer_token_last_four: String,
    next_bearer_token: String,
    next_bearer_token_expires_at: Option<String>,
}

/// The address of a directory, as it is pasted at the provider.
pub(crate) fn base_url(app: &App, directory: &Directory) -> String {
    let flag = if directory.provider == ProviderLabel::MicrosoftEntra { ENTRA_FLAG } else { "" };
    format!("{}{flag}", root(app, directory.id))
}

/// The same without what only one client wants, for addresses below it.
pub(crate) fn root(app: &App, id: DirectoryId) -> String {
    format!("{}/v1/b2b/scim/{id}", app.base_url)
}

fn common(app: &App, directory: &Directory, roles: &[(DirectoryGroupRole, String)]) -> Common {
    let role = |(role, name): &(DirectoryGroupRole, String)| GroupRoleOut {
        role_id: role.role_id.clone(),
        group_id: role.group_id,
        group_name: name.clone(),
    };
    let (token, _) = directory.current_and_next();
    Common {
        organization_id: directory.organization_id,
        connection_id: directory.id,
        status: "active",
        display_name: directory.display_name.clone(),
        identity_provider: directory.provider,
        base_url: base_url(app, directory),
        scim_group_implicit_role_assignments: roles.iter().map(role).collect(),
        bearer_token_expires_at: token.and_then(|token| token.ends_at).map(|end| end.to_string()),
        removed_members_may_return: directory.removed_may_return,
    }
}

impl ScimConnectionOut {
    /// A connection as it is shown.
    pub(crate) fn of(app: &App, view: &DirectoryView) -> Self {
        let (token, next) = view.directory.current_and_next();
        Self {
            common: common(app, &view.directory, &view.group_roles),
            bearer_token_last_four: token.map(|token| token.last_four.clone()).unwrap_or_default(),
            next_bearer_token_last_four: next.map(|token| token.last_four.clone()).unwrap_or_default(),
            next_bearer_token_expires_at: next.and_then(|token| token.ends_at).map(|end| end.to_string()),
        }
    }
}

impl ScimConnectionWithTokenOut {
    /// A connection as it is shown this once.
    pub(crate) fn of(app: &App, directory: &Directory, token: &NewToken) -> Self {
        Self { common: common(app, directory, &[]), bearer_token: token.secret.expose().to_owned() }
    }
}

impl ScimConnectionWithNextTokenOut {
    /// A connection as it is shown this once.
    pub(crate) fn of(app: &App, view: &DirectoryView, next: &NewToken) -> Self {
        let (token, _) = view.directory.current_and_next();
        Self {
            common: common(app, &view.directory, &view.group_roles),
            bearer_token_last_four: token.map(|token| token.last_four.clone()).unwrap_or_default(),
            next_bearer_token: next.secret.expose().to_owned(),
            next_bearer_token_expires_at: next.record.ends_at.map(|end| end.to_string()),
        }
    }
}

/// A group of a directory.
#[derive(Debug, Serialize)]
pub(crate) struct ScimGroupOut {
    group_id: DirectoryGroupId,
    group_name: String,
    organization_id: OrganizationId,
    connection_id: DirectoryId,
}

impl ScimGroupOut {
    /// A group as it is shown.
    pub(crate) fn of(organization_id: OrganizationId, group: &DirectoryGroup) -> Self {
        Self {
            group_id: group.id,
            group_name: group.display_name.clone(),
            organization_id,
            connection_id: group.directory_id,
        }
    }
}
