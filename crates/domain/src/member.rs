//! Members: a person inside one organization.

mod addresses;

use serde::{Deserialize, Serialize};

pub use addresses::{MOST_RETIRED, RetiredEmail, WhichRetired};

use crate::bounds::Measured as _;
use crate::email::EmailAddress;
use crate::id::{DirectoryUserId, MemberId, OrganizationId, ProjectId, TotpId};
use crate::metadata::{Metadata, merge};
use crate::organization::checked_external_id;
use crate::patch::Patch;
use crate::rbac::MEMBER_ROLE;
use crate::refusal::{Field, Refusal, What, sentence};
use crate::spelled::spelled;
use crate::tenant::Tenant;
use crate::time::Time;

spelled! {
    /// Where a member stands.
    pub enum MemberStatus {
        /// Made by the API user, has not signed in yet.
        Pending = "pending",
        /// Invited, has not signed in yet.
        Invited = "invited",
        /// May sign in.
        Active = "active",
        /// Gone; kept so that history stays readable.
        Deleted = "deleted",
    }
}

/// A person inside one organization.
///
/// Stored as a document. Without ids, address and standing it is none: whether somebody may sign in is not guessed,
/// also not from a standing that only a newer version knows. The store knows when it was made and at which version it
/// is from beside the document. Everything else may be missing (ADR 0016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The API user's own id for them; unique in the organization.
    pub external_id: Option<String>,
    /// Their address; unique among the organization's members that are not deleted.
    pub email: EmailAddress,
    /// Whether somebody trustworthy has verified the address.
    /// Missing, nobody has.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether a provider has said that it has verified the address. That alone verifies nothing: its word counts in the
    /// organization's own domains.
    #[serde(default)]
    pub email_stated: bool,
    /// Where they stand.
    pub status: MemberStatus,
    /// Their name, `""` when unknown.
    #[serde(default)]
    pub name: String,
    /// Exempt from the organization's restriction of sign-in methods.
    /// Missing, they are not.
    #[serde(default)]
    pub is_breakglass: bool,
    /// Whether they use a second factor.
    #[serde(default)]
    pub mfa_enrolled: bool,
    /// E.164, `""` when unknown.
    #[serde(default)]
    pub mfa_phone_number: String,
    /// Whether they have shown that messages to the number reach them.
    /// Missing, they have not.
    #[serde(default)]
    pub mfa_phone_number_verified: bool,
    /// Their authenticator application, once it was proved.
    #[serde(default)]
    pub totp_id: Option<TotpId>,
    /// `sms_otp`, `totp` or `""`.
    #[serde(default)]
    pub default_mfa_method: String,
    /// The person of a directory that they are, if one has said so. Whether it still does is for the directory to say.
    #[serde(default)]
    pub provisioned_by: Option<DirectoryUserId>,
    /// Addresses they had before, which nobody else in the organization can have.
    #[serde(default)]
    pub retired_emails: Vec<RetiredEmail>,
    /// Roles given by name, without [`MEMBER_ROLE`], which every active member has.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Data that only the API user writes.
    #[serde(default)]
    pub trusted_metadata: Metadata,
    /// Data that the member may write too.
    #[serde(default)]
    pub untrusted_metadata: Metadata,
    /// When they were made.
    #[serde(default)]
    pub created_at: Time,
    /// When they were last changed.
    #[serde(default)]
    pub updated_at: Time,
    /// Counts changes; an update names the version it was decided on.
    #[serde(default)]
    pub version: i64,
}

/// What a new member starts with.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields carry the names and meanings of the API")]
pub struct MemberDraft {
    pub email_address: String,
    pub name: String,
    pub trusted_metadata: Option<Metadata>,
    pub untrusted_metadata: Option<Metadata>,
    pub create_as_pending: bool,
    pub is_breakglass: bool,
    pub mfa_phone_number: String,
    pub mfa_enrolled: bool,
    pub roles: Vec<String>,
    pub external_id: Option<String>,
}

