//! From a verified assertion's subject and attributes to the parts of an identity.
//!
//! Attribute names are compared exactly; where no name fits, `FriendlyName` is tried (SAML core 2.7.3.1), since
//! federations name attributes by object identifiers that people do not type. The special name `NameID` means the
//! subject's own name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use super::profile_fields::ProfileFields;
use super::saml_defaults::{Defaults, NAME_ID, defaults};
use super::{AttributeMapping, KNOWN, checked_mapping};
use crate::connection::ProviderLabel;
use crate::email::EmailAddress;
use crate::identity::Qualifiers;
use crate::refusal::{Judged, Missing, Refusal, Via, What};

/// The most groups of one person, and the most characters of one group's name: all are kept at each sign-in.
const MAX_GROUPS: usize = 2000;
const MAX_GROUP_CHARS: usize = 512;
/// The most bytes of all of them together.
const MAX_GROUPS_BYTES: usize = 128 * 1024;
/// What Entra sends in the place of the groups of somebody who has too many.
const ENTRA_GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";
/// The longest subject that is kept; SAML core 8.3.7 allows 256 characters.
const MAX_SUBJECT_CHARS: usize = 512;

/// The subject's name in an assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SamlNameId<'a> {
    /// The name.
    pub value: &'a str,
    /// Its format as sent; absent means unspecified.
    pub format: Option<&'a str>,
    /// Whose name space it is in, as sent.
    pub name_qualifier: Option<&'a str>,
    /// For which service it was made, as sent.
    pub sp_name_qualifier: Option<&'a str>,
}

/// One attribute of an assertion, its values joined when the provider repeats the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlAttribute<'a> {
    /// `Name`
    pub name: &'a str,
    /// `FriendlyName`
    pub friendly_name: Option<&'a str>,
    /// The values in their order.
    pub values: Vec<&'a str>,
}

/// What a verified assertion says about a person.
#[derive(Clone, Copy, Debug)]
pub struct SamlClaims<'a> {
    /// The subject's name, if there is one.
    pub name_id: Option<SamlNameId<'a>>,
    /// The attributes.
    pub attributes: &'a [SamlAttribute<'a>],
}

/// The parts of an [`Identity`](crate::identity::Identity) that come out of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlIdentity {
    /// The stable subject at this connection, in the form in which it is compared.
    pub subject: String,
    /// What makes it another one than the same text, as sent.
    pub qualifiers: Qualifiers,
    /// The address.
    pub email: EmailAddress,
    /// The display name, `""` when none was sent.
    pub name: String,
    /// The groups, without repetition.
    pub groups: Vec<String>,
    /// The provider has left the groups out because there are too many, and sent a link in their place.
    pub groups_omitted: bool,
    /// Everything the provider said: each attribute's values as a list.
    pub attributes: Map<String, Value>,
    /// Mapped attributes that go to the member's trusted metadata.
    pub trusted_metadata: BTreeMap<String, Value>,
}

/// Which attribute means what: an explicit mapping, or the usual names of a provider.
#[derive(Clone, Copy, Debug)]
pub struct SamlMapping<'a> {
    explicit: Option<&'a AttributeMapping>,
    /// What the explicit mapping does not name is looked for under the usual names.
    adds: bool,
    fields: Option<&'a ProfileFields>,
    defaults: Defaults,
}

impl<'a> SamlMapping<'a> {
    pub(crate) const fn new(explicit: Option<&'a AttributeMapping>, provider: ProviderLabel) -> Self {
        Self { explicit, adds: false, fields: None, defaults: defaults(provider) }
    }

    /// The same, where the explicit mapping stands beside the usual names or in their place.
    pub(crate) const fn adding(self, adds: bool) -> Self {
        Self { adds, ..self }
    }

    /// The same with names that are tried before the usual ones.
    pub(crate) const fn with_fields(self, fields: Option<&'a ProfileFields>) -> Self {
        Self { fields, ..self }
    }

