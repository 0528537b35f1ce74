//! What a change says of an application.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::keys::{ApplicationKey, room};
use super::settings::{
    ApplicationKind, ApplicationSettings, Expiration, OrganizationPrompt, OrganizationUsage, Proof, Rotation,
};
use super::urls::AppUrl;
use crate::bounds::{MOST_LEVELS, Measured as _, distinct, levels};
use crate::metadata::json_size;
use crate::patch::Patch;
use crate::redirect::{LoopbackHttp, parse_redirect};
use crate::refusal::{Bounded, Field, Refusal, What};

/// The most addresses in one list.
const MOST_URLS: usize = 100;
/// The most entries of the vendor's own.
const MOST_METADATA: usize = 10;
/// The most characters of a key or a value of them.
const MOST_METADATA_BYTES: usize = 255;
/// The most bytes, as JSON text, of settings that mean nothing here.
const MOST_OTHERS: usize = 16 * 1024;
/// The longest that an ID token is good for, in seconds: 30 days, which is as long as keys stay published.
const LONGEST_ID_TOKEN: i64 = 2_592_000;
/// The longest that a refresh token lives or waits, in seconds: five years.
const LONGEST_REFRESH: i64 = 157_788_000;
/// The most bytes of a name.
const MOST_NAME_BYTES: usize = 128;

/// What a change says. What it leaves away stays; a list replaces the whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the settings")]
pub struct ApplicationPatch {
    pub name: Patch<String>,
    pub description: Patch<String>,
    pub kind: Patch<ApplicationKind>,
    pub callbacks: Patch<Vec<String>>,
    pub logout_urls: Patch<Vec<String>>,
    pub web_origins: Patch<Vec<String>>,
    pub allowed_origins: Patch<Vec<String>>,
    pub login_url: Patch<String>,
    pub logo_url: Patch<String>,
    pub grant_types: Patch<Vec<String>>,
    pub proof: Patch<Proof>,
    pub keys: Patch<Vec<ApplicationKey>>,
    pub first_party: Patch<bool>,
    pub organization_usage: Patch<OrganizationUsage>,
    pub organization_prompt: Patch<OrganizationPrompt>,
    pub id_token_seconds: Patch<i64>,
    pub rotation: Patch<Rotation>,
    pub expiration: Patch<Expiration>,
    pub leeway: Patch<i64>,
    pub lifetime: Patch<i64>,
    pub endless: Patch<bool>,
    pub idle_lifetime: Patch<i64>,
    pub endless_idle: Patch<bool>,
    pub metadata: Patch<BTreeMap<String, String>>,
    /// Each member replaces the one of its name; a null takes it away.
    pub others: Patch<Map<String, Value>>,
}

impl ApplicationSettings {
    /// Those of a new application.
    ///
    /// # Errors
    /// As for [`ApplicationSettings::changed`]; a name is needed.
    pub(super) fn new(patch: ApplicationPatch, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        if patch.name.is_keep() {
            return Err(Refusal::new(What::MissingField).because("name is required."));
        }
        let kind = patch.kind.value().copied().unwrap_or(ApplicationKind::RegularWeb);
        Self { proof: kind.usual_proof(), ..Self::default() }.changed(patch, loopback)
    }