/// A change to a member.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names and meanings of the API")]
pub struct MemberPatch {
    pub email_address: Patch<String>,
    pub name: Patch<String>,
    pub trusted_metadata: Patch<Metadata>,
    pub untrusted_metadata: Patch<Metadata>,
    pub is_breakglass: Patch<bool>,
    pub mfa_phone_number: Patch<String>,
    pub mfa_enrolled: Patch<bool>,
    pub default_mfa_method: Patch<String>,
    pub roles: Patch<Vec<String>>,
    pub external_id: Patch<String>,
    pub unlink_email: bool,
    pub preserve_existing_sessions: bool,
}

impl Member {
    /// Whether anything but the count of changes and their time is other than `before`.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> bool {
        let counted = Self { updated_at: self.updated_at, version: self.version, ..before.clone() };
        *self != counted
    }

    /// A new member. `role_exists` knows the project's and the organization's roles.
    ///
    /// # Errors
    /// The rules of the API.
    pub fn create(
        id: MemberId,
        tenant: Tenant,
        draft: MemberDraft,
        role_exists: impl Fn(&str) -> bool,
        now: Time,
    ) -> Result<Self, Refusal> {
        let mut member = Self {
            id,
            project_id: tenant.project_id(),
            organization_id: tenant.organization_id(),
            external_id: None,
            email: checked_email(&draft.email_address)?,
            email_verified: false,
            email_stated: false,
            status: if draft.create_as_pending { MemberStatus::Pending } else { MemberStatus::Active },
            name: checked_member_name(draft.name)?,
            is_breakglass: draft.is_breakglass,
            mfa_enrolled: draft.mfa_enrolled,
            mfa_phone_number: checked_phone(draft.mfa_phone_number)?,
            mfa_phone_number_verified: false,
            totp_id: None,
            default_mfa_method: String::new(),
            provisioned_by: None,
            retired_emails: Vec::new(),
            roles: checked_roles(draft.roles, role_exists)?,
            trusted_metadata: Metadata::new(),
            untrusted_metadata: Metadata::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        member.external_id = draft.external_id.map(member_external_id).transpose()?;
        merge(&mut member.trusted_metadata, &draft.trusted_metadata.unwrap_or_default())?;
        merge(&mut member.untrusted_metadata, &draft.untrusted_metadata.unwrap_or_default())?;
        Ok(member)
    }

    /// Applies a change as a whole or not at all.
    ///
    /// # Errors
    /// The rules of the API; the member is then unchanged.
    pub fn apply(
        &mut self,
        patch: MemberPatch,
        role_exists: impl Fn(&str) -> bool,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut changed = self.clone();
        // There is no member without an address: the empty text is refused for what it is.
        if let Some(address) = patch.email_address.given() {
            changed.change_email(checked_email(&address)?, false, patch.unlink_email);
        }
        patch.name.try_map(checked_member_name)?.onto(&mut changed.name);
        patch.trusted_metadata.merge_into(&mut changed.trusted_metadata)?;
        patch.untrusted_metadata.merge_into(&mut changed.untrusted_metadata)?;
        patch.external_id.try_map(member_external_id)?.onto(&mut changed.external_id);
        patch.roles.try_map(|roles| checked_roles(roles, role_exists))?.onto(&mut changed.roles);
        if let Some(number) = patch.mfa_phone_number.try_map(checked_phone)?.given() {
            changed.set_phone_number(number);
        }
        patch.default_mfa_method.try_map(checked_mfa_method)?.onto(&mut changed.default_mfa_method);
        patch.is_breakglass.onto(&mut changed.is_breakglass);
        patch.mfa_enrolled.onto(&mut changed.mfa_enrolled);
        changed.touch(now);
        *self = changed;
        Ok(())
    }

    /// Forgets the phone number. Says whether there was one.
    pub fn forget_phone(&mut self, now: Time) -> bool {
        if self.mfa_phone_number.is_empty() {
            return false;
        }
        self.set_phone_number(String::new());
        self.touch(now);
        true
    }

    /// Whether an address is theirs, or was until they got another: it stays reserved for them.
    #[must_use]
    pub fn has_or_had(&self, address: &EmailAddress) -> bool {
        self.email == *address || self.retired_emails.iter().any(|retired| retired.address == *address)
    }

    /// Notes that mail to their address reaches them.
    pub fn reached(&mut self, address: &EmailAddress) {
        if self.email == *address {
            self.email_verified = true;
        }
    }

    /// Notes that they came in: somebody who was only expected is a member from now on.
    pub fn arrive(&mut self) {
        if matches!(self.status, MemberStatus::Pending | MemberStatus::Invited) {
            self.status = MemberStatus::Active;
        }
    }

    /// Whether they have a second factor that was proved. A number that was only written down protects nothing.
    #[must_use]
    pub const fn has_second_factor(&self) -> bool {
        self.totp_id.is_some() || self.mfa_phone_number_verified
    }

    /// Gives them a phone number, or takes it away with the empty text. Another one has still to be proved.
    pub fn set_phone_number(&mut self, number: String) {
        if self.mfa_phone_number != number {
            self.mfa_phone_number = number;
            self.mfa_phone_number_verified = false;
            self.forget_lost_default();
        }
    }

    /// Takes their authenticator application away.
    pub fn remove_totp(&mut self) {
        self.totp_id = None;
        self.forget_lost_default();
    }

    /// Nobody is asked first for what they have not got any more. What they have left takes its place.
    fn forget_lost_default(&mut self) {
        let (has_number, has_totp) = (!self.mfa_phone_number.is_empty(), self.totp_id.is_some());
        let left = match self.default_mfa_method.as_str() {
            "totp" if !has_totp && has_number => "sms_otp",
            "sms_otp" if !has_number && has_totp => "totp",
            "totp" if !has_totp => "",
            "sms_otp" if !has_number => "",
            _ => return,
        };
        left.clone_into(&mut self.default_mfa_method);
    }

    /// Ends the membership. Their second factors go with it: who comes back after a while may have another number, and
    /// another telephone. Addresses that were reserved for them are everybody's again.
    pub fn delete(&mut self, now: Time) {
        self.status = MemberStatus::Deleted;
        self.roles.clear();
        self.retired_emails.clear();
        self.mfa_phone_number_verified = false;
        self.remove_totp();
        self.touch(now);
    }

    /// Brings a deleted member back.
    ///
    /// # Errors
    /// When they are not deleted.
    pub fn reactivate(&mut self, now: Time) -> Result<(), Refusal> {
        if self.status != MemberStatus::Deleted {
            return Err(Refusal::new(What::MemberNotDeleted)
                .found(format!("a member who is {}", self.status.as_str())));
        }
        self.status = MemberStatus::Active;
        self.touch(now);
        Ok(())
    }

    /// Notes a change.
    pub fn touch(&mut self, now: Time) {
        self.updated_at = now;
        self.version += 1;
    }
}

