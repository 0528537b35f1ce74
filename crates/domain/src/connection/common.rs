//! What every connection is set to, whatever its protocol: how people find it, whether it signs anybody in, and what is kept of
//! whom it signs in. A connection about which nothing of this was said has the value that was in effect before there was a
//! choice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kept::KeptOptions;
use super::name::ConnectionName;
use super::oidc::is_default;
use super::strategy::Strategy;
use super::upstream::{UpstreamParams, checked_params};
use super::url::{Query, UrlPolicy, check_url};
use crate::bounds::distinct;
use crate::email::is_domain;
use crate::patch::Patch;
use crate::refusal::{Field, Refusal, What};
use crate::spelled::spelled;

/// The most domains whose people are led to one connection.
pub const MAX_HOME_DOMAINS: usize = 1000;
/// The most characters of a domain.
const MOST_DOMAIN_CHARS: usize = 253;
/// The most realms of a connection.
const MAX_REALMS: usize = 10;
/// The most characters of a realm: as many as a name has.
const MOST_REALM_CHARS: usize = 128;
/// The most keys of the metadata, and the most characters of a key and of a value.
const MAX_METADATA: usize = 10;
const MOST_METADATA_CHARS: usize = 255;
/// The most attributes that are not kept, and the most bytes of one's name.
const MAX_PASSING: usize = 96;
const MOST_ATTRIBUTE_BYTES: usize = 255;
/// The most bytes of the address of an icon.
const MOST_ICON_BYTES: usize = 2048;

spelled! {
    /// When what the provider says is written into a person's profile.
    #[derive(Default)]
    pub enum ProfileSync else OnFirstLogin {
        /// At each sign-in.
        #[default]
        OnEachLogin = "on_each_login",
        /// When somebody is made, and never again. What is stored and this version does not know is read as this.
        OnFirstLogin = "on_first_login",
        /// Never: nobody is made by signing in, either.
        NeverOnLogin = "never_on_login",
    }
}

spelled! {
    /// Where the provider's answers come back to. It is registered at the provider, so that it does not change by itself.
    #[derive(Default)]
    pub enum CallbackAddress {
        /// An address of the connection's own, so that providers cannot be mixed up.
        #[default]
        Own = "own",
        /// One address for all connections that are set to it; the state says whose answer it is.
        Shared = "shared",
    }
}

/// What every connection is set to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Common {
    /// What it was made for; `None` for its protocol alone.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known_strategy")]
    pub strategy: Option<Strategy>,
    /// Nobody signs in through it, whatever else is set.
    #[serde(skip_serializing_if = "is_default")]
    pub is_switched_off: bool,
    /// Applications of others may use it without being allowed one by one.
    #[serde(skip_serializing_if = "is_default")]
    pub is_domain_level: bool,
    /// Whether a button for it is shown where people choose. What people call it is the button's label.
    #[serde(skip_serializing_if = "is_default")]
    pub shows_button: bool,
    /// An icon of 20 × 20 for the button; `""` for none.
    #[serde(skip_serializing_if = "is_default")]
    pub icon_url: String,
    /// The domains of addresses whose people are led to it, in lower case.
    #[serde(skip_serializing_if = "is_default")]
    pub home_domains: Vec<String>,
    /// By which realms it is asked for; none is its name.
    #[serde(skip_serializing_if = "is_default")]
    pub realms: Vec<String>,
    /// What the API user keeps here.
    #[serde(skip_serializing_if = "is_default")]
    pub metadata: BTreeMap<String, String>,
    /// Where the provider's answers come back to.
    #[serde(skip_serializing_if = "is_default")]
    pub callback: CallbackAddress,
    /// When a profile follows the provider.
    #[serde(skip_serializing_if = "is_default")]
    pub profile_sync: ProfileSync,
    /// The attributes that serve a sign-in and are kept nowhere.
    #[serde(skip_serializing_if = "is_default")]
    pub passing_attributes: Vec<String>,
    /// Parameters that the request to the provider has beside its own.
    #[serde(skip_serializing_if = "is_default")]
    pub upstream_params: UpstreamParams,
}

/// A change to what every connection is set to. What is cleared is as in a new connection.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names of the settings")]
pub struct CommonPatch {
    pub is_switched_off: Patch<bool>,
    pub is_domain_level: Patch<bool>,
    pub shows_button: Patch<bool>,
    pub icon_url: Patch<String>,
    pub home_domains: Patch<Vec<String>>,
    pub realms: Patch<Vec<String>>,
    /// Keys are changed one by one; without a value a key goes.
    pub metadata: Patch<BTreeMap<String, Option<String>>>,
    pub callback: Patch<CallbackAddress>,
    pub profile_sync: Patch<ProfileSync>,
    pub passing_attributes: Patch<Vec<String>>,
    pub upstream_params: Patch<UpstreamParams>,
    pub kept: Patch<KeptOptions>,
}

