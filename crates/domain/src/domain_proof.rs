//! Showing that a domain is an organization's: a record that only its owner can put into DNS, looked for now and then, and what
//! becomes of it when it goes (ADR 58). A domain that is shown is one that the organization has claimed: there is one rule about
//! whose a domain is, and it does not ask how that came to be known.

mod name;
mod seen;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

pub use name::DomainName;
pub use seen::{Answer, Looked, Place, Seen, Sight, Unanswered};

use crate::entropy::{Entropy, bytes};
use crate::id::{OrganizationId, ProjectId};
use crate::rbac::Actor;
use crate::spelled::spelled;
use crate::tenant::Tenant;
use crate::time::{Span, Time};

/// The most domains that one organization shows.
pub const MAX_DOMAIN_PROOFS: usize = 100;
/// How long a record may be gone before the domain is the organization's no more.
pub const GRACE: Span = Span::days(30);
/// How long nobody may know whether the record is there before that is a warning.
const DOUBT: Span = Span::days(3);
/// How often a domain that is shown is looked at.
const EVERY_MONTH: Span = Span::days(30);
/// The least time between two looks that somebody asks for.
const APART: Span = Span::seconds(5);
/// What stands before the token.
const PREFIX: &str = "vestibule-domain=";

spelled! {
    /// How far it is.
    pub enum ProofState {
        /// The record is waited for.
        Pending = "pending",
        /// The record was found.
        Verified = "verified",
        /// It was found, and is gone: the domain stays the organization's for a while.
        AtRisk = "at_risk",
        /// It has been gone for too long.
        Lost = "lost",
    }
}

impl ProofState {
    /// Whether the domain is the organization's by its record, also while that is missed.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Verified | Self::AtRisk)
    }
}

/// What the organization puts into DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The text of the record.
    pub value: String,
    /// The name to which the record's name may point instead.
    pub target: String,
}

impl Challenge {
    /// Whether the text is among others. Quotation marks and white space around it, which consoles add, make it no other.
    fn is_among(&self, texts: &[String]) -> bool {
        texts.iter().any(|text| text.trim_matches([' ', '\t', '\r', '\n', '"']) == self.value)
    }
}

/// Whose a domain is, when a record is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has claimed it.
    Free,
    /// The organization has it.
    Ours,
    /// Another organization has it, or a domain of which it is a part.
    Another,
}

/// What a look changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that anybody has to hear of.
    Nothing,
    /// The domain is the organization's now.
    Verified,
    /// The record is there, and the domain is another organization's.
    Held,
    /// The record is gone.
    AtRisk,
    /// The record is back.
    Recovered,
    /// The domain is the organization's no more.
    Lost,
}

/// That a domain is shown to be an organization's, or will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainProof {
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The domain.
    pub domain: DomainName,
    /// What tells its record from those of others: chance, drawn for this organization and this domain.
    pub token: String,
    /// How far it is.
    pub state: ProofState,
    /// Whether the organization has the domain by this alone: then it goes with it.
    #[serde(default)]
    pub claims: bool,
    /// Whether the record was found while the domain was another organization's.
    #[serde(default)]
    pub is_held: bool,
    /// Who began it.
    pub created_by: Actor,
    /// When.
    pub created_at: Time,
    /// When somebody last began to wait for the record.
    pub awaited_at: Time,
    /// When it was last looked for.
    #[serde(default)]
    pub checked_at: Option<Time>,
    /// What was found then.
    #[serde(default)]
    pub seen: Option<Seen>,
    /// Since when the domain is shown.
    #[serde(default)]
    pub verified_at: Option<Time>,
    /// Since when the record is not found any more.
    #[serde(default)]
    pub missed_since: Option<Time>,
    /// When it is looked for next by itself.
    #[serde(default)]
    pub next_check_at: Option<Time>,
    /// Counts changes; an update names the version it was decided on.
    #[serde(default)]
    pub version: i64,
}

