//! The names by which identity providers usually send what we need. They count while a SAML connection has no
//! mapping of its own: of several names for one thing the first that the assertion has is taken.

use crate::connection::ProviderLabel;

/// Our name, and the provider's names for it.
pub(super) type Defaults = &'static [(&'static str, &'static [&'static str])];

/// The special attribute name that means the subject's NameID.
pub(super) const NAME_ID: &str = "NameID";

/// Names that people choose themselves when they configure a provider, in the spellings its guides suggest.
const PLAIN: Defaults = &[
    ("email", &["email", "mail", "Email", "User.email", NAME_ID]),
    ("first_name", &["firstName", "first_name", "givenName", "given_name", "FirstName", "User.FirstName"]),
    ("full_name", &["name", "displayName", "display_name", "fullName"]),
    ("groups", &["groups", "memberOf", "group"]),
    ("last_name", &["lastName", "last_name", "surname", "sn", "family_name", "LastName", "User.LastName"]),
];

const ENTRA: Defaults = &[
    ("email", &["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", NAME_ID]),
    ("first_name", &["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname"]),
    ("full_name", &["http://schemas.microsoft.com/identity/claims/displayname"]),
    (
        "groups",
        &[
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
        ],
    ),
    ("idp_user_id", &["http://schemas.microsoft.com/identity/claims/objectidentifier"]),
    ("last_name", &["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"]),
];

/// The attributes of eduPerson and inetOrgPerson by their object identifiers.
const FEDERATION: Defaults = &[
    ("email", &["urn:oid:0.9.2342.19200300.100.1.3", "mail", NAME_ID]),
    ("first_name", &["urn:oid:2.5.4.42", "givenName"]),
    ("full_name", &["urn:oid:2.16.840.1.113730.3.1.241", "displayName"]),
    ("groups", &["urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf"]),
    (
        "idp_user_id",
        &[
            "urn:oasis:names:tc:SAML:attribute:subject-id",
            "urn:oasis:names:tc:SAML:attribute:pairwise-id",
            "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        ],
    ),
    ("last_name", &["urn:oid:2.5.4.4", "sn"]),
];

/// Whoever has chosen no product: plain names, then claim URIs (ADFS among others), then object identifiers.
const GENERIC: Defaults = &[
    (
        "email",
        &[
            "email",
            "mail",
            "Email",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            "urn:oid:0.9.2342.19200300.100.1.3",
            "urn:oid:1.2.840.113549.1.9.1",
            NAME_ID,
        ],
    ),
    (
        "first_name",
        &[
            "firstName",
            "first_name",
            "givenName",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
            "urn:oid:2.5.4.42",
        ],
    ),
    (
        "full_name",
        &[
            "name",
            "displayName",
            "http://schemas.microsoft.com/identity/claims/displayname",
            "urn:oid:2.16.840.1.113730.3.1.241",
        ],
    ),
    (
        "groups",
        &[
            "groups",
            "memberOf",
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
        ],
    ),
    (
        "last_name",
        &[
            "lastName",
            "last_name",
            "surname",
            "sn",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
            "urn:oid:2.5.4.4",
        ],
    ),
];

pub(super) const fn defaults(provider: ProviderLabel) -> Defaults {
    match provider {
        ProviderLabel::MicrosoftEntra => ENTRA,
        ProviderLabel::Shibboleth => FEDERATION,
        ProviderLabel::Generic | ProviderLabel::Keycloak | ProviderLabel::PingFederate => GENERIC,
        ProviderLabel::ClassLink
        | ProviderLabel::CyberArk
        | ProviderLabel::Duo
        | ProviderLabel::GoogleWorkspace
        | ProviderLabel::JumpCloud
        | ProviderLabel::MiniOrange
        | ProviderLabel::Okta
        | ProviderLabel::OneLogin
        | ProviderLabel::Rippling
        | ProviderLabel::Salesforce => PLAIN,
    }
}
