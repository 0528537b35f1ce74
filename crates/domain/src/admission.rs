//! Admission: which member a proved identity is, or why it is nobody here. A pure decision over what the
//! operation has loaded.

mod words;

use serde_json::Map;

use crate::connection::{ProfileSync, Route};
use crate::entropy::Entropy;
use crate::id::{MemberId, RegistrationId};
use crate::identity::{Arrivals, EmailTrust, Identity, Registration, Said, StatedEmail};
use crate::member::{Member, MemberDraft};
use crate::metadata::{Metadata, merge};
use crate::organization::Organization;
use crate::refusal::{Refusal, What};
use crate::session::AuthMethod;
use crate::time::Time;
use crate::vouching::{
    Answer, Bond, DomainOwner, Holder, LinkedBy, Question, may_speak, may_state, may_take_over, verifies,
};

/// What the operation found for an identity, all of it inside the organization that is signed in to.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The registration of this subject at this connection, with its member.
    pub registered: Option<(Registration, Member)>,
    /// The member who has the identity's address now, with all their registrations, when that is somebody else.
    pub by_email: Option<(Member, Vec<Registration>)>,
    /// Whose the address's domain is.
    pub domain: DomainOwner,
    /// Whether a directory has removed or locked out whoever has the address, and does not let them return: one of the
    /// organization, or that of the connection which it borrows.
    pub locked_out: bool,
    /// Whether a directory has the member who was found: what they are called, and their address, is its to say.
    pub provisioned: bool,
}

/// How a member was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionKind {
    /// By an earlier sign-in of the same subject.
    Existing,
    /// By address: this sign-in ties the subject to the member.
    Linked,
    /// Not at all: this sign-in creates the member.
    Created,
}

/// What is to be done with the registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registering {
    /// It is new.
    New,
    /// It is of the same subject as before.
    Same,
    /// It leads to another subject now, or is found by more than before.
    Rebound,
}

/// The member a sign-in leads to, as they are to be saved.
#[derive(Clone, Debug)]
pub struct Admission {
    /// How the member was found.
    pub kind: AdmissionKind,
    /// Why the subject was tied to the member, when this sign-in does so.
    pub linked_by: Option<LinkedBy>,
    /// The member after this sign-in.
    pub member: Member,
    /// The member before, equal but for the time when nothing about them changed; `None` for a created one.
    pub before: Option<Member>,
    /// The registration after this sign-in.
    pub registration: Registration,
    /// What is to be done with it.
    pub registering: Registering,
}

/// One sign-in: who proves what, when.
struct SignIn<'a> {
    organization: &'a Organization,
    route: Route<'a>,
    identity: &'a Identity,
    domain: DomainOwner,
    provisioned: bool,
    now: Time,
    entropy: &'a dyn Entropy,
}

