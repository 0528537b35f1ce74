//! What becomes of a member when a directory says something of a person. A pure decision over what the operation has loaded.
//!
//! A directory is the word of the organization's own administrators about their own people. It may make members, say what
//! they are called, give them another address and end their membership. It may not take anything from another organization,
//! and the members who are kept for the day on which it is wrong are not its to remove.

use crate::email::EmailAddress;
use crate::entropy::Entropy;
use crate::id::{DirectoryUserId, MemberId};
use crate::member::{Member, MemberDraft, MemberStatus};
use crate::metadata::{Metadata, merge};
use crate::organization::Organization;
use crate::refusal::{Name, Refusal, What};
use crate::time::Time;
use crate::vouching::DomainOwner;

/// The most characters of a member's name; of a longer one the beginning is kept.
const NAME: usize = 256;

/// What a directory says of a person, as far as it concerns the member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The person's address, if there is one.
    pub email: Option<EmailAddress>,
    /// What the person is called, `""` when that is not said.
    pub name: String,
    /// Whether the person may sign in.
    pub active: bool,
    /// What is mapped into the member's trusted metadata.
    pub metadata: Metadata,
}

/// The member who has an address.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The member.
    pub member: Member,
    /// Whether a directory has said already that the member is one of its people.
    pub is_provisioned: bool,
    /// Whether the member comes through another connection of an organization that many customers' connections are in: whoever
    /// directs one of those has no word about them.
    pub is_anothers: bool,
}

/// What the operation has found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What the directory said before; nothing, when the person is new to it.
    pub earlier: Option<Stated>,
    /// The member that the person is, also one who is deleted.
    pub member: Option<Member>,
    /// Another member who has the address now.
    pub holder: Option<Holder>,
    /// Whose the address's domain is.
    pub domain: DomainOwner,
}

/// What becomes of the member.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberChange {
    /// The person is nobody: there is no address, or nobody to be let in.
    Nobody,
    /// The member stays as they are.
    Same(Box<Member>),
    /// A member is made.
    Created(Box<Member>),
    /// The member changes.
    Changed {
        /// Before.
        before: Box<Member>,
        /// After.
        after: Box<Member>,
    },
}

impl MemberChange {
    /// The member afterwards.
    #[must_use]
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Nobody => None,
            Self::Same(member) | Self::Created(member) => Some(member),
            Self::Changed { after, .. } => Some(after),
        }
    }

    /// Whether the member was one before and is none afterwards: everything by which they are signed in ends.
    #[must_use]
    pub fn ends(&self) -> bool {
        match self {
            Self::Changed { before, after } => {
                before.status != MemberStatus::Deleted && after.status == MemberStatus::Deleted
            }
            _ => false,
        }
    }

    /// Whether the member was none before and is one again.
    #[must_use]
    pub fn brings_back(&self) -> bool {
        match self {
            Self::Changed { before, after } => {
                before.status == MemberStatus::Deleted && after.status != MemberStatus::Deleted
            }
            _ => false,
        }
    }
}

/// Decides what becomes of the member that a person is.
///
/// # Errors
/// [`What::Taken`] when another organization has claimed the domain of the address, or the member who has it is another
/// of the directory's people or comes through somebody else's connection; [`What::BreakglassStays`].
pub fn provision(
    organization: &Organization,
    person: DirectoryUserId,
    stated: &Stated,
    found: Found,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<MemberChange, Refusal> {
    let asked = Asked { organization, person, stated, now };
    let is_gone = |member: &Member| member.status == MemberStatus::Deleted;
    // Who was removed by hand and has come back by a sign-in since is who the directory lets in again.
    if stated.active
        && found.member.as_ref().is_some_and(is_gone)
        && let Some(tied) = asked.holder(found.holder.clone())
    {
        return tied;
    }
    match (found.member.clone(), &stated.email) {
        (Some(member), _) => asked.known(member, &found),
        (None, Some(email)) if stated.active => asked.created(email, found, entropy),
        (None, _) => Ok(MemberChange::Nobody),
    }
}

/// The member after the directory has removed the person.
///
/// # Errors
/// [`What::BreakglassStays`].
pub fn depart(member: &Member, now: Time) -> Result<MemberChange, Refusal> {
    let mut after = member.clone();
    if member.status == MemberStatus::Deleted {
        after.provisioned_by = None;
        after.touch(now);
    } else {
        may_depart(member)?;
        after.provisioned_by = None;
        after.delete(now);
    }
    Ok(MemberChange::Changed { before: Box::new(member.clone()), after: Box::new(after) })
}

/// Whether a directory may end somebody's membership.
fn may_depart(member: &Member) -> Result<(), Refusal> {
    if !member.is_breakglass {
        return Ok(());
    }
    Err(Refusal::new(What::BreakglassStays).because(format!(
        "The member {} is kept for the day on which the directory is wrong (is_breakglass): \
         take that away first, or remove the member by hand.",
        member.id
    )))
}

struct Asked<'a> {
    organization: &'a Organization,
    person: DirectoryUserId,
    stated: &'a Stated,
    now: Time,
}

