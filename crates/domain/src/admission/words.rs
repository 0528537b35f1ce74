//! What is said to those who are not admitted: what was found, and what an administrator can do about it.

use crate::connection::SharedIssuer;
use crate::id::ConnectionKind;
use crate::identity::{Identity, Registration};
use crate::refusal::{Name, Refusal, Via, What};
use crate::vouching::Objection;

const fn via(identity: &Identity) -> Via {
    match identity.connection_id.kind() {
        ConnectionKind::Oidc => Via::Oidc,
        ConnectionKind::Saml | ConnectionKind::External => Via::Saml,
    }
}

/// There is no address.
pub(super) fn no_email(identity: &Identity) -> Refusal {
    Refusal::new(What::NoEmail(via(identity))).because(
        "Let the identity provider send the address, or name what holds it for email in attribute_mapping of the connection.",
    )
}

/// The connection may not speak for the address. `known` is the registration by which the member is known already.
pub(super) fn refused(why: Objection, identity: &Identity, known: Option<&Registration>) -> Refusal {
    let via = via(identity);
    match why {
        Objection::Disowned => Refusal::new(What::DisownedEmail(via)).because(disowned(identity)),
        Objection::ClaimedByAnother => Refusal::new(What::Taken(Name::ClaimedDomain)).because(
            "The address is in a domain that another organization has claimed, so nobody is added here with it. If \
             the domain belongs here, change claimed_email_domains; else add the member by hand in their own \
             organization.",
        ),
        Objection::OtherSubject => other_subject(via, known),
        Objection::OtherConnection => Refusal::new(What::OtherSubject(via)).because(
            "The address belongs to a member who signs in through another connection of the organization. Through \
             this one they are found by address only if the domain is among the organization's claimed_email_domains, \
             their address is verified, and this identity provider says email_verified: true. For a migration, set \
             link_existing_members_until of this connection; or release the member's registration at the other one.",
        ),
    }
}

fn disowned(identity: &Identity) -> String {
    let denial = identity.email.as_ref().and_then(|email| email.denial.as_deref());
    format!(
        "The identity provider says {}. Let it verify the address, or say that it is verified \
         (Keycloak: \u{201c}Email verified\u{201d} of the user, or \u{201c}Trust Email\u{201d} of the federation; \
         authentik: the scope mapping of email). For addresses in the organization's own claimed_email_domains, \
         trust_unverified_addresses of the connection takes them as they are.",
        denial.unwrap_or("email_verified: false")
    )
}

fn other_subject(via: Via, known: Option<&Registration>) -> Refusal {
    let which = known.map_or_else(String::new, |known| format!(" (registration {})", known.id));
    Refusal::new(What::OtherSubject(via)).because(format!(
        "The address belongs to a member who signed in through this connection before, at the same issuer, as another \
         subject{which}. If it is the same person, made anew at the identity provider or sent in another form, release \
         or relink that registration (DELETE or PUT under /v1/vestibule/organizations/{{organization_id}}/members/\
         {{member_id}}/registrations, or vestibule registration), or set relink_changed_subjects of the connection for \
         the organization's own claimed_email_domains. If the address was given to somebody else, remove the old \
         member first."
    ))
}

/// The connection leads to an issuer that anybody may have an account at.
pub(super) fn unpinned(shared: SharedIssuer) -> Refusal {
    let remedy = match shared.pin() {
        Some(pin) => format!("set {pin} of the connection, or add the member first"),
        None => "add the member first".to_owned(),
    };
    Refusal::new(What::JitNotAllowed).because(format!(
        "The connection's issuer serves many companies and private people, and nothing says whose people are meant: \
         it signs in only those who are members already. To let this person in, {remedy}."
    ))
}
