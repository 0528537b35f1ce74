//! From a refusal to what is to be changed, by whom, and what it is called in the provider's console: one table (ADR 52). The sentences
//! are in the catalogues of languages.

use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::id::ConnectionKind;
use vestibule_domain::refusal::{Judged, Name, What, Whose};
use vestibule_domain::setup_link::SetupProtocol;

use crate::world::provider_guides::{Guide, Setting, guides};

/// Makes the cures, each with its stable name.
macro_rules! cures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What is to be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Cure { $($(#[$doc])* $variant,)* }

        impl Cure {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The stable name.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

cures! {
    /// Have assertions signed.
    Sign = "sign",
    /// Give us the certificate that is in use.
    GiveCertificate = "give_certificate",
    /// Put our entity id where the provider has another.
    SetAudience = "set_audience",
    /// Put our address for answers where the provider has another.
    SetAcsUrl = "set_acs_url",
    /// Compare whom the metadata is of.
    CompareIssuer = "compare_issuer",
    /// Set the provider's clock.
    SetClock = "set_clock",
    /// Look up what the provider says.
    AskProvider = "ask_provider",
    /// Let sign-ins begin at the provider, or begin them at the application.
    AllowTile = "allow_tile",
    /// Begin again, in one browser.
    BeginAgain = "begin_again",
    /// Find what drops or changes what is passed on.
    FindGateway = "find_gateway",
    /// Have the message sent as it is meant to be.
    SendResponse = "send_response",
    /// Send an address.
    MapEmail = "map_email",
    /// Send a name.
    MapName = "map_name",
    /// Send what never changes of somebody.
    MapSubject = "map_subject",
    /// Say that somebody who is made anew is who they were.
    Relink = "relink",
    /// Send groups, or those that have a role.
    SendGroups = "send_groups",
    /// Sign and hash with SHA-256.
    SetAlgorithm = "set_algorithm",
    /// Encrypt to our current key, or not at all.
    RenewEncryption = "renew_encryption",
    /// Compare the client's id, secret and redirect URL.
    CompareClient = "compare_client",
    /// Enter the client's id and secret again.
    CompareSecret = "compare_secret",
    /// Let us reach the provider.
    OpenFirewall = "open_firewall",
    /// Compare issuer, client and keys.
    CompareToken = "compare_token",
    /// Have addresses verified, or prove the domain.
    VerifyEmail = "verify_email",
    /// Let the person use the application.
    Assign = "assign",
    /// Invite the person, or let people join.
    AllowJoining = "allow_joining",
    /// Complete the settings.
    Complete = "complete",
    /// Try again in a while, and tell whoever runs the service if it lasts.
    TryLater = "try_later",
    /// Ask the vendor.
    AskVendor = "ask_vendor",
}

/// What is to be done about a refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remedy {
    /// What.
    pub cure: Cure,
    /// By whom.
    pub whose: Whose,
    /// What the provider's console calls the setting.
    pub called: Option<&'static str>,
}

/// What is to be done about a refusal of a connection to a product.
pub(crate) fn of(what: What, provider: ProviderLabel, kind: ConnectionKind) -> Remedy {
    let guide = SetupProtocol::of(kind).and_then(|protocol| guides().labelled(provider)?.guide(protocol));
    with(what, guide)
}

/// The same by the guide that whoever sets the connection up has before them.
pub(crate) fn with(what: What, guide: Option<&'static Guide>) -> Remedy {
    let (cure, setting) = cure(what);
    let called = guide.zip(setting).and_then(|(guide, setting)| guide.called(setting));
    Remedy { cure, whose: what.whose().unwrap_or(Whose::Vendor), called }
}

/// The table. What refuses no sign-in of a customer's people is for the vendor.
const fn cure(what: What) -> (Cure, Option<Setting>) {
    match what {
        What::Assertion(judged) => of_assertion(judged),
        What::ProviderRefused(_) => (Cure::AskProvider, Some(Setting::ClientSecret)),
        What::ClientRefused => (Cure::CompareSecret, Some(Setting::ClientSecret)),
        What::NotAssigned | What::RemovedByDirectory => (Cure::Assign, Some(Setting::Assignment)),
        What::ProviderUnreachable | What::ProviderTooSlow => (Cure::OpenFirewall, None),
        What::IdToken => (Cure::CompareToken, Some(Setting::Issuer)),
        What::Userinfo | What::UserinfoOfAnother | What::UnreadableAnswer => {
            (Cure::CompareClient, Some(Setting::RedirectUrl))
        }
        What::NoState(_) => (Cure::FindGateway, None),
        What::NoBrowser(_) | What::OtherBrowser(_) | What::Unsolicited(_) | What::Expired(_) => {
            (Cure::BeginAgain, None)
        }
        What::OverOnArrival(_) => (Cure::SetClock, None),
        What::NoEmail(_) => (Cure::MapEmail, Some(Setting::Attributes)),
        What::DisownedEmail(_) => (Cure::VerifyEmail, None),
        What::NoName => (Cure::MapName, Some(Setting::Attributes)),
        What::NoSubject(_) => (Cure::MapSubject, Some(Setting::NameId)),
        What::OtherSubject(_) => (Cure::Relink, None),
        What::NoMatchingGroup => (Cure::SendGroups, Some(Setting::Groups)),
        What::JitNotAllowed
        | What::UnknownUser
        | What::MailJitNotAllowed
        | What::MethodNotAllowedHere
        | What::NotSpokenFor
        | What::Taken(Name::ClaimedDomain | Name::MemberEmail) => (Cure::AllowJoining, None),
        What::ConnectionNotActive | What::ConnectionSwitchedOff | What::NoActiveConnection => {
            (Cure::Complete, None)
        }
        What::TooManyRequests | What::Busy | What::Unavailable | What::Internal => (Cure::TryLater, None),
        _ => (Cure::AskVendor, None),
    }
}

const fn of_assertion(judged: Judged) -> (Cure, Option<Setting>) {
    match judged {
        Judged::NotSigned => (Cure::Sign, Some(Setting::Signing)),
        Judged::Signature | Judged::OtherCertificate => (Cure::GiveCertificate, Some(Setting::Certificate)),
        Judged::Audience => (Cure::SetAudience, Some(Setting::Audience)),
        Judged::Recipient => (Cure::SetAcsUrl, Some(Setting::AcsUrl)),
        Judged::Issuer => (Cure::CompareIssuer, Some(Setting::Issuer)),
        Judged::NotYetValid => (Cure::SetClock, None),
        Judged::IdpInitiated => (Cure::AllowTile, None),
        Judged::Replayed => (Cure::BeginAgain, None),
        Judged::Undecryptable => (Cure::RenewEncryption, None),
        Judged::Algorithm => (Cure::SetAlgorithm, Some(Setting::Algorithm)),
        Judged::Groups => (Cure::SendGroups, Some(Setting::Groups)),
        Judged::NotXml | Judged::Unvalidated => (Cure::FindGateway, None),
        Judged::Missing | Judged::Unacceptable | Judged::AnswersNothing => {
            (Cure::SendResponse, Some(Setting::AcsUrl))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_the_customer_can_change_is_never_left_to_the_vendor() {
        for what in What::all() {
            let remedy = with(what, None);
            let is_theirs = matches!(what.whose(), Some(Whose::Provider | Whose::Either | Whose::Person));
            assert!(!is_theirs || remedy.cure != Cure::AskVendor, "{what:?} has no remedy");
        }
        let used: HashSet<Cure> = What::all().into_iter().map(|what| with(what, None).cure).collect();
        for cure in Cure::ALL {
            assert!(used.contains(&cure), "{cure:?} cures nothing");
        }
    }

    #[test]
    fn a_setting_is_called_as_its_console_calls_it() {
        let audience = What::Assertion(Judged::Audience);
        let called = |what, label, kind| of(what, label, kind).called;
        let (okta, entra, saml) = (ProviderLabel::Okta, ProviderLabel::MicrosoftEntra, ConnectionKind::Saml);
        assert_eq!(called(audience, okta, saml), Some("Audience URI (SP Entity ID)"));
        assert_eq!(called(audience, entra, saml), Some("Identifier (Entity ID)"));
        assert_eq!(
            called(What::NotAssigned, okta, ConnectionKind::Oidc),
            Some("Assignments > Assign > Assign to People")
        );
        assert_eq!(called(What::Assertion(Judged::Replayed), okta, saml), None);
    }

    /// Each provider names the settings of the commonest mistakes.
    #[test]
    fn every_guide_names_the_settings_of_the_commonest_mistakes() {
        let saml = [Judged::Audience, Judged::Recipient, Judged::OtherCertificate, Judged::Groups];
        for provider in guides().providers.iter() {
            if let Some(guide) = &provider.saml {
                for judged in saml.into_iter().take(3) {
                    let remedy = with(What::Assertion(judged), Some(guide));
                    let by_metadata =
                        guide.ours_called(crate::world::provider_guides::Ours::AcsUrl).is_none();
                    assert!(remedy.called.is_some() || by_metadata, "{}: {judged:?}", provider.id);
                }
            }
            if let Some(guide) = &provider.oidc {
                for what in [
                    What::IdToken,
                    What::UnreadableAnswer,
                    What::ProviderRefused(vestibule_domain::refusal::Via::Oidc),
                ] {
                    // An issuer that is everybody's is no setting.
                    let has_none = matches!(what, What::IdToken)
                        && guide.issuer.as_ref().is_some_and(|issuer| !issuer.contains('{'));
                    assert!(
                        with(what, Some(guide)).called.is_some() || has_none,
                        "{}: {what:?}",
                        provider.id
                    );
                }
            }
        }
    }
}