/// Reads an address that somebody gives a member.
///
/// # Errors
/// `invalid_email` with what is wrong.
pub fn checked_email(text: &str) -> Result<EmailAddress, Refusal> {
    EmailAddress::parse(text)
        .map_err(|error| Refusal::new(What::Invalid(Field::Email)).because(sentence(error)))
}

fn member_external_id(text: String) -> Result<String, Refusal> {
    checked_external_id(text, What::Invalid(Field::MemberExternalId))
}

fn checked_member_name(name: String) -> Result<String, Refusal> {
    if name.chars().count() > 256 || name.chars().any(char::is_control) {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because("name may have up to 256 characters, none of them a control character."));
    }
    Ok(name)
}

/// Reads a phone number that somebody gives a member, E.164; the empty text is none.
///
/// # Errors
/// [`Field::PhoneNumber`].
pub fn checked_phone(phone: String) -> Result<String, Refusal> {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    // No country's code begins with a zero.
    let is_e164 = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit());
    if phone.is_empty() || is_e164 { Ok(phone) } else { Err(What::Invalid(Field::PhoneNumber).into()) }
}

fn checked_mfa_method(method: String) -> Result<String, Refusal> {
    match method.as_str() {
        "" | "sms_otp" | "totp" => Ok(method),
        other => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{other:?} in default_mfa_method"))
            .expected("sms_otp or totp")),
    }
}

fn checked_roles(roles: Vec<String>, role_exists: impl Fn(&str) -> bool) -> Result<Vec<String>, Refusal> {
    let roles = roles.measured("roles")?;
    if let Some(unknown) = roles.iter().find(|role| !role_exists(role)) {
        return Err(Refusal::new(What::UnknownRole).found(format!("{unknown:?}")));
    }
    Ok(roles.into_iter().filter(|role| role != MEMBER_ROLE).collect())
}
