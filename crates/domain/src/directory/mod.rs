//! Directories: a customer's own list of people, which provisions members by SCIM (RFC 7643, RFC 7644). Here is what one is,
//! what it may do with an address, and what becomes of a member; the protocol is a crate of its own.

mod mapping;
mod provisioning;
mod registering;
mod token;
mod trace;

use serde::{Deserialize, Serialize};

pub use mapping::{Mapped, Mapping, Target};
pub use provisioning::{Found, Holder, MemberChange, Stated, depart, provision};
pub use registering::{Announced, Registering, announce};
pub use token::{DirectoryToken, MOST_TOKENS, NewToken, Scope, TokenForm};
pub use trace::{DirectoryTrace, Outcome};

use crate::bounds::Measured;
use crate::connection::ProviderLabel;
use crate::entropy::Entropy;
use crate::id::{
    ConnectionId, DirectoryGroupId, DirectoryId, DirectoryUserId, MemberId, OrganizationId, ProjectId,
};
use crate::member::MemberStatus;
use crate::patch::Patch;
use crate::refusal::{Field, Name, Refusal, Thing, What};
use crate::secret::TokenHash;
use crate::tenant::Tenant;
use crate::time::Time;

/// The products that directories are of.
const PROVIDERS: [ProviderLabel; 8] = [
    ProviderLabel::Generic,
    ProviderLabel::Okta,
    ProviderLabel::MicrosoftEntra,
    ProviderLabel::CyberArk,
    ProviderLabel::JumpCloud,
    ProviderLabel::OneLogin,
    ProviderLabel::PingFederate,
    ProviderLabel::Rippling,
];

/// A directory of an organization.
///
/// Stored as a document beside its look-up columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The id.
    pub id: DirectoryId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization whose members it provisions.
    pub organization_id: OrganizationId,
    /// The connection through which its people sign in, where it belongs to one.
    #[serde(default)]
    pub connection_id: Option<ConnectionId>,
    /// What people call it.
    #[serde(default)]
    pub display_name: String,
    /// Whose product it is: a label for people, and whether its address carries the flag of one of them.
    #[serde(default)]
    pub provider: ProviderLabel,
    /// The tokens by which it shows who it is, the oldest first.
    #[serde(default)]
    pub tokens: Vec<DirectoryToken>,
    /// What becomes of the attributes of people who sign in through its connection.
    #[serde(default)]
    pub mapping: Option<Mapping>,
    /// Whether whoever it has removed or locked out may come back by signing in, as somebody new.
    #[serde(default)]
    pub removed_may_return: bool,
    /// When it was made.
    #[serde(default)]
    pub created_at: Time,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Time,
    /// Counts changes; an update names the version it was decided on.
    #[serde(default)]
    pub version: i64,
}

/// A role for everybody in a group of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DirectoryGroupRole {
    /// The role.
    pub role_id: String,
    /// The group.
    pub group_id: DirectoryGroupId,
}

impl Measured for DirectoryGroupRole {
    fn measured(self, field: &str) -> Result<Self, Refusal> {
        Ok(Self { role_id: self.role_id.measured(field)?, ..self })
    }
}

/// Reads which roles the groups of a directory are to give.
///
/// # Errors
/// More than are kept.
pub fn checked_group_roles(roles: Vec<DirectoryGroupRole>) -> Result<Vec<DirectoryGroupRole>, Refusal> {
    roles.measured("the role assignments of groups")
}

/// A change of a directory's settings.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the directory")]
pub struct DirectoryPatch {
    pub display_name: Patch<String>,
    pub provider: Patch<ProviderLabel>,
    pub mapping: Patch<Mapping>,
    pub removed_may_return: Patch<bool>,
}

/// A person as a directory has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    /// The id that the directory knows the person by.
    pub id: DirectoryUserId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// The member that the person is. Who has no address yet is nobody.
    pub member_id: Option<MemberId>,
    /// The person's name in the directory, folded: no two have the same.
    pub user_name: String,
    /// The directory's own identifier.
    pub external_id: Option<String>,
    /// Whether the person may sign in, as far as the directory has said.
    pub active: bool,
    /// Where the member stands, if the person is one.
    pub member_status: Option<MemberStatus>,
    /// All that the directory says of the person, as a JSON object.
    pub attributes: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts changes.
    pub version: i64,
}

/// A group of a directory, without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// The id.
    pub id: DirectoryGroupId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// What it is called.
    pub display_name: String,
    /// The directory's own identifier.
    pub external_id: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts changes.
    pub version: i64,
}