/// Decides which member an identity is.
///
/// # Errors
/// No usable address, an address that the connection may not speak for ([`may_speak`]), a method the organization does
/// not allow, no right to create members, or somebody whom a directory has removed.
pub fn admit(
    organization: &Organization,
    route: Route<'_>,
    identity: &Identity,
    known: Known,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<Admission, Refusal> {
    let Known { registered, by_email, domain, locked_out, provisioned } = known;
    let sign_in = SignIn { organization, route, identity, domain, provisioned, now, entropy };
    if locked_out && route.is_borrowed() {
        return Err(What::RemovedByDirectory.into());
    }
    if let Some((registration, member)) = registered {
        sign_in.check_method(Some(&member))?;
        let holder = by_email.filter(|(other, _)| other.id != member.id);
        return sign_in.existing(registration, member, holder.as_ref().map(|(other, _)| other));
    }
    let email = identity.email.as_ref().ok_or_else(|| words::no_email(route))?;
    match by_email {
        Some((member, registrations)) => {
            sign_in.check_method(Some(&member))?;
            sign_in.linked(email, member, &registrations)
        }
        None => {
            sign_in.check_method(None)?;
            if locked_out {
                return Err(What::RemovedByDirectory.into());
            }
            sign_in.created(email)
        }
    }
}

impl SignIn<'_> {
    fn check_method(&self, member: Option<&Member>) -> Result<(), Refusal> {
        if self.organization.allows(AuthMethod::Sso) || member.is_some_and(|member| member.is_breakglass) {
            return Ok(());
        }
        Err(What::MethodNotAllowedHere.into())
    }

    fn sync(&self) -> ProfileSync {
        self.route.source().common.profile_sync
    }

    /// Whether what is kept of somebody follows what the provider says now.
    fn follows_provider(&self) -> bool {
        self.sync() == ProfileSync::OnEachLogin
    }

    fn question(&self, email: &StatedEmail, holder: Option<Holder>) -> Question {
        let (switches, is_borrowed) = (self.route.switches(self.now), self.route.is_borrowed());
        Question { statement: email.trust, domain: self.domain, holder, switches, is_borrowed }
    }

    /// Somebody who is known by subject.
    fn existing(
        &self,
        mut registration: Registration,
        before: Member,
        address_of: Option<&Member>,
    ) -> Result<Admission, Refusal> {
        let mut member = before.clone();
        if let Some(email) = &self.identity.email {
            let holder = address_of.map(|_| Holder { bond: Bond::None, is_vouched_for: false });
            let question = self.question(email, holder);
            if member.email == email.address {
                member.email_verified |= verifies(&question);
            } else if self.follows_provider() && !self.provisioned && may_take_over(&question) {
                member.change_email(email.address.clone(), verifies(&question), false);
            }
            note_statement(&mut member, email, &question);
        }
        if self.follows_provider() {
            if !self.provisioned {
                self.take_name(&mut member, registration.said.as_ref());
            }
            self.take_metadata(&mut member, Some(&registration))?;
        }
        let registering = self.renew(&mut registration);
        Ok(self.admitted(AdmissionKind::Existing, None, before, member, registration, registering))
    }

    /// Somebody who is known by address.
    fn linked(
        &self,
        email: &StatedEmail,
        before: Member,
        registrations: &[Registration],
    ) -> Result<Admission, Refusal> {
        let here: Vec<&Registration> =
            registrations.iter().filter(|one| one.connection_id == self.route.id()).collect();
        let issuer = self.identity.subject.key().issuer;
        // An issuer that nobody knows any more is not known to be another one.
        let same_issuer = here.iter().find(|one| one.key.issuer.is_empty() || one.key.issuer == issuer);
        let bond = match (same_issuer, here.is_empty(), registrations.is_empty()) {
            (Some(_), ..) => Bond::OtherSubject,
            (None, false, _) => Bond::EarlierIssuer,
            (None, true, false) => Bond::OtherConnection,
            (None, true, true) => Bond::None,
        };
        let is_vouched_for = before.email_verified || before.email_stated;
        let question = self.question(email, Some(Holder { bond, is_vouched_for }));
        let by = match may_speak(&question) {
            Answer::Link(by) => by,
            Answer::Create => return Err(What::JitNotAllowed.into()),
            Answer::Refuse(why) => {
                return Err(words::refused(why, self.route, self.identity, same_issuer.copied()));
            }
        };
        let mut member = before.clone();
        member.email_verified |= verifies(&question);
        note_statement(&mut member, email, &question);
        let is_filled = self.sync() != ProfileSync::NeverOnLogin;
        if member.name.is_empty() && is_filled {
            member.name.clone_from(&self.identity.name);
        }
        // One bond of a member and a connection: where there was one, it leads to this subject now.
        let earlier = same_issuer.or_else(|| here.first()).copied().cloned();
        if is_filled {
            self.take_metadata(&mut member, earlier.as_ref())?;
        }
        let (registration, registering) = match earlier {
            None => (self.registration(before.id), Registering::New),
            Some(mut registration) => {
                registration.external_id.clone_from(&self.identity.subject.value);
                self.renew(&mut registration);
                (registration, Registering::Rebound)
            }
        };
        Ok(self.admitted(AdmissionKind::Linked, Some(by), before, member, registration, registering))
    }

    /// Somebody who is new.
    fn created(&self, email: &StatedEmail) -> Result<Admission, Refusal> {
        let question = self.question(email, None);
        if let Answer::Refuse(why) = may_speak(&question) {
            return Err(words::refused(why, self.route, self.identity, None));
        }
        if self.sync() == ProfileSync::NeverOnLogin {
            return Err(What::UnknownUser.into());
        }
        if !self.organization.allows_jit_by(self.route.id()) {
            return Err(What::JitNotAllowed.into());
        }
        if let Some(shared) = self.route.unpinned() {
            return Err(words::unpinned(shared));
        }
        let id = MemberId::generate(self.organization.id.environment(), self.entropy);
        let draft = MemberDraft {
            email_address: email.address.as_str().to_owned(),
            name: self.identity.name.clone(),
            ..MemberDraft::default()
        };
        let mut member = Member::create(id, self.organization.tenant(), draft, |_| false, self.now)?;
        member.email_verified = verifies(&question);
        note_statement(&mut member, email, &question);
        self.take_metadata(&mut member, None)?;
        Ok(Admission {
            kind: AdmissionKind::Created,
            linked_by: None,
            before: None,
            registration: self.registration(member.id),
            registering: Registering::New,
            member,
        })
    }

    fn admitted(
        &self,
        kind: AdmissionKind,
        linked_by: Option<LinkedBy>,
        before: Member,
        mut member: Member,
        registration: Registration,
        registering: Registering,
    ) -> Admission {
        member.arrive();
        // Most sign-ins change nothing about the member. Then nothing is saved, and many at once do not meet.
        if member != before {
            member.touch(self.now);
        }
        Admission { kind, linked_by, member, before: Some(before), registration, registering }
    }

    /// The name follows the provider's when that has changed: what somebody has entered here stays until then.
    fn take_name(&self, member: &mut Member, said: Option<&Said>) {
        let name = &self.identity.name;
        let has_changed = said.is_some_and(|said| said.name != *name);
        if !name.is_empty() && (member.name.is_empty() || has_changed) {
            member.name.clone_from(name);
        }
    }

    /// Mapped attributes go into the trusted metadata where nobody else has written: a key is the provider's as long as
    /// it has the value that the provider gave it. Another organization's connection, whose mapping its own admins change,
    /// writes nothing that this one's application trusts.
    fn take_metadata(&self, member: &mut Member, earlier: Option<&Registration>) -> Result<(), Refusal> {
        if self.route.is_borrowed() {
            return Ok(());
        }
        let is_theirs = |key: &String| match member.trusted_metadata.get(key) {
            None => true,
            Some(value) => earlier.is_some_and(|registration| registration.wrote(key, value)),
        };
        let patch: Metadata = self
            .identity
            .trusted_metadata
            .iter()
            .filter(|(key, _)| is_theirs(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        merge(&mut member.trusted_metadata, &patch)
    }

    fn registration(&self, member: MemberId) -> Registration {
        let (organization, identity) = (self.organization, self.identity);
        Registration {
            id: RegistrationId::generate(self.route.id().kind(), organization.id.environment(), self.entropy),
            project_id: organization.project_id,
            organization_id: organization.id,
            member_id: member,
            connection_id: self.route.id(),
            external_id: identity.subject.value.clone(),
            key: identity.subject.key(),
            said: Some(identity.said()),
            attributes: match self.sync() {
                ProfileSync::NeverOnLogin => Map::new(),
                ProfileSync::OnEachLogin | ProfileSync::OnFirstLogin => identity.attributes.clone(),
            },
            groups: identity.groups.clone(),
            created_at: self.now,
            last_login_at: self.now,
            arrivals: Arrivals { count: 1, ..Arrivals::default() },
        }
    }

    /// Notes the sign-in in a registration that is there, and says whether it is found by something else now.
    fn renew(&self, registration: &mut Registration) -> Registering {
        let identity = self.identity;
        if self.follows_provider() {
            registration.attributes.clone_from(&identity.attributes);
        }
        // Roles go by the groups of now, whatever is kept of a profile.
        registration.groups.clone_from(&identity.groups);
        registration.last_login_at = self.now;
        registration.said = Some(identity.said());
        let key = identity.subject.key();
        if registration.key == key {
            return Registering::Same;
        }
        registration.key = key;
        Registering::Rebound
    }
}

/// Keeps that a provider has vouched for the address that the member has.
fn note_statement(member: &mut Member, email: &StatedEmail, question: &Question) {
    let is_said = email.trust == EmailTrust::Verified && may_state(question);
    member.email_stated |= is_said && member.email == email.address;
}

impl Identity {
    fn said(&self) -> Said {
        Said { name: self.name.clone(), trusted_metadata: self.trusted_metadata.clone() }
    }
}

impl Registration {
    /// Whether a value in the member's trusted metadata is what the latest sign-in wrote there. Before that was kept, a
    /// value is taken for the provider's that the provider has sent.
    fn wrote(&self, key: &str, value: &serde_json::Value) -> bool {
        match &self.said {
            Some(said) => said.trusted_metadata.get(key) == Some(value),
            None => self.attributes.values().any(|sent| {
                sent == value || sent.as_array().is_some_and(|list| list.len() == 1 && list.contains(value))
            }),
        }
    }
}

#[cfg(test)]
mod tests;
