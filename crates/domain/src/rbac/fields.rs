//! Which right each field of a change needs: one table for each kind of change. Every field stands in it;
//! one that is forgotten does not compile.

use super::asks::{
    ChangeMember, ChangeOrganization, CreateMember, DeleteMember, DeleteTotp, EndSessions, ManageFactors,
};
use super::{Action, Actor, Entry, Grant};
use crate::id::MemberId;
use crate::member::{Member, MemberDraft, MemberPatch};
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

impl OrganizationPatch {
    /// Refuses what the project alone says of an organization, for whoever founds one by themselves.
    ///
    /// # Errors
    /// [`What::TrustedMetadataByMember`], [`What::Forbidden`].
    pub fn require_founders(&self) -> Result<(), Refusal> {
        for (name, need) in self.needs() {
            match need {
                Need::Backend => return Err(What::TrustedMetadataByMember.into()),
                Need::Project => {
                    return Err(Refusal::new(What::Forbidden).because(format!(
                        "Only the project's own credentials say {name} of an organization."
                    )));
                }
                Need::Action(_) | Need::OrOwn(..) | Need::NotOwn(_) | Need::Nothing => {}
            }
        }
        Ok(())
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
    pub fn grant_of_member<A: AskOfMember>(self, target: MemberId) -> Result<Grant<A>, Refusal> {
        let (on_members, on_oneself) = A::NEEDS;
        self.require_for(target, on_members, on_oneself)
    }

    /// A grant to change the organization: every field that is given needs its right.
    ///
    /// # Errors
    /// The first field that whoever asks may not give.
    pub fn change_organization(
        self,
        patch: &OrganizationPatch,
    ) -> Result<Grant<ChangeOrganization>, Refusal> {
        self.require_fields(&patch.needs(), false)?;
        Ok(self.granted())
    }

    /// A grant to add a member.
    ///
    /// # Errors
    /// The first field that whoever asks may not give.
    pub fn create_member(self, draft: &MemberDraft) -> Result<Grant<CreateMember>, Refusal> {
        self.require_fields(&draft.needs(), false)?;
        Ok(self.granted())
    }

    /// A grant to change a member: every field that is given needs its right.
    ///
    /// # Errors
    /// The first field that whoever asks may not give, for this member.
    pub fn change_member(
        self,
        target: MemberId,
        patch: &MemberPatch,
    ) -> Result<Grant<ChangeMember>, Refusal> {
        let is_own = self.is(target);
        self.require_fields(&patch.needs(), is_own)?;
        Ok(self.granted())
    }

    /// A grant to remove a member; everybody may leave whose roles say so.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn delete_member(self, target: MemberId) -> Result<Grant<DeleteMember>, Refusal> {
        self.require_for(target, Action::DeleteMember, Action::Leave)
    }

    /// A grant to take a member's authenticator application away; their own everybody may take away whose roles say so, in
    /// a session that was proved by a second factor.
    ///
    /// # Errors
    /// [`What::Forbidden`], [`What::SecondFactorNeeded`].
    pub fn delete_totp(self, target: &Member) -> Result<Grant<DeleteTotp>, Refusal> {
        self.require_second_factor_of(target)?;
        self.require_for(target.id, Action::DeleteMemberTotp, Action::DeleteOwnTotp)
    }

    /// Refuses a member who changes what protects their own account in a session that none of it was proved in: it may be
    /// somebody else's who has only their first factor.
    ///
    /// # Errors
    /// [`What::SecondFactorNeeded`].
    pub fn require_second_factor_for(&self, target: &Member, patch: &MemberPatch) -> Result<(), Refusal> {
        let MemberPatch { mfa_phone_number, mfa_enrolled, .. } = patch;
        let is_about_it = mfa_phone_number.is_given() || mfa_enrolled.is_given();
        if is_about_it { self.require_second_factor_of(target) } else { Ok(()) }
    }

    /// The same whatever is changed.
    ///
    /// # Errors
    /// [`What::SecondFactorNeeded`].
    pub fn require_second_factor_of(&self, target: &Member) -> Result<(), Refusal> {
        if self.is(target.id) && target.has_second_factor() && !self.showed_second_factor() {
            return Err(Refusal::new(What::SecondFactorNeeded).because(
                "The member has a second factor, and the session was not proved by one. Let them prove it in this session first.",
            ));
        }
        Ok(())
    }

    /// A grant to end sessions of a member; their own everybody may end whose roles say so.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub fn end_sessions(self, owner: MemberId) -> Result<Grant<EndSessions>, Refusal> {
        self.require_for(owner, Action::EndMemberSessions, Action::EndOwnSessions)
    }

    /// A grant about the second factors of the member who asks. What they may change of them is decided by what they have
    /// shown beside (ADR 37).
    ///
    /// # Errors
    /// [`What::Forbidden`] for who is no member.
    pub fn own_factors(self) -> Result<Grant<ManageFactors>, Refusal> {
        match self.actor() {
            Actor::Member(_) => Ok(self.granted()),
            _ => Err(What::Forbidden.into()),
        }
    }

    fn require_for<A>(
        self,
        target: MemberId,
        on_members: Action,
        on_oneself: Action,
    ) -> Result<Grant<A>, Refusal> {
        if !(self.is(target) && self.may(on_oneself)) {
            self.require(&[on_members])?;
        }
        Ok(self.granted())
    }

    fn is(&self, member: MemberId) -> bool {
        *self.actor() == Actor::Member(member)
    }

    fn require_fields(&self, given: &[Given], is_own: bool) -> Result<(), Refusal> {
        let mut actions = Vec::new();
        for (_, need) in given {
            match *need {
                Need::Nothing => {}
                Need::Backend if self.require_project().is_err() => {
                    return Err(What::TrustedMetadataByMember.into());
                }
                Need::Backend | Need::Project => self.require_project()?,
                Need::NotOwn(_) if is_own => return Err(What::OwnRoles.into()),
                Need::OrOwn(_, own) if is_own && self.may(own) => {}
                Need::Action(action) | Need::OrOwn(action, _) | Need::NotOwn(action) => actions.push(action),
            }
        }
        self.require(&actions)
    }
}

#[cfg(test)]
mod tests;
