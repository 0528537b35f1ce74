//! The assertion: who signed in, for whom, until when (SAML core 2.3, profiles 4.1.4.2).

use super::spec::{AttributeNames, NameIdFormat, ResponseSpec};
use super::text::{SAML, content, date_time, value};
use crate::{SamlFault, User};

/// How long an assertion holds, in seconds.
const LIFETIME: i64 = 300;
/// How much earlier it begins, for service providers whose clock is late.
const EARLIER: i64 = 30;
const HOUR: i64 = 3600;
const TEN_MINUTES: i64 = 600;

/// What the provider adds to a specification.
pub(super) struct Facts<'a> {
    pub(super) spec: &'a ResponseSpec,
    /// The provider's entity id.
    pub(super) issuer: &'a str,
    /// Seconds since the epoch.
    pub(super) now: i64,
    pub(super) response_id: String,
    pub(super) assertion_id: String,
    pub(super) session_index: String,
    /// Another one each time.
    pub(super) transient: String,
}

impl Facts<'_> {
    pub(super) fn is(&self, fault: SamlFault) -> bool {
        self.spec.fault == Some(fault)
    }

    /// The provider's idea of the time.
    pub(super) fn clock(&self) -> i64 {
        match self.spec.fault {
            Some(SamlFault::Expired) => self.now - HOUR - LIFETIME,
            Some(SamlFault::ClockAhead) => self.now + TEN_MINUTES,
            Some(SamlFault::ClockBehind) => self.now - TEN_MINUTES,
            _ => self.now,
        }
    }

    pub(super) fn issuer(&self) -> String {
        let other = if self.is(SamlFault::WrongIssuer) { "/other" } else { "" };
        format!("<saml:Issuer xmlns:saml=\"{SAML}\">{}{other}</saml:Issuer>", content(self.issuer))
    }

    /// Which request is answered, as an attribute with a space before it; nothing when none is.
    pub(super) fn in_response_to(&self) -> String {
        let said = match self.spec.fault {
            Some(SamlFault::WrongInResponseTo) => Some("_a-request-that-was-never-made"),
            Some(SamlFault::NoInResponseTo) => None,
            _ => self.spec.in_response_to.as_deref(),
        };
        said.map(|id| format!(" InResponseTo=\"{}\"", value(id))).unwrap_or_default()
    }

    /// The assertion in canonical form, not signed yet.
    pub(super) fn assertion(&self) -> String {
        self.assertion_about(&self.spec.user, &self.assertion_id)
    }

    /// The same about somebody else, for those who forge.
    pub(super) fn assertion_about(&self, user: &User, id: &str) -> String {
        // The prefix is declared here, so the issuer inside need not.
        let issuer = self.issuer().replacen(&format!(" xmlns:saml=\"{SAML}\""), "", 1);
        let (subject, conditions) = (self.subject(user), self.conditions());
        let (authentication, attributes) = (self.authentication(), self.attributes(user));
        format!(
            "<saml:Assertion xmlns:saml=\"{SAML}\" ID=\"{id}\" IssueInstant=\"{instant}\" Version=\"2.0\">\
             {issuer}{subject}{conditions}{authentication}{attributes}</saml:Assertion>",
            instant = date_time(self.clock()),
        )
    }

    fn subject(&self, user: &User) -> String {
        let end = date_time(self.clock() + LIFETIME);
        let end = if self.is(SamlFault::NoConfirmationEnd) {
            String::new()
        } else {
            format!(" NotOnOrAfter=\"{end}\"")
        };
        let other = if self.is(SamlFault::WrongRecipient) { "/other" } else { "" };
        format!(
            "<saml:Subject>{name_id}<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData{in_response_to}{end} Recipient=\"{recipient}{other}\">\
             </saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>",
            name_id = self.name_id(user),
            in_response_to = self.in_response_to(),
            recipient = value(&self.spec.acs_url),
        )
    }

    fn name_id(&self, user: &User) -> String {
        let format = match self.spec.fault {
            Some(SamlFault::TransientNameId) => NameIdFormat::Transient,
            Some(SamlFault::NoNameId) => NameIdFormat::Absent,
            // Without an address anywhere the name must not be one.
            Some(SamlFault::MissingEmail) => NameIdFormat::Persistent,
            Some(SamlFault::CommentInNameId) => NameIdFormat::EmailAddress,
            _ => self.spec.name_id,
        };
        let name = match format {
            NameIdFormat::EmailAddress => &user.email,
            NameIdFormat::Persistent => &user.subject,
            NameIdFormat::Transient => &self.transient,
            NameIdFormat::Absent => return String::new(),
        };
        let uri = format.uri().unwrap_or_default();
        format!("<saml:NameID Format=\"{uri}\">{}</saml:NameID>", content(name))
    }

    fn conditions(&self) -> String {
        let clock = self.clock();
        let audience = match self.spec.fault {
            Some(SamlFault::WrongAudience) => "https://another-service.example/saml",
            _ => &self.spec.audience,
        };
        let restriction = format!(
            "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>",
            content(audience)
        );
        format!(
            "<saml:Conditions NotBefore=\"{begin}\" NotOnOrAfter=\"{end}\">{restriction}</saml:Conditions>",
            begin = date_time(clock - EARLIER),
            end = date_time(clock + LIFETIME),
            restriction = if self.is(SamlFault::NoAudience) { "" } else { &restriction },
        )
    }

    fn authentication(&self) -> String {
        if self.is(SamlFault::NoAuthnStatement) {
            return String::new();
        }
        let ends = self.spec.session_seconds.map_or_else(String::new, |seconds| {
            format!(" SessionNotOnOrAfter=\"{}\"", date_time(self.clock() + seconds))
        });
        format!(
            "<saml:AuthnStatement AuthnInstant=\"{instant}\" SessionIndex=\"{session}\"{ends}><saml:AuthnContext>\
             <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
             </saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>",
            instant = date_time(self.clock()),
            session = self.session_index,
        )
    }

    fn attributes(&self, user: &User) -> String {
        let (given, family) = user.name.split_once(' ').unwrap_or((&user.name, ""));
        let groups: Vec<&str> = user.groups.iter().map(String::as_str).collect();
        let mut said: Vec<(Said, Vec<&str>)> = Vec::new();
        if !self.is(SamlFault::MissingEmail) {
            said.push((Said::Email, vec![&user.email]));
        }
        said.push((Said::Name, vec![&user.name]));
        said.push((Said::Given, vec![given]));
        said.push((Said::Family, vec![family]));
        said.push((Said::Groups, groups));
        // The schema wants a value for each, and none says nothing anyway.
        said.retain(|(_, values)| values.iter().any(|value| !value.is_empty()));
        let said: String = said.iter().map(|(what, values)| self.attribute(*what, values)).collect();
        format!("<saml:AttributeStatement>{said}</saml:AttributeStatement>")
    }

    fn attribute(&self, what: Said, values: &[&str]) -> String {
        let (name, friendly) = what.name(self.spec.attributes);
        let friendly = friendly.map(|name| format!(" FriendlyName=\"{name}\"")).unwrap_or_default();
        let format = match self.spec.attributes {
            AttributeNames::Plain => " NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:basic\"",
            AttributeNames::Claims => "",
            AttributeNames::Oid => " NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\"",
        };
        let values: String = values
            .iter()
            .map(|value| format!("<saml:AttributeValue>{}</saml:AttributeValue>", content(value)))
            .collect();
        format!("<saml:Attribute{friendly} Name=\"{name}\"{format}>{values}</saml:Attribute>")
    }
}

