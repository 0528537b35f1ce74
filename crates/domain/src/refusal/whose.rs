//! Who can change what a sign-in was refused for.

use super::details::{Judged, Via};
use super::meaning::{Name, What};

/// Who can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whoever runs the identity provider: the customer.
    Provider,
    /// Whoever runs the application and its connections: the vendor.
    Vendor,
    /// The two have to agree, and either may be the one that is wrong.
    Either,
    /// Nobody has to change anything: the sign-in is begun anew.
    Person,
}

impl Whose {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "identity_provider",
            Self::Vendor => "vendor",
            Self::Either => "identity_provider_or_vendor",
            Self::Person => "person",
        }
    }

    /// As the customer's administrator reads it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Provider => "You, at your identity provider.",
            Self::Vendor => "Your software vendor.",
            Self::Either => {
                "You, at your identity provider, or your software vendor, in the settings of the connection."
            }
            Self::Person => "Nobody has to change anything: begin again in the application.",
        }
    }
}

impl What {
    /// Who can change what a sign-in was refused for. `None` for what refuses no sign-in.
    #[must_use]
    pub const fn whose(self) -> Option<Whose> {
        Some(match self {
            Self::ProviderRefused(_)
            | Self::ClientRefused
            | Self::NotAssigned
            | Self::ProviderUnreachable
            | Self::ProviderTooSlow
            | Self::NoName
            | Self::OverOnArrival(_)
            | Self::UserinfoOfAnother
            | Self::RemovedByDirectory
            | Self::NoState(_) => Whose::Provider,
            Self::Assertion(judged) => of_assertion(judged),
            Self::UnreadableAnswer | Self::IdToken | Self::Userinfo | Self::NoEmail(_) => Whose::Either,
            Self::NoMatchingGroup | Self::NoSubject(_) | Self::DisownedEmail(_) => Whose::Either,
            Self::OtherSubject(_)
            | Self::JitNotAllowed
            | Self::NotSpokenFor
            | Self::Taken(Name::ClaimedDomain | Name::MemberEmail)
            | Self::MethodNotAllowedHere
            | Self::UnknownCallback
            | Self::ConnectionNotActive
            | Self::NoActiveConnection
            | Self::SeveralActiveConnections
            | Self::RedirectNotRegistered
            | Self::NoDefaultRedirect(_)
            | Self::BeganElsewhere(_)
            | Self::Internal
            | Self::Unavailable => Whose::Vendor,
            Self::NoBrowser(_) | Self::OtherBrowser(_) | Self::Unsolicited(Via::Oidc | Via::Saml) => {
                Whose::Person
            }
            Self::Expired(_) | Self::TooManyRequests | Self::Busy => Whose::Person,
            _ => return None,
        })
    }
}

const fn of_assertion(judged: Judged) -> Whose {
    match judged {
        Judged::OtherCertificate | Judged::Issuer | Judged::Audience | Judged::Recipient => Whose::Either,
        Judged::Undecryptable | Judged::Algorithm => Whose::Either,
        Judged::Replayed => Whose::Person,
        _ => Whose::Provider,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Concern;
    use super::*;

    #[test]
    fn what_a_provider_did_is_for_the_provider_to_change() {
        assert_eq!(What::NotAssigned.whose(), Some(Whose::Provider));
        assert_eq!(What::IdToken.whose(), Some(Whose::Either));
        assert_eq!(What::JitNotAllowed.whose(), Some(Whose::Vendor));
        assert_eq!(What::NoBrowser(Via::Oidc).whose(), Some(Whose::Person));
        // Beginning again ends the same way until the application begins its sign-ins elsewhere.
        let elsewhere = What::BeganElsewhere(Via::Saml);
        assert_eq!((elsewhere.whose(), elsewhere.concern()), (Some(Whose::Vendor), Concern::Setup));
        assert_eq!(What::MissingField.whose(), None);
        // Clocks that do not agree are not the person's, and do not pass.
        for clocks in [What::OverOnArrival(Via::Oidc), What::OverOnArrival(Via::Saml)] {
            assert_eq!((clocks.whose(), clocks.concern()), (Some(Whose::Provider), Concern::Setup));
        }
        assert_eq!(What::Assertion(Judged::AnswersNothing).whose(), Some(Whose::Provider));
    }
}