    /// What attributes that were kept say under one of our names; `""` where they do not.
    #[must_use]
    pub fn text_in<'v>(&self, ours: &str, attributes: &'v Map<String, Value>) -> &'v str {
        let text = |value: &'v Value| match value {
            Value::Array(items) => items.first().and_then(Value::as_str),
            other => other.as_str(),
        };
        let names = self.names(ours);
        names.iter().find_map(|name| attributes.get(*name).and_then(text)).unwrap_or_default().trim()
    }

    /// The mapping as it is shown: of a default with several names the first.
    #[must_use]
    pub fn shown(&self) -> AttributeMapping {
        let first =
            |(ours, theirs): &(&str, &[&str])| Some(((*ours).to_owned(), (*theirs.first()?).to_owned()));
        let usual = || self.defaults.iter().filter_map(first);
        match self.explicit {
            Some(mapping) if self.adds => {
                usual().chain(mapping.iter().map(|(a, b)| (a.clone(), b.clone()))).collect()
            }
            Some(mapping) => mapping.clone(),
            None => usual().collect(),
        }
    }

    /// Whether one of our names is mapped.
    #[must_use]
    pub fn maps(&self, ours: &str) -> bool {
        !self.names(ours).is_empty()
    }

    /// The provider's names for one of ours, in the order in which they are tried.
    fn names(&self, ours: &str) -> Vec<&'a str> {
        match self.explicit.map(|mapping| mapping.get(ours)) {
            Some(Some(theirs)) => vec![theirs.as_str()],
            Some(None) if !self.adds => Vec::new(),
            _ => {
                let found = self.defaults.iter().find(|(name, _)| *name == ours);
                let usual = found.map_or_else(Vec::new, |(_, theirs)| theirs.to_vec());
                let first = self.fields.map(|fields| fields.names(ours)).unwrap_or_default();
                first.into_iter().chain(usual).collect()
            }
        }
    }

    /// Reads an assertion's claims.
    ///
    /// # Errors
    /// No subject that stays the same, no usable address, or groups beyond all measure; each with what was found
    /// and which entry of `attribute_mapping` looked for it.
    pub fn evaluate(&self, claims: &SamlClaims<'_>) -> Result<SamlIdentity, Refusal> {
        let (subject, qualifiers) = self.subject(claims)?;
        let email = self.email(claims)?;
        Ok(SamlIdentity {
            subject,
            qualifiers,
            email,
            name: self.name(claims),
            groups: self.groups(claims)?,
            groups_omitted: claims.attributes.iter().any(|attribute| attribute.name == ENTRA_GROUPS_LINK),
            attributes: everything(claims),
            trusted_metadata: self.extras(claims),
        })
    }

    fn subject(&self, claims: &SamlClaims<'_>) -> Result<(String, Qualifiers), Refusal> {
        let missing = |why: String| Err(Refusal::new(What::NoSubject(Via::Saml)).because(why));
        let advice = "Map idp_user_id in attribute_mapping to an attribute that never changes";
        if let Some(id) = self.names("idp_user_id").iter().find_map(|name| claims.first(name)) {
            return Ok((checked_subject(id)?, Qualifiers::Attribute));
        }
        if let Some(name) = self.explicit.and_then(|mapping| mapping.get("idp_user_id")) {
            return missing(format!(
                "attribute_mapping takes idp_user_id from {}. {}",
                shown(name),
                claims.listed("Let the identity provider send it, or map idp_user_id to another attribute")
            ));
        }
        let Some(name_id) = claims.name_id else {
            return missing(format!("Found no NameID. {}", claims.listed(advice)));
        };
        let format = format_class(name_id.format);
        if format == TRANSIENT {
            return missing(format!(
                "Found a transient NameID, which is another one at each sign-in. {}",
                claims.listed(advice)
            ));
        }
        if name_id.value.trim().is_empty() {
            return missing(format!("Found an empty NameID. {}", claims.listed(advice)));
        }
        let value = checked_subject(name_id.value)?;
        let value = if format == EMAIL_ADDRESS { folded(&value) } else { value };
        let sent = |qualifier: Option<&str>| qualifier.unwrap_or_default().trim().to_owned();
        let qualifiers = Qualifiers::Name {
            format: format.to_owned(),
            name_qualifier: sent(name_id.name_qualifier),
            sp_name_qualifier: sent(name_id.sp_name_qualifier),
        };
        Ok((value, qualifiers))
    }

    fn email(&self, claims: &SamlClaims<'_>) -> Result<EmailAddress, Refusal> {
        let names = self.names("email");
        let found = names.iter().find_map(|name| Some((*name, claims.first(name)?)));
        let Some((name, value)) = found else {
            let wanted: Vec<String> = names.iter().map(|name| shown(name)).collect();
            return Err(Refusal::new(What::NoEmail(Via::Saml)).because(format!(
                "attribute_mapping takes email from {}. {}",
                wanted.join(" or "),
                claims.listed("Let the identity provider send it, or map email to another attribute")
            )));
        };
        EmailAddress::parse(value).map_err(|error| {
            let format = match claims.name_id.and_then(|name_id| name_id.format) {
                Some(format) if name == NAME_ID => format!(" in the format {}", Excerpt::of(format)),
                _ => String::new(),
            };
            let remedy = if name == NAME_ID {
                "Let the identity provider send the address as the NameID, or map email to the attribute that holds it"
            } else {
                "Let the identity provider send an address there, or map email to another attribute"
            };
            Refusal::new(What::NoEmail(Via::Saml)).because(format!(
                "attribute_mapping takes email from {}, and found {}{format} there: {error}. {}",
                shown(name),
                shown(value),
                claims.listed(remedy)
            ))
        })
    }

    fn name(&self, claims: &SamlClaims<'_>) -> String {
        let text = |ours| {
            let names = self.names(ours);
            names.iter().find_map(|name| claims.first(name)).unwrap_or_default().trim()
        };
        let full = text("full_name");
        let name = if full.is_empty() {
            format!("{} {}", text("first_name"), text("last_name")).trim().to_owned()
        } else {
            full.to_owned()
        };
        name.chars().filter(|c| !c.is_control()).take(256).collect()
    }

    fn groups(&self, claims: &SamlClaims<'_>) -> Result<Vec<String>, Refusal> {
        let names = self.names("groups");
        let Some(values) = names.iter().find_map(|name| claims.values(name)) else { return Ok(Vec::new()) };
        let refuse = |why: String| Err(Refusal::new(What::Assertion(Judged::Groups)).because(why));
        if values.len() > MAX_GROUPS {
            return refuse(format!(
                "Found {} groups, expected at most {MAX_GROUPS}. Let the identity provider send only the groups \
                 that are assigned to this application.",
                values.len()
            ));
        }
        let bytes: usize = values.iter().map(|value| value.len()).sum();
        if bytes > MAX_GROUPS_BYTES {
            return refuse(format!(
                "Found groups of {bytes} bytes, expected at most {MAX_GROUPS_BYTES}. Let the identity provider send only \
                 the groups that are assigned to this application."
            ));
        }
        let mut groups: Vec<String> = Vec::with_capacity(values.len());
        for value in values.into_iter().map(str::trim).filter(|value| !value.is_empty()) {
            if value.chars().count() > MAX_GROUP_CHARS {
                return refuse(format!("Found a group's name of more than {MAX_GROUP_CHARS} characters."));
            }
            groups.push(value.to_owned());
        }
        groups.sort_unstable();
        groups.dedup();
        Ok(groups)
    }

    /// One value stays a text, several become a list. Missing ones delete nothing.
    fn extras(&self, claims: &SamlClaims<'_>) -> BTreeMap<String, Value> {
        let Some(mapping) = self.explicit else { return BTreeMap::new() };
        mapping
            .iter()
            .filter(|(ours, _)| !KNOWN.contains(&ours.as_str()))
            .filter_map(|(ours, theirs)| {
                let values = claims.values(theirs)?;
                let value = match values.as_slice() {
                    [one] => Value::from(*one),
                    several => Value::from(several.to_vec()),
                };
                Some((ours.clone(), value))
            })
            .collect()
    }
}