/// What can be said about a person.
#[derive(Clone, Copy)]
enum Said {
    Email,
    Name,
    Given,
    Family,
    Groups,
}

impl Said {
    /// The name, and the friendly one where it is needed.
    const fn name(self, names: AttributeNames) -> (&'static str, Option<&'static str>) {
        match (names, self) {
            (AttributeNames::Plain, Self::Email) => ("email", None),
            (AttributeNames::Plain, Self::Name) => ("name", None),
            (AttributeNames::Plain, Self::Given) => ("firstName", None),
            (AttributeNames::Plain, Self::Family) => ("lastName", None),
            (AttributeNames::Plain, Self::Groups) => ("groups", None),
            (AttributeNames::Claims, Self::Email) => {
                ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", None)
            }
            (AttributeNames::Claims, Self::Name) => {
                ("http://schemas.microsoft.com/identity/claims/displayname", None)
            }
            (AttributeNames::Claims, Self::Given) => {
                ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", None)
            }
            (AttributeNames::Claims, Self::Family) => {
                ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", None)
            }
            (AttributeNames::Claims, Self::Groups) => {
                ("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", None)
            }
            (AttributeNames::Oid, Self::Email) => ("urn:oid:0.9.2342.19200300.100.1.3", Some("mail")),
            (AttributeNames::Oid, Self::Name) => ("urn:oid:2.16.840.1.113730.3.1.241", Some("displayName")),
            (AttributeNames::Oid, Self::Given) => ("urn:oid:2.5.4.42", Some("givenName")),
            (AttributeNames::Oid, Self::Family) => ("urn:oid:2.5.4.4", Some("sn")),
            (AttributeNames::Oid, Self::Groups) => ("urn:oid:1.3.6.1.4.1.5923.1.5.1.1", Some("isMemberOf")),
        }
    }
}