impl Common {
    /// By which realms the connection of this name is asked for.
    #[must_use]
    pub fn realms_of(&self, name: &ConnectionName) -> Vec<String> {
        if self.realms.is_empty() { vec![name.to_string()] } else { self.realms.clone() }
    }

    pub(super) fn changed(&self, patch: &CommonPatch, urls: UrlPolicy) -> Result<Self, Refusal> {
        let (patch, mut next) = (patch.clone(), self.clone());
        patch.is_switched_off.onto(&mut next.is_switched_off);
        patch.is_domain_level.onto(&mut next.is_domain_level);
        patch.shows_button.onto(&mut next.shows_button);
        patch.icon_url.try_map(|url| checked_icon(url, urls))?.onto(&mut next.icon_url);
        patch.home_domains.try_map(|domains| checked_domains(&domains))?.onto(&mut next.home_domains);
        patch.realms.try_map(checked_realms)?.onto(&mut next.realms);
        let metadata = patch.metadata.try_map(|given| merged(&next.metadata, given))?;
        metadata.onto(&mut next.metadata);
        patch.callback.onto(&mut next.callback);
        patch.profile_sync.onto(&mut next.profile_sync);
        patch.passing_attributes.try_map(checked_attributes)?.onto(&mut next.passing_attributes);
        patch.upstream_params.try_map(checked_params)?.onto(&mut next.upstream_params);
        Ok(next)
    }
}

/// Domains of addresses, as they are compared: in lower case, each once.
fn checked_domains(domains: &[String]) -> Result<Vec<String>, Refusal> {
    if domains.len() > MAX_HOME_DOMAINS {
        return Err(refused(
            "home domains",
            &format!("{} domains", domains.len()),
            &format!("at most {MAX_HOME_DOMAINS}"),
        ));
    }
    let folded: Vec<String> = domains.iter().map(|domain| domain.trim().to_ascii_lowercase()).collect();
    match folded.iter().find(|domain| domain.len() > MOST_DOMAIN_CHARS || !is_domain(domain)) {
        Some(bad) => Err(Refusal::new(What::Invalid(Field::EmailDomain))
            .found(shown(bad))
            .expected("a host name, international ones in their ASCII form")),
        None => Ok(distinct(folded)),
    }
}

fn checked_icon(url: String, urls: UrlPolicy) -> Result<String, Refusal> {
    if url.len() > MOST_ICON_BYTES {
        return Err(refused("icon", "a long address", &format!("at most {MOST_ICON_BYTES} bytes")));
    }
    match check_url(&url, urls, Query::Allowed) {
        Ok(()) => Ok(url),
        Err(problem) => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{} as the address of an icon", shown(&url)))
            .because(problem.to_string())),
    }
}

fn checked_realms(realms: Vec<String>) -> Result<Vec<String>, Refusal> {
    if realms.len() > MAX_REALMS {
        return Err(refused("realms", &format!("{} realms", realms.len()), &format!("at most {MAX_REALMS}")));
    }
    let fits = |realm: &String| is_text(realm, MOST_REALM_CHARS) && !realm.is_empty();
    match realms.iter().find(|realm| !fits(realm)) {
        Some(bad) => Err(refused("realms", &shown(bad), &format!("1 to {MOST_REALM_CHARS} characters"))),
        None => Ok(distinct(realms)),
    }
}

fn checked_attributes(names: Vec<String>) -> Result<Vec<String>, Refusal> {
    if names.len() > MAX_PASSING {
        return Err(refused(
            "attributes that are not kept",
            &format!("{} names", names.len()),
            &format!("at most {MAX_PASSING}"),
        ));
    }
    let fits = |name: &String| !name.is_empty() && name.len() <= MOST_ATTRIBUTE_BYTES;
    match names.iter().find(|name| !fits(name)) {
        Some(bad) => Err(refused(
            "attributes that are not kept",
            &shown(bad),
            &format!("names of up to {MOST_ATTRIBUTE_BYTES} bytes"),
        )),
        None => Ok(distinct(names)),
    }
}

fn merged(
    metadata: &BTreeMap<String, String>,
    given: BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut merged = metadata.clone();
    for (key, value) in given {
        let Some(value) = value else {
            merged.remove(&key);
            continue;
        };
        if key.is_empty() || !is_text(&key, MOST_METADATA_CHARS) || !is_text(&value, MOST_METADATA_CHARS) {
            return Err(refused(
                "metadata",
                &format!("the entry {}", shown(&key)),
                &format!("keys and values of up to {MOST_METADATA_CHARS} characters"),
            ));
        }
        merged.insert(key, value);
    }
    if merged.len() > MAX_METADATA {
        return Err(refused(
            "metadata",
            &format!("{} keys", merged.len()),
            &format!("at most {MAX_METADATA}"),
        ));
    }
    Ok(merged)
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(64).collect::<String>())
}