impl DirectoryUser {
    /// Whether the person may sign in: what became of the member counts, whoever did it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.member_status.map_or(self.active, |status| status != MemberStatus::Deleted)
    }
}

impl Directory {
    /// A new directory, without tokens.
    ///
    /// # Errors
    /// A name that is too long, or a product that has no directories.
    pub fn create(
        tenant: Tenant,
        connection_id: Option<ConnectionId>,
        patch: DirectoryPatch,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<Self, Refusal> {
        let mut made = Self {
            id: DirectoryId::generate(tenant.organization_id().environment(), entropy),
            project_id: tenant.project_id(),
            organization_id: tenant.organization_id(),
            connection_id,
            display_name: String::new(),
            provider: ProviderLabel::Generic,
            tokens: Vec::new(),
            mapping: None,
            removed_may_return: false,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        made.apply(patch, now)?;
        Ok(made)
    }

    /// Changes what is given, as a whole or not at all.
    ///
    /// # Errors
    /// As for [`Self::create`].
    pub fn apply(&mut self, patch: DirectoryPatch, now: Time) -> Result<(), Refusal> {
        let display_name = patch.display_name.try_map(checked_display_name)?;
        let provider = patch.provider.try_map(checked_provider)?;
        let mapping = patch.mapping.try_map(Mapping::checked)?;
        display_name.onto(&mut self.display_name);
        provider.onto(&mut self.provider);
        if let Patch::Set(mapping) = mapping {
            self.mapping = Some(mapping);
        }
        patch.removed_may_return.onto(&mut self.removed_may_return);
        self.touch(now);
        Ok(())
    }

    /// The token with this hash, if it lets the directory in now.
    #[must_use]
    pub fn good_token(&self, hash: &TokenHash, now: Time) -> Option<&DirectoryToken> {
        self.tokens.iter().find(|token| token.hash == *hash && token.is_good(now))
    }

    /// Gives it another token beside those it has.
    ///
    /// # Errors
    /// It has as many as it may have.
    pub fn add_token(&mut self, token: DirectoryToken, now: Time) -> Result<(), Refusal> {
        self.tokens.retain(|token| token.is_good(now));
        if self.tokens.len() >= MOST_TOKENS {
            return Err(What::Taken(Name::DirectoryToken).into());
        }
        self.tokens.push(token);
        self.touch(now);
        Ok(())
    }

    /// Ends a token.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn remove_token(&mut self, id: &str, now: Time) -> Result<(), Refusal> {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.id != id);
        if self.tokens.len() == before {
            return Err(What::NotFound(Thing::DirectoryToken).into());
        }
        self.touch(now);
        Ok(())
    }

    /// The token in use, and the one that is to replace it.
    #[must_use]
    pub fn current_and_next(&self) -> (Option<&DirectoryToken>, Option<&DirectoryToken>) {
        (self.tokens.first(), self.tokens.get(1))
    }

    /// Ends the token in use: the next one takes its place.
    ///
    /// # Errors
    /// [`What::NotRotating`] when there is no next one.
    pub fn complete_rotation(&mut self, now: Time) -> Result<(), Refusal> {
        self.require_rotating()?;
        self.tokens.remove(0);
        self.touch(now);
        Ok(())
    }

    /// Ends the token that was to replace the one in use.
    ///
    /// # Errors
    /// [`What::NotRotating`] when there is none.
    pub fn cancel_rotation(&mut self, now: Time) -> Result<(), Refusal> {
        self.require_rotating()?;
        self.tokens.truncate(1);
        self.touch(now);
        Ok(())
    }

    fn require_rotating(&self) -> Result<(), Refusal> {
        if self.tokens.len() > 1 { Ok(()) } else { Err(What::NotRotating.into()) }
    }

    fn touch(&mut self, now: Time) {
        self.updated_at = now;
        self.version += 1;
    }
}

fn checked_display_name(name: String) -> Result<String, Refusal> {
    if name.chars().count() > 128 || name.chars().any(char::is_control) {
        return Err(Refusal::new(What::Invalid(Field::DisplayName))
            .because("It may have up to 128 characters, none of them a control character."));
    }
    Ok(name)
}

fn checked_provider(provider: ProviderLabel) -> Result<ProviderLabel, Refusal> {
    if PROVIDERS.contains(&provider) {
        return Ok(provider);
    }
    let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.as_str()).collect();
    Err(Refusal::new(What::Invalid(Field::DirectoryProvider))
        .found(provider.as_str())
        .expected(format!("one of {}", names.join(", "))))
}

#[cfg(test)]
mod tests;