    /// With what a change says.
    ///
    /// # Errors
    /// A value that cannot be taken.
    pub(super) fn changed(&self, patch: ApplicationPatch, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        let usual = Self::default();
        let mut next = self.clone();
        let callback = |text: &str| AppUrl::callback(text, loopback);
        let origin = |text: &str| AppUrl::origin(text, loopback);
        patch.name.clear_as(String::new()).try_map(checked_name)?.onto(&mut next.name);
        patch.description.try_map(|text| text.measured("description"))?.onto(&mut next.description);
        patch.kind.onto_or(&mut next.kind, usual.kind);
        patch.callbacks.try_map(|list| urls("callbacks", list, callback))?.onto(&mut next.callbacks);
        patch
            .logout_urls
            .try_map(|list| urls("allowed_logout_urls", list, callback))?
            .onto(&mut next.logout_urls);
        patch.web_origins.try_map(|list| urls("web_origins", list, origin))?.onto(&mut next.web_origins);
        patch
            .allowed_origins
            .try_map(|list| urls("allowed_origins", list, origin))?
            .onto(&mut next.allowed_origins);
        patch.login_url.try_map(|text| one_url(text, LoopbackHttp::Refused))?.onto(&mut next.login_url);
        patch.logo_url.try_map(|text| one_url(text, loopback))?.onto(&mut next.logo_url);
        patch
            .grant_types
            .try_map(|list| list.measured("grant_types"))?
            .onto_or(&mut next.grant_types, usual.grant_types);
        let usual_proof = next.kind.usual_proof();
        patch.proof.onto_or(&mut next.proof, usual_proof);
        patch.keys.try_map(checked_keys)?.onto(&mut next.keys);
        patch.first_party.onto_or(&mut next.first_party, true);
        patch.organization_usage.onto_or(&mut next.organization_usage, usual.organization_usage);
        patch.organization_prompt.onto_or(&mut next.organization_prompt, usual.organization_prompt);
        patch
            .id_token_seconds
            .try_map(|seconds| between("lifetime_in_seconds", seconds, 1, LONGEST_ID_TOKEN))?
            .onto_or(&mut next.id_token_seconds, usual.id_token_seconds);
        let (refresh, usual) = (&mut next.refresh, usual.refresh);
        patch.rotation.onto_or(&mut refresh.rotation, usual.rotation);
        patch.expiration.onto_or(&mut refresh.expiration, usual.expiration);
        patch
            .leeway
            .try_map(|seconds| between("leeway", seconds, 0, 60))?
            .onto_or(&mut refresh.leeway, usual.leeway);
        let lifetime = |name, seconds| between(name, seconds, 1, LONGEST_REFRESH);
        patch
            .lifetime
            .try_map(|seconds| lifetime("token_lifetime", seconds))?
            .onto_or(&mut refresh.lifetime, usual.lifetime);
        patch.endless.onto_or(&mut refresh.endless, usual.endless);
        patch
            .idle_lifetime
            .try_map(|seconds| lifetime("idle_token_lifetime", seconds))?
            .onto_or(&mut refresh.idle_lifetime, usual.idle_lifetime);
        patch.endless_idle.onto_or(&mut refresh.endless_idle, usual.endless_idle);
        patch.metadata.try_map(checked_metadata)?.onto(&mut next.metadata);
        others(patch.others, &mut next.others)?;
        Ok(next)
    }
}

fn checked_name(name: String) -> Result<String, Refusal> {
    let fits = (1..=MOST_NAME_BYTES).contains(&name.len()) && !name.trim().is_empty();
    if fits && !name.contains(['<', '>']) && !name.contains(char::is_control) {
        return Ok(name);
    }
    Err(setting("name", &format!("{name:?}"), "1 to 128 bytes without < and >"))
}

fn setting(name: &str, found: &str, expected: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::Setting)).found(format!("{found} in {name}")).expected(expected)
}

/// Addresses of a list that is called `name`, each once.
///
/// # Errors
/// Too many, or one that cannot be read.
pub(crate) fn urls(
    name: &str,
    list: Vec<String>,
    read: impl Fn(&str) -> Result<AppUrl, Refusal>,
) -> Result<Vec<AppUrl>, Refusal> {
    if list.len() > MOST_URLS {
        return Err(setting(name, &format!("{} addresses", list.len()), "at most 100"));
    }
    let read = |text: String| {
        read(&text).map_err(|refusal| refusal.because(format!("It stands in {name}: {text:?}.")))
    };
    Ok(distinct(list.into_iter().map(read).collect::<Result<Vec<_>, _>>()?))
}

fn one_url(text: String, loopback: LoopbackHttp) -> Result<String, Refusal> {
    parse_redirect(&text, loopback)?;
    Ok(text)
}

fn checked_keys(keys: Vec<ApplicationKey>) -> Result<Vec<ApplicationKey>, Refusal> {
    room(keys.len())?;
    keys.into_iter().map(ApplicationKey::checked).collect()
}

fn between(name: &str, seconds: i64, least: i64, most: i64) -> Result<i64, Refusal> {
    if (least..=most).contains(&seconds) {
        return Ok(seconds);
    }
    Err(setting(name, &seconds.to_string(), &format!("{least} to {most}")))
}

fn checked_metadata(given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    let name = "client_metadata";
    if given.len() > MOST_METADATA {
        return Err(setting(name, &format!("{} entries", given.len()), "at most 10"));
    }
    let is_long = |text: &String| text.chars().count() > MOST_METADATA_BYTES;
    if given.iter().any(|(key, value)| is_long(key) || is_long(value)) {
        return Err(setting(name, "a long text", "at most 255 characters"));
    }
    Ok(given)
}