fn refused(setting: &str, found: &str, expected: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::Setting)).found(format!("{found} in the {setting}")).expected(expected)
}

/// A strategy that this version does not know is the protocol alone.
fn known_strategy<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<Option<Strategy>, D::Error> {
    let name = Option::<String>::deserialize(stored)?;
    Ok(name.as_deref().and_then(Strategy::from_name))
}

#[cfg(test)]
mod tests {
    use super::super::upstream::UpstreamParam;
    use super::*;

    fn changed(patch: &CommonPatch) -> Result<Common, Refusal> {
        Common::default().changed(patch, UrlPolicy::Https)
    }

    fn texts(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("a{n}.test")).collect()
    }

    #[test]
    fn nothing_said_is_nothing_written() {
        assert_eq!(serde_json::to_string(&Common::default()).unwrap(), "{}");
        let read: Common = serde_json::from_str(r#"{"strategy":"of a later version","more":1}"#).unwrap();
        assert_eq!(read, Common::default());
    }

    #[test]
    fn domains_are_folded_and_each_is_kept_once() {
        let domains = [" Acme.TEST ", "acme.test", "xn--bcher-kva.example"].map(str::to_owned).to_vec();
        let patch = CommonPatch { home_domains: Patch::Set(domains), ..CommonPatch::default() };
        assert_eq!(changed(&patch).unwrap().home_domains, ["acme.test", "xn--bcher-kva.example"]);
        let most = CommonPatch { home_domains: Patch::Set(texts(1000)), ..CommonPatch::default() };
        assert_eq!(changed(&most).unwrap().home_domains.len(), 1000);
        for bad in [vec!["a b".to_owned()], vec!["ümlaut.test".to_owned()], vec![String::new()], texts(1001)]
        {
            let patch = CommonPatch { home_domains: Patch::Set(bad), ..CommonPatch::default() };
            assert!(changed(&patch).is_err(), "{patch:?}");
        }
    }

    #[test]
    fn metadata_changes_key_by_key() {
        let entry = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        let patch = |entries: Vec<(String, Option<String>)>| CommonPatch {
            metadata: Patch::Set(entries.into_iter().collect()),
            ..CommonPatch::default()
        };
        let first = changed(&patch(vec![entry("a", Some("1")), entry("b", Some("2"))])).unwrap();
        let next =
            first.changed(&patch(vec![entry("a", None), entry("c", Some("3"))]), UrlPolicy::Https).unwrap();
        assert_eq!(next.metadata.keys().collect::<Vec<_>>(), ["b", "c"]);
        let eleven = (0..11).map(|n| entry(&n.to_string(), Some("x"))).collect();
        for bad in [
            eleven,
            vec![entry("", Some("x"))],
            vec![entry("k", Some(&"x".repeat(256)))],
            vec![entry("k", Some("\n"))],
        ] {
            assert!(changed(&patch(bad)).is_err());
        }
    }

    #[test]
    fn what_is_cleared_is_as_in_a_new_connection() {
        let set = CommonPatch {
            is_switched_off: Patch::Set(true),
            shows_button: Patch::Set(true),
            icon_url: Patch::Set("https://cdn.test/a.png?v=1".to_owned()),
            realms: Patch::Set(vec!["acme".to_owned()]),
            callback: Patch::Set(CallbackAddress::Shared),
            profile_sync: Patch::Set(ProfileSync::NeverOnLogin),
            passing_attributes: Patch::Set(vec!["groups".to_owned()]),
            upstream_params: Patch::Set(UpstreamParams::from([(
                "hd".to_owned(),
                UpstreamParam::Value("acme.test".to_owned()),
            )])),
            ..CommonPatch::default()
        };
        let common = changed(&set).unwrap();
        let stored: Common = serde_json::from_value(serde_json::to_value(&common).unwrap()).unwrap();
        assert_eq!(stored, common);
        let clear = CommonPatch {
            is_switched_off: Patch::Clear,
            shows_button: Patch::Clear,
            icon_url: Patch::Clear,
            realms: Patch::Clear,
            callback: Patch::Clear,
            profile_sync: Patch::Clear,
            passing_attributes: Patch::Clear,
            upstream_params: Patch::Clear,
            ..CommonPatch::default()
        };
        assert_eq!(common.changed(&clear, UrlPolicy::Https).unwrap(), Common::default());
        for icon in ["http://cdn.test/a.png", "javascript:alert(1)", "/a.png", "data:image/png;base64,AA"] {
            let patch = CommonPatch { icon_url: Patch::Set(icon.to_owned()), ..CommonPatch::default() };
            assert!(changed(&patch).is_err(), "{icon}");
        }
    }
}
