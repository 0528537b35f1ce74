//! What is said to those who are not admitted: what was found, and what an administrator can do about it.

use crate::connection::{Route, SharedIssuer};
use crate::identity::{Identity, Registration};
use crate::refusal::{Name, Refusal, What};
use crate::vouching::Objection;

/// There is no address.
pub(super) fn no_email(route: Route<'_>) -> Refusal {
    Refusal::new(What::NoEmail(route.via())).because(
        "Let the identity provider send the address, or name what holds it for email in attribute_mapping of the connection.",
    )
}

/// The connection may not speak for the address. `known` is the registration by which the member is known already.
pub(super) fn refused(
    why: Objection,
    route: Route<'_>,
    identity: &Identity,
    known: Option<&Registration>,
) -> Refusal {
    let via = route.via();
    match why {
        Objection::Disowned => Refusal::new(What::DisownedEmail(via)).because(disowned(route, identity)),
        Objection::ClaimedByAnother => Refusal::new(What::Taken(Name::ClaimedDomain)).because(
            "The address is in a domain that another organization has claimed, so nobody is added here with it. If \
             the domain belongs here, change claimed_email_domains; else add the member by hand in their own \
             organization.",
        ),
        Objection::OtherSubject => other_subject(route, known),
        Objection::OtherConnection if route.is_borrowed() => Refusal::new(What::OtherSubject(via)).because(
            "The address belongs to a member who signs in through another connection of the organization. Through this \
             one, which is borrowed, they are found by address only if the domain is among the claimed_email_domains of the \
             organization that lends it, their address is verified, and this identity provider says email_verified: true. \
             Else release the member's registration at the other one.",
        ),
        Objection::OtherConnection => Refusal::new(What::OtherSubject(via)).because(
            "The address belongs to a member who signs in through another connection of the organization. Through \
             this one they are found by address only if the domain is among the organization's claimed_email_domains, \
             their address is verified, and this identity provider says email_verified: true. For a migration, set \
             link_existing_members_until of this connection; or release the member's registration at the other one.",
        ),
        Objection::ClaimedHere => Refusal::new(What::NotSpokenFor).because(
            "The address is in a domain that this organization has claimed itself, so that only its own connections add \
             members with it. If the identity provider is to speak for that domain all the same, let the project set \
             speaks_for_claimed_domains of this connection; else sign in through a connection of the organization.",
        ),
        Objection::NotItsPeople => Refusal::new(What::NotSpokenFor).because(
            "The address belongs to a member who is known here already, and the connection is borrowed. Through it such a \
             member is found by address if the domain is among the claimed_email_domains of the organization that lends it, or \
             if nobody has claimed the domain and nobody has vouched for the address yet. Claim the domain for the lending \
             organization if it is its own, or let the member sign in as before.",
        ),
    }
}

/// Whose domains a provider's word counts in.
fn whose(route: Route<'_>) -> &'static str {
    if route.is_borrowed() { "the lending organization's" } else { "the organization's" }
}

fn disowned(route: Route<'_>, identity: &Identity) -> String {
    let denial = identity.email.as_ref().and_then(|email| email.denial.as_deref());
    format!(
        "The identity provider says {}. Let it verify the address, or say that it is verified \
         (Keycloak: \u{201c}Email verified\u{201d} of the user, or \u{201c}Trust Email\u{201d} of the federation; \
         authentik: the scope mapping of email). For addresses in {} own claimed_email_domains, \
         trust_unverified_addresses of {} takes them as they are.",
        denial.unwrap_or("email_verified: false"),
        whose(route),
        its_settings(route),
    )
}

/// The connection whose settings say how a provider's word is taken.
fn its_settings(route: Route<'_>) -> String {
    if route.is_borrowed() { route.source().id.to_string() } else { "the connection".to_owned() }
}

fn other_subject(route: Route<'_>, known: Option<&Registration>) -> Refusal {
    let which = known.map_or_else(String::new, |known| format!(" (registration {})", known.id));
    let (whose, its) = (whose(route), its_settings(route));
    Refusal::new(What::OtherSubject(route.via())).because(format!(
        "The address belongs to a member who signed in through this connection before, at the same issuer, as another \
         subject{which}. If it is the same person, made anew at the identity provider or sent in another form, release \
         or relink that registration (DELETE or PUT under /v1/vestibule/organizations/{{organization_id}}/members/\
         {{member_id}}/registrations, or vestibule registration), or set relink_changed_subjects of {its} for \
         {whose} own claimed_email_domains. If the address was given to somebody else, remove the old \
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