/// Keeps settings that mean nothing here: each replaces the one of its name, and a null takes it away.
///
/// # Errors
/// More than is kept.
pub(crate) fn others(patch: Patch<Map<String, Value>>, kept: &mut Map<String, Value>) -> Result<(), Refusal> {
    let given = match patch {
        Patch::Keep => return Ok(()),
        Patch::Clear => {
            kept.clear();
            return Ok(());
        }
        Patch::Set(given) => given,
    };
    for (name, value) in given {
        if value.is_null() {
            kept.remove(&name);
        } else {
            kept.insert(name, value);
        }
    }
    if json_size(kept) > MOST_OTHERS || kept.values().any(|value| levels(value) >= MOST_LEVELS) {
        return Err(Refusal::new(What::TooLarge(Bounded::Metadata))
            .expected(format!("at most {MOST_OTHERS} bytes of settings that mean nothing here")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::application::GrantType;

    fn set<T>(value: T) -> Patch<T> {
        Patch::Set(value)
    }

    fn new(patch: ApplicationPatch) -> Result<ApplicationSettings, Refusal> {
        let patch = ApplicationPatch { name: set("App".to_owned()), ..patch };
        ApplicationSettings::new(patch, LoopbackHttp::Allowed)
    }

    #[test]
    fn a_program_that_keeps_no_secret_never_acts_on_its_own_account() {
        let page = new(ApplicationPatch { kind: set(ApplicationKind::Spa), ..Default::default() }).unwrap();
        assert_eq!(page.proof, Proof::None);
        assert!(page.may(GrantType::AuthorizationCode) && !page.may(GrantType::ClientCredentials));
        let service =
            new(ApplicationPatch { kind: set(ApplicationKind::NonInteractive), ..Default::default() })
                .unwrap();
        assert!(service.may(GrantType::ClientCredentials));
        let named = ApplicationPatch { grant_types: set(vec!["password".to_owned()]), ..Default::default() };
        let none = new(named).unwrap();
        assert!(GrantType::ALL.iter().all(|grant| !none.may(*grant)));
    }

    #[test]
    fn what_cannot_be_taken_changes_nothing() {
        let settings = new(ApplicationPatch::default()).unwrap();
        let wrong = [
            ApplicationPatch { name: set("<b>".to_owned()), ..Default::default() },
            ApplicationPatch { name: Patch::Clear, ..Default::default() },
            ApplicationPatch { callbacks: set(vec!["javascript:x".to_owned()]), ..Default::default() },
            ApplicationPatch {
                callbacks: set(vec!["https://a.test/".to_owned(); 101]),
                ..Default::default()
            },
            ApplicationPatch { web_origins: set(vec!["https://a.test/x".to_owned()]), ..Default::default() },
            ApplicationPatch { id_token_seconds: set(0), ..Default::default() },
            ApplicationPatch { leeway: set(61), ..Default::default() },
            ApplicationPatch { lifetime: set(i64::MAX), ..Default::default() },
            ApplicationPatch {
                metadata: set([("k".to_owned(), "v".repeat(256))].into()),
                ..Default::default()
            },
        ];
        for patch in wrong {
            assert!(settings.changed(patch.clone(), LoopbackHttp::Allowed).is_err(), "{patch:?}");
        }
    }

    #[test]
    fn what_means_nothing_here_is_given_back_within_bounds() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let others = |value| ApplicationPatch { others: set(object(value)), ..Default::default() };
        let settings = new(others(json!({"oidc_conformant": true, "a": 1}))).unwrap();
        let settings = settings.changed(others(json!({"a": null, "b": [2]})), LoopbackHttp::Refused).unwrap();
        assert_eq!(Value::Object(settings.others.clone()), json!({"oidc_conformant": true, "b": [2]}));
        let long = others(json!({"x": "y".repeat(20_000)}));
        assert!(settings.changed(long, LoopbackHttp::Refused).is_err());
    }

    #[test]
    fn a_document_that_says_nothing_is_a_new_application() {
        let empty: ApplicationSettings = serde_json::from_value(json!({"name": "A"})).unwrap();
        assert_eq!(empty, ApplicationSettings { name: "A".to_owned(), ..Default::default() });
        let kept = serde_json::to_value(&empty).unwrap();
        assert_eq!(serde_json::from_value::<ApplicationSettings>(kept).unwrap(), empty);
    }
}