impl<'a> SamlClaims<'a> {
    /// The values by a mapped name: an attribute's, or the NameID's. `None` when there are none.
    pub(super) fn values(&self, name: &str) -> Option<Vec<&'a str>> {
        if name == NAME_ID {
            return self.name_id.map(|name_id| vec![name_id.value]);
        }
        let by_name = self.attributes.iter().find(|attribute| attribute.name == name);
        let by_friendly_name =
            || self.attributes.iter().find(|attribute| attribute.friendly_name == Some(name));
        let attribute = by_name.or_else(by_friendly_name)?;
        (!attribute.values.is_empty()).then(|| attribute.values.clone())
    }

    /// The first value by a mapped name that is not blank.
    fn first(&self, name: &str) -> Option<&'a str> {
        self.values(name)?.into_iter().find(|value| !value.trim().is_empty())
    }

    /// What there is, and what can be done about it, as the end of a refusal.
    fn listed(&self, remedy: &str) -> String {
        format!("The assertion has {}. {remedy}.", self.names())
    }

    /// Which attributes there are, by name.
    #[must_use]
    pub fn names(&self) -> String {
        const MOST: usize = 20;
        if self.attributes.is_empty() {
            return "no attributes".to_owned();
        }
        let names: Vec<String> =
            self.attributes.iter().take(MOST).map(|attribute| shown(attribute.name)).collect();
        let more = if self.attributes.len() > MOST { " and more" } else { "" };
        format!("the attributes {}{more}", names.join(", "))
    }
}

