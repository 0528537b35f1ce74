//! Connections: how an organization's members reach their identity provider.

mod oidc;
mod provider;

use serde::{Deserialize, Serialize};

pub use oidc::{
    Channel, ClientAuthentication, Discovered, IncompleteOidc, OidcPatch, OidcSettings, ReadyOidc, UrlPolicy,
};
pub use provider::ProviderLabel;

use crate::fault::{Fault, FaultKind};
use crate::id::{ConnectionId, OrganizationId, ProjectId};
use crate::time::Time;

/// The most connections one organization may have.
pub const MAX_CONNECTIONS: usize = 100;

/// A connection to an identity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The id; its kind names the protocol.
    pub id: ConnectionId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub display_name: String,
    /// A label; it changes no validation.
    pub identity_provider: ProviderLabel,
    /// What the protocol needs.
    pub protocol: Protocol,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts changes; an update names the version it was decided on.
    pub version: i64,
}

/// What a connection's protocol needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Protocol {
    /// OpenID Connect.
    Oidc(OidcSettings),
}

/// Whether members can sign in through a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Something is still missing.
    Pending,
    /// Ready.
    Active,
}

impl ConnectionStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
        }
    }
}

impl Connection {
    /// A new OpenID Connect connection with nothing set.
    ///
    /// # Errors
    /// A display name that is too long.
    pub fn new_oidc(
        id: ConnectionId,
        project_id: ProjectId,
        organization_id: OrganizationId,
        display_name: &str,
        identity_provider: ProviderLabel,
        now: Time,
    ) -> Result<Self, Fault> {
        Ok(Self {
            id,
            project_id,
            organization_id,
            display_name: checked_display_name(display_name)?,
            identity_provider,
            protocol: Protocol::Oidc(OidcSettings::default()),
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// Whether members can sign in through it.
    #[must_use]
    pub fn status(&self) -> ConnectionStatus {
        match &self.protocol {
            Protocol::Oidc(settings) if settings.ready().is_ok() => ConnectionStatus::Active,
            Protocol::Oidc(_) => ConnectionStatus::Pending,
        }
    }

    /// Applies a change to an OpenID Connect connection as a whole or not at all. `discovered` is what
    /// the provider's document says, when it was asked.
    ///
    /// # Errors
    /// A value that is not usable, or a connection of another protocol.
    pub fn apply_oidc(
        &mut self,
        patch: OidcPatch,
        discovered: Option<Discovered>,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<(), Fault> {
        let display_name = patch.display_name.as_deref().map(checked_display_name).transpose()?;
        let label = patch.identity_provider;
        let Protocol::Oidc(settings) = &self.protocol;
        let settings = settings.changed(patch, discovered, urls)?;
        self.protocol = Protocol::Oidc(settings);
        self.display_name = display_name.unwrap_or_else(|| std::mem::take(&mut self.display_name));
        self.identity_provider = label.unwrap_or(self.identity_provider);
        self.updated_at = now;
        self.version += 1;
        Ok(())
    }
}

fn checked_display_name(name: &str) -> Result<String, Fault> {
    if name.chars().count() > 128 || name.chars().any(char::is_control) {
        return Err(FaultKind::InvalidDisplayName.into());
    }
    Ok(name.to_owned())
}