impl Asked<'_> {
    /// The member who has the address, if there is one whom no directory has.
    fn holder(&self, holder: Option<Holder>) -> Option<Result<MemberChange, Refusal>> {
        let holder = holder?;
        if holder.is_provisioned || holder.is_anothers {
            return Some(Err(What::Taken(Name::MemberEmail).into()));
        }
        Some(self.tied(holder.member))
    }

    /// Somebody who is no member yet, as far as the directory knows.
    fn created(
        &self,
        email: &EmailAddress,
        found: Found,
        entropy: &dyn Entropy,
    ) -> Result<MemberChange, Refusal> {
        if let Some(tied) = self.holder(found.holder) {
            return tied;
        }
        if found.domain == DomainOwner::Another {
            return Err(What::Taken(Name::ClaimedDomain).into());
        }
        let id = MemberId::generate(self.organization.id.environment(), entropy);
        let draft = MemberDraft {
            email_address: email.as_str().to_owned(),
            name: self.name(),
            ..MemberDraft::default()
        };
        let mut member = Member::create(id, self.organization.tenant(), draft, |_| false, self.now)?;
        member.email_verified = self.vouches_for(email);
        member.provisioned_by = Some(self.person);
        merge(&mut member.trusted_metadata, &self.stated.metadata)?;
        Ok(MemberChange::Created(Box::new(member)))
    }

    /// A member who was there before the directory spoke of them: they keep what they are called, unless they have no name.
    fn tied(&self, before: Member) -> Result<MemberChange, Refusal> {
        let mut member = before.clone();
        member.email_verified |= self.vouches_for(&member.email);
        member.provisioned_by = Some(self.person);
        if member.name.is_empty() {
            member.name = self.name();
        }
        self.take_metadata(&mut member, &Metadata::new())?;
        member.arrive();
        Ok(self.changed(before, member))
    }

    /// What is mapped goes where nobody else has written: a key is the directory's as long as it has the value that the directory
    /// gave it.
    fn take_metadata(&self, member: &mut Member, earlier: &Metadata) -> Result<(), Refusal> {
        let is_theirs = |key: &String| match member.trusted_metadata.get(key) {
            None => true,
            Some(value) => earlier.get(key) == Some(value),
        };
        let gone = earlier.keys().filter(|key| !self.stated.metadata.contains_key(*key));
        let gone = gone.map(|key| (key.clone(), serde_json::Value::Null));
        let said = self.stated.metadata.iter().map(|(key, value)| (key.clone(), value.clone()));
        let patch: Metadata = gone.chain(said).filter(|(key, _)| is_theirs(key)).collect();
        merge(&mut member.trusted_metadata, &patch)
    }

    /// The member that the person is. What the directory has not changed stays as it is, whoever wrote it.
    fn known(&self, before: Member, found: &Found) -> Result<MemberChange, Refusal> {
        let (stated, earlier) = (self.stated, found.earlier.clone().unwrap_or_default());
        let mut member = before.clone();
        member.provisioned_by = Some(self.person);
        if let Some(email) = stated.email.as_ref().filter(|email| earlier.email.as_ref() != Some(*email)) {
            self.move_to(email, found, &mut member)?;
        }
        let name = self.name();
        if !name.is_empty() && (member.name.is_empty() || earlier.name != stated.name) {
            member.name = name;
        }
        self.take_metadata(&mut member, &earlier.metadata)?;
        match (stated.active, member.status == MemberStatus::Deleted) {
            (false, false) => {
                may_depart(&before)?;
                member.delete(self.now);
                return Ok(MemberChange::Changed { before: Box::new(before), after: Box::new(member) });
            }
            (true, true) => member.reactivate(self.now)?,
            (true, false) | (false, true) => {}
        }
        Ok(self.changed(before, member))
    }

    fn move_to(&self, email: &EmailAddress, found: &Found, member: &mut Member) -> Result<(), Refusal> {
        if *email == member.email {
            return Ok(());
        }
        if found.holder.is_some() {
            return Err(What::Taken(Name::MemberEmail).into());
        }
        if found.domain == DomainOwner::Another {
            return Err(What::Taken(Name::ClaimedDomain).into());
        }
        // Nothing is reserved for somebody who is gone.
        let forget = member.status == MemberStatus::Deleted;
        member.change_email(email.clone(), self.vouches_for(email), forget);
        Ok(())
    }

    fn changed(&self, before: Member, mut after: Member) -> MemberChange {
        if after == before {
            return MemberChange::Same(Box::new(after));
        }
        if after.version == before.version {
            after.touch(self.now);
        }
        MemberChange::Changed { before: Box::new(before), after: Box::new(after) }
    }

    /// Whether an address of the directory's counts as verified: in the organization's own domains.
    fn vouches_for(&self, email: &EmailAddress) -> bool {
        self.organization.owns_domain(email.domain())
    }

    fn name(&self) -> String {
        self.stated.name.chars().filter(|c| !c.is_control()).take(NAME).collect()
    }
}