fn shown(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", Excerpt::of(text))
}

const TRANSIENT: &str = "transient";
const EMAIL_ADDRESS: &str = "emailAddress";

/// The class of a format: providers write the formats of SAML 1.1 under the name of SAML 2.0 and the other way round, and
/// mean the same. Unspecified is what is meant by no format.
fn format_class(format: Option<&str>) -> &str {
    const PREFIX: &str = "urn:oasis:names:tc:SAML:";
    let format = format.unwrap_or_default().trim();
    let known = format.strip_prefix(PREFIX).and_then(|rest| rest.split_once(":nameid-format:"));
    match known {
        Some(("1.0" | "1.1" | "2.0", class)) => class,
        _ if format.is_empty() => "unspecified",
        _ => format,
    }
}

/// An address as addresses are compared, also one that is none by our rules.
fn folded(value: &str) -> String {
    EmailAddress::parse(value).map_or_else(|_| value.to_ascii_lowercase(), String::from)
}

/// White space around a subject is the provider's layout.
fn checked_subject(subject: &str) -> Result<String, Refusal> {
    let subject = subject.trim();
    if subject.chars().count() > MAX_SUBJECT_CHARS || subject.chars().any(char::is_control) {
        return Err(Refusal::new(What::NoSubject(Via::Saml)).because(format!(
            "Found a subject with control characters or more than {MAX_SUBJECT_CHARS} characters: {}.",
            shown(subject)
        )));
    }
    Ok(subject.to_owned())
}

/// Each attribute by its name, which is what a mapping names; each value is a list of texts.
fn everything(claims: &SamlClaims<'_>) -> Map<String, Value> {
    let entry =
        |attribute: &SamlAttribute<'_>| (attribute.name.to_owned(), Value::from(attribute.values.clone()));
    claims.attributes.iter().map(entry).collect()
}

/// Checks a mapping that somebody wants to set on a SAML connection. One that stands beside the provider's usual names
/// (`adds`) need not name everything.
///
/// # Errors
/// No entries, no `email`, no name, or an entry that is empty or too long.
pub fn checked_saml_mapping(mapping: AttributeMapping, adds: bool) -> Result<AttributeMapping, Refusal> {
    if adds {
        return checked_mapping(mapping);
    }
    if mapping.is_empty() {
        return Err(What::Incomplete(Missing::Mapping).into());
    }
    let has = |ours: &str| mapping.contains_key(ours);
    if !has("email") {
        return Err(What::Incomplete(Missing::EmailMapping).into());
    }
    let named = has("full_name") || (has("first_name") && has("last_name"));
    if !named {
        return Err(What::Incomplete(Missing::NameMapping).into());
    }
    checked_mapping(mapping)
}

#[cfg(test)]
mod tests;
