//! Which right each field of a change needs: one table for each kind of change. Every field stands in it;
//! one that is forgotten does not compile.

use super::asks::{ChangeMember, ChangeOrganization, CreateMember, DeleteMember, EndSessions};
use super::{Action, Actor, Entry, Grant, Policy};
use crate::id::MemberId;
use crate::member::{MemberDraft, MemberPatch};
use crate::organization::{OrganizationPatch, PolicyPatch};
use crate::refusal::{Refusal, What};

/// What a field needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// An action.
    Action(Action),
    /// An action on members; for one's own record another action is enough.
    OrOwn(Action, Action),
    /// An action on members, and never on one's own record.
    NotOwn(Action),
    /// The project's own credentials.
    Project,
    /// The project's own credentials, because only backends write what backends trust.
    Backend,
    /// Nothing of its own: it says how another field is meant.
    Nothing,
}

/// A field that a change gives, by name, with what it needs.
pub type Given = (&'static str, Need);

/// Keeps the fields that are given.
fn given<const N: usize>(fields: [(&'static str, bool, Need); N]) -> Vec<Given> {
    fields.into_iter().filter(|(_, given, _)| *given).map(|(name, _, need)| (name, need)).collect()
}

/// Says for every field of a change what it needs. A field that is not in the list does not compile.
macro_rules! needs {
    ($patch:ident $(with $group:ident)? {
        $($field:ident: $need:ident $(($($action:ident),+))?,)*
    }) => {
        impl $patch {
            /// The fields that are given, with what each needs.
            #[must_use]
            pub fn needs(&self) -> Vec<Given> {
                let Self { $($field,)* $($group,)? } = self;
                let fields = given([$(
                    (stringify!($field), $field.is_given(), Need::$need $(($(Action::$action),+))?),
                )*]);
                $(let fields = [fields, $group.needs()].concat();)?
                fields
            }
        }
    };
}

/// What says how another field is meant is given when it is true.
trait Flag {
    fn is_given(&self) -> bool;
}

impl Flag for bool {
    fn is_given(&self) -> bool {
        *self
    }
}

needs! { OrganizationPatch with policy {
    name: Action(UpdateOrganizationName),
    slug: Action(UpdateOrganizationSlug),
    logo_url: Action(UpdateOrganizationLogo),
    external_id: Project,
    trusted_metadata: Backend,
    email_role_assignments: Action(UpdateImplicitRoles),
} }

needs! { PolicyPatch {
    sso_default_connection_id: Action(UpdateDefaultConnection),
    sso_jit_provisioning: Action(UpdateSsoJit),
    sso_jit_provisioning_allowed_connections: Action(UpdateSsoJit),
    email_allowed_domains: Action(UpdateAllowedDomains),
    claimed_email_domains: Project,
    email_jit_provisioning: Action(UpdateEmailJit),
    email_invites: Action(UpdateEmailInvites),
    auth_methods: Action(UpdateAuthMethods),
    allowed_auth_methods: Action(UpdateAuthMethods),
    mfa_policy: Action(UpdateMfaPolicy),
    mfa_methods: Action(UpdateMfaMethods),
    allowed_mfa_methods: Action(UpdateMfaMethods),
    oauth_tenant_jit_provisioning: Action(UpdateOauthJit),
    allowed_oauth_tenants: Action(UpdateOauthTenants),
    first_party_connected_apps_allowed_type: Project,
    allowed_first_party_connected_apps: Project,
    third_party_connected_apps_allowed_type: Project,
    allowed_third_party_connected_apps: Project,
} }

needs! { MemberPatch {
    trusted_metadata: Backend,
    external_id: Project,
    roles: NotOwn(UpdateMemberRoles),
    email_address: NotOwn(UpdateMemberEmail),
    name: OrOwn(UpdateMemberName, UpdateOwnName),
    untrusted_metadata: OrOwn(UpdateMemberUntrustedMetadata, UpdateOwnUntrustedMetadata),
    mfa_phone_number: OrOwn(UpdateMemberPhone, UpdateOwnPhone),
    mfa_enrolled: OrOwn(UpdateMemberMfaEnrolled, UpdateOwnMfaEnrolled),
    default_mfa_method: OrOwn(UpdateMemberMfaMethod, UpdateOwnMfaMethod),
    is_breakglass: Action(UpdateMemberBreakglass),
    unlink_email: Nothing,
    preserve_existing_sessions: Nothing,
} }

impl MemberDraft {
    /// What making this member needs. Roles, the exemption from sign-in rules, and what is the project's alone need the
    /// same rights here as in a change, or making a member would be the way around them.
    #[must_use]
    #[rustfmt::skip]
    pub fn needs(&self) -> Vec<Given> {
        use Action as A;
        let Self {
            email_address: _, name: _, trusted_metadata, untrusted_metadata: _, create_as_pending: _, is_breakglass,
            mfa_phone_number: _, mfa_enrolled: _, roles, external_id,
        } = self;
        given([
            ("email_address", true, Need::Action(A::CreateMember)),
            ("roles", !roles.is_empty(), Need::Action(A::UpdateMemberRoles)),
            ("is_breakglass", *is_breakglass, Need::Action(A::UpdateMemberBreakglass)),
            ("trusted_metadata", trusted_metadata.is_some(), Need::Backend),
            ("external_id", external_id.is_some(), Need::Project),
        ])
    }
}

/// What a grant can be asked for, when one action on members decides it, and for one's own record another is enough;
/// implemented by the types of [`super::asks`].
pub trait AskOfMember {
    /// The action on members, and that on oneself.
    const NEEDS: (Action, Action);
}

impl Entry {
    /// A grant for what two actions decide, one on members and one on oneself.
    ///
    /// # Errors
    /// [`What::Forbidden`] naming the action on members.
    pub fn grant_of_member<A: AskOfMember>(
        self,
        policy: &Policy,
        target: MemberId,
    ) -> Result<Grant<A>, Refusal> {
        let (on_members, on_oneself) = A::NEEDS;
        self.require_for(policy, target, on_members, on_oneself)
    }

    /// A grant to change the organization: every field that is given needs its right.
    ///
    /// # Errors
    /// The first field that whoever asks may not give.
    pub fn change_organization(
        self,
        policy: &Policy,
        patch: &OrganizationPatch,
    ) -> Result<Grant<ChangeOrganization>, Refusal> {
        self.require_fields(policy, &patch.needs(), false)?;
        Ok(self.granted())
    }

    /// A grant to add a member.
    ///
    /// # Errors
    /// The first field that whoever asks may not give.
    pub fn create_member(self, policy: &Policy, draft: &MemberDraft) -> Result<Grant<CreateMember>, Refusal> {
        self.require_fields(policy, &draft.needs(), false)?;
        Ok(self.granted())
    }

    /// A grant to change a member: every field that is given needs its right.
    ///
    /// # Errors
    /// The first field that whoever asks may not give, for this member.
    pub fn change_member(
        self,
        policy: &Policy,
        target: MemberId,
        patch: &MemberPatch,
    ) -> Result<Grant<ChangeMember>, Refusal> {
        let is_own = self.is(target);
        self.require_fields(policy, &patch.needs(), is_own)?;
        Ok(self.granted())
    }

    /// A grant to remove a member; everybody may leave whose roles say so.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn delete_member(self, policy: &Policy, target: MemberId) -> Result<Grant<DeleteMember>, Refusal> {
        self.require_for(policy, target, Action::DeleteMember, Action::Leave)
    }

    /// A grant to end sessions of a member; their own everybody may end whose roles say so.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn end_sessions(self, policy: &Policy, owner: MemberId) -> Result<Grant<EndSessions>, Refusal> {
        self.require_for(policy, owner, Action::EndMemberSessions, Action::EndOwnSessions)
    }

    fn require_for<A>(
        self,
        policy: &Policy,
        target: MemberId,
        on_members: Action,
        on_oneself: Action,
    ) -> Result<Grant<A>, Refusal> {
        if !(self.is(target) && self.may(policy, on_oneself)) {
            self.require(policy, &[on_members])?;
        }
        Ok(self.granted())
    }

    fn is(&self, member: MemberId) -> bool {
        *self.actor() == Actor::Member(member)
    }

    fn require_fields(&self, policy: &Policy, given: &[Given], is_own: bool) -> Result<(), Refusal> {
        let mut actions = Vec::new();
        for (_, need) in given {
            match *need {
                Need::Nothing => {}
                Need::Backend if self.require_project().is_err() => {
                    return Err(What::TrustedMetadataByMember.into());
                }
                Need::Backend | Need::Project => self.require_project()?,
                Need::NotOwn(_) if is_own => return Err(What::OwnRoles.into()),
                Need::OrOwn(_, own) if is_own && self.may(policy, own) => {}
                Need::Action(action) | Need::OrOwn(action, _) | Need::NotOwn(action) => actions.push(action),
            }
        }
        self.require(policy, &actions)
    }
}

#[cfg(test)]
mod tests;
