//! What somebody finds who has shown an address (contract 3.6).

use std::mem::take;

use serde::Serialize;
use vestibule_domain::member::MemberStatus;

use super::missing::{MfaRequired, PrimaryRequired, mfa_required, primary_required};
use super::tokens::{HoldsTokens, Tokens};
use super::{MemberOut, OrganizationOut};
use crate::operations::by_mail::proof::Found;
use crate::operations::discovery::{Discovered, Membership};
use crate::operations::views::MemberView;

/// The organizations, and the sign-in to go on in one of them with.
#[derive(Debug, Serialize)]
pub(crate) struct FoundOut {
    intermediate_session_token: String,
    intermediate_session_token_expires_at: String,
    email_address: String,
    discovered_organizations: Vec<DiscoveredOut>,
}

impl HoldsTokens for FoundOut {
    fn take_tokens(&mut self) -> Tokens {
        Tokens { intermediate: take(&mut self.intermediate_session_token), ..Tokens::default() }
    }
}

impl From<&Found> for FoundOut {
    fn from(found: &Found) -> Self {
        Self {
            intermediate_session_token: found.token.expose().to_owned(),
            intermediate_session_token_expires_at: found.expires_at.to_string(),
            email_address: found.address.to_string(),
            discovered_organizations: found.organizations.iter().map(DiscoveredOut::from).collect(),
        }
    }
}

/// An organization that somebody may go on in.
#[derive(Debug, Serialize)]
pub(crate) struct DiscoveredOut {
    organization: OrganizationOut,
    membership: MembershipOut,
    member_authenticated: bool,
    primary_required: Option<PrimaryRequired>,
    mfa_required: Option<MfaRequired>,
}

#[derive(Debug, Serialize)]
struct MembershipOut {
    #[serde(rename = "type")]
    kind: &'static str,
    details: Option<DomainOut>,
    member: Option<MemberOut>,
}

#[derive(Debug, Serialize)]
struct DomainOut {
    domain: String,
}

impl From<&Membership> for MembershipOut {
    fn from(membership: &Membership) -> Self {
        match membership {
            Membership::Member(member) => {
                Self { kind: kind(member), details: None, member: Some(MemberOut::from(&**member)) }
            }
            Membership::Domain(domain) => Self {
                kind: "eligible_to_join_by_email_domain",
                details: Some(DomainOut { domain: domain.clone() }),
                member: None,
            },
        }
    }
}

const fn kind(member: &MemberView) -> &'static str {
    match member.member.status {
        MemberStatus::Pending => "pending_member",
        MemberStatus::Invited => "invited_member",
        MemberStatus::Active | MemberStatus::Deleted => "active_member",
    }
}

impl From<&Discovered> for DiscoveredOut {
    fn from(found: &Discovered) -> Self {
        let mfa = match &found.membership {
            Membership::Member(member) => mfa_required(Some(&member.member), &found.missing, false),
            Membership::Domain(_) => mfa_required(None, &found.missing, false),
        };
        Self {
            organization: OrganizationOut::from(&found.organization),
            membership: MembershipOut::from(&found.membership),
            member_authenticated: found.missing.is_nothing(),
            primary_required: primary_required(&found.missing),
            mfa_required: mfa,
        }
    }
}