impl DomainProof {
    /// The beginning: a record to be put into DNS.
    #[must_use]
    pub fn begin(
        tenant: Tenant,
        domain: DomainName,
        by: Actor,
        (now, entropy): (Time, &dyn Entropy),
    ) -> Self {
        let mut proof = Self {
            project_id: tenant.project_id(),
            organization_id: tenant.organization_id(),
            domain,
            // A label of DNS, which may not be longer than 63 characters and knows no case.
            token: HEXLOWER.encode(&bytes::<20>(entropy)),
            state: ProofState::Pending,
            claims: false,
            is_held: false,
            created_by: by,
            created_at: now,
            awaited_at: now,
            checked_at: None,
            seen: None,
            verified_at: None,
            missed_since: None,
            next_check_at: None,
            version: 1,
        };
        proof.plan(now);
        proof
    }

    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::stored(self.project_id, self.organization_id)
    }

    /// What has to be put into DNS, on a server of this name.
    #[must_use]
    pub fn challenge(&self, host: &str) -> Challenge {
        Challenge { value: format!("{PREFIX}{}", self.token), target: format!("{}.{host}", self.token) }
    }

    /// Whether it was looked for so lately that looking again would bring nothing.
    #[must_use]
    pub fn is_fresh(&self, now: Time) -> bool {
        self.checked_at.is_some_and(|at| now < at.plus(APART))
    }

    /// When the domain is lost, if the record does not come back.
    #[must_use]
    pub fn lost_at(&self) -> Option<Time> {
        self.missed_since.filter(|_| self.state.is_shown()).map(|since| since.plus(GRACE))
    }

    /// Waits for the record anew, as from the beginning, where nobody looks any more.
    pub fn await_again(&mut self, now: Time) {
        if matches!(self.state, ProofState::Pending | ProofState::Lost) {
            self.awaited_at = now;
        }
    }

    /// Takes in what a look has found. Gives what it changed; whose the domain is has then to follow: [`Change::Verified`] claims it
    /// where [`DomainProof::claims`] says so, [`Change::Lost`] lets it go where it said so before.
    pub fn checked(&mut self, seen: Seen, claim: Claim, now: Time) -> Change {
        let is_record = seen.is_record();
        let is_known = seen.is_known();
        self.checked_at = Some(now);
        self.seen = Some(seen);
        self.version += 1;
        let change = match (self.state, is_record) {
            (ProofState::Pending | ProofState::Lost, true) => self.proved(claim, now),
            (ProofState::Pending | ProofState::Lost, false) => Change::Nothing,
            (ProofState::Verified | ProofState::AtRisk, true) => self.confirmed(claim),
            (ProofState::Verified | ProofState::AtRisk, false) => self.missed(is_known, now),
        };
        self.plan(now);
        change
    }

    fn proved(&mut self, claim: Claim, now: Time) -> Change {
        if claim == Claim::Another {
            return if std::mem::replace(&mut self.is_held, true) { Change::Nothing } else { Change::Held };
        }
        self.state = ProofState::Verified;
        self.is_held = false;
        self.claims = claim == Claim::Free;
        self.verified_at = Some(now);
        self.missed_since = None;
        Change::Verified
    }

    fn confirmed(&mut self, claim: Claim) -> Change {
        // What the project has taken away meanwhile is not taken again by itself.
        self.claims &= claim == Claim::Ours;
        self.missed_since = None;
        let was_at_risk = self.state == ProofState::AtRisk;
        self.state = ProofState::Verified;
        if was_at_risk { Change::Recovered } else { Change::Nothing }
    }

    /// That nobody answers is no statement about the record, until nobody has for some days.
    fn missed(&mut self, is_known: bool, now: Time) -> Change {
        let since = *self.missed_since.get_or_insert(now);
        if now >= since.plus(GRACE) {
            self.state = ProofState::Lost;
            self.awaited_at = now;
            return Change::Lost;
        }
        let is_warning = is_known || now >= since.plus(DOUBT);
        if is_warning && self.state == ProofState::Verified {
            self.state = ProofState::AtRisk;
            return Change::AtRisk;
        }
        Change::Nothing
    }

    /// Lets the domain go where the organization had it by this alone. Whether it did.
    pub fn let_go(&mut self) -> bool {
        std::mem::replace(&mut self.claims, false)
    }

    /// Each minute for ten minutes, each hour for a week, each day for a month more, then only when somebody asks; what is shown
    /// each month, and each day while it is missed.
    fn plan(&mut self, now: Time) {
        let waited = Span::millis_of(now.millis() - self.awaited_at.millis());
        let pause = match self.state {
            ProofState::Verified if self.missed_since.is_none() => Some(EVERY_MONTH),
            ProofState::Verified | ProofState::AtRisk => Some(Span::days(1)),
            ProofState::Pending if waited < Span::minutes(10) => Some(Span::minutes(1)),
            ProofState::Pending if waited < Span::days(7) => Some(Span::minutes(60)),
            ProofState::Pending | ProofState::Lost if waited < Span::days(37) => Some(Span::days(1)),
            ProofState::Pending | ProofState::Lost => None,
        };
        self.next_check_at = pause.map(|pause| now.plus(pause));
    }
}

#[cfg(test)]
mod tests;
