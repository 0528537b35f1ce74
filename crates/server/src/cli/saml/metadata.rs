//! `vestibule saml metadata`: what a document offers, and what is wrong with it.

use std::path::Path;

use serde_json::{Value, json};
use url::Url;
use vestibule_domain::connection::{SamlSettings, UrlPolicy};
use vestibule_domain::id::Environment;
use vestibule_domain::redirect::is_loopback;
use vestibule_domain::refusal::{Field, What};
use vestibule_domain::time::Time;
use vestibule_refusal::{Excerpt, Refusal as _};
use vestibule_saml::UnixMillis;
use vestibule_saml::key::Certificate;
use vestibule_saml::metadata::{IdpMetadata, MetadataRefusal, OfferedAttribute};

use super::shown::{certificate, certificate_json, plain, remarks};
use super::{MetadataArgs, Unusable, input};
use crate::cli::out;
use crate::operations::connections::idp_metadata::{description, offered};
use crate::world::entropy::SystemEntropy;

/// Reads and explains; answers whether the server would take it.
pub(super) async fn run(arguments: MetadataArgs, now: Time) -> Result<bool, Unusable> {
    let now = arguments.now.unwrap_or(UnixMillis(now.millis()));
    let document = document(&arguments).await?;
    let found = offered(&document, arguments.idp_entity_id.as_deref(), now);
    let urls = if arguments.allow_loopback { UrlPolicy::HttpsOrLoopback } else { UrlPolicy::Https };
    let refusal = match &found {
        Ok(found) => unusable(found, now, urls),
        Err(refusal) => Some(Unfit::of(refusal)),
    };
    let remarks =
        found.as_ref().map_or_else(|_| Vec::new(), |found| told(found, refusal.as_ref(), now, urls));
    if arguments.json {
        out::answer(as_json(found.as_ref().ok(), refusal.as_ref(), &remarks, now));
    } else {
        found.iter().flat_map(|found| lines(found, &remarks, now)).for_each(out::answer);
        out::answer(verdict(refusal.as_ref()));
    }
    Ok(refusal.is_none())
}

async fn document(arguments: &MetadataArgs) -> Result<Vec<u8>, Unusable> {
    let source = &arguments.source;
    match Url::parse(source).ok().filter(|_| source.contains("://")) {
        Some(url) => {
            let settings = arguments.config.as_ref().clone().load().map_err(Unusable::new)?;
            input::fetched(url, &settings, arguments.allow_loopback).await
        }
        None => input::bytes(Path::new(source)),
    }
}

/// The address for sign-ins has no TLS.
const NOT_HTTPS: &str = "metadata_sso_url_not_https";

/// Why a server would not take a document.
struct Unfit {
    code: &'static str,
    message: String,
}

impl Unfit {
    fn of(refusal: &MetadataRefusal) -> Self {
        Self { code: refusal.code(), message: refusal.to_string() }
    }
}

/// Asks what the server asks: a connection takes the description, or says what it cannot take.
fn unusable(found: &IdpMetadata, now: UnixMillis, urls: UrlPolicy) -> Option<Unfit> {
    let current = match found.clone().current(now) {
        Ok(current) => current,
        Err(refusal) => return Some(Unfit::of(&refusal)),
    };
    let this_machine = sign_in_url(&current).is_some_and(is_this_machine);
    // The environment is a part of ids, which are made for nothing here.
    let described = description(&SystemEntropy, current, Environment::Test, Time::from_millis(now.0));
    let refusal = described.and_then(|found| SamlSettings::described_by(found, urls)).err()?;
    let said = refusal.detail().unwrap_or_default();
    let (code, what) = match refusal.what {
        What::NotHttps if this_machine => (
            NOT_HTTPS,
            "the address for sign-ins is not https; --allow-loopback judges as `vestibule dev` does",
        ),
        What::NotHttps => (NOT_HTTPS, "the address for sign-ins is not https"),
        What::NotAbsolute => {
            ("metadata_sso_url_not_absolute", "the address for sign-ins is not an absolute URL")
        }
        What::Invalid(Field::IdpSsoUrl) => ("metadata_sso_url", "the address for sign-ins cannot be used"),
        What::Invalid(Field::IdpEntityId) => ("metadata_entity_id", "the entity ID cannot be used"),
        _ => ("metadata_unusable", "a connection cannot use it"),
    };
    Some(Unfit { code, message: if said.is_empty() { what.to_owned() } else { format!("{what}: {said}") } })
}

/// The remarks, without what is said by the verdict or does not matter to it.
fn told(
    found: &IdpMetadata,
    refusal: Option<&Unfit>,
    now: UnixMillis,
    urls: UrlPolicy,
) -> Vec<(bool, String)> {
    let refused = refusal.filter(|refusal| refusal.code == NOT_HTTPS).and_then(|_| sign_in_url(found));
    remarks(found, now, |url| {
        let accepted = urls == UrlPolicy::HttpsOrLoopback && is_this_machine(url.as_str());
        accepted || refused.is_some_and(|refused| Excerpt::of(refused) == *url)
    })
}

/// The address that a connection takes.
fn sign_in_url(found: &IdpMetadata) -> Option<&str> {
    found.redirect_url.as_deref().or(found.post_url.as_deref())
}

fn is_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

fn verdict(refusal: Option<&Unfit>) -> String {
    match refusal {
        None => "\nUSABLE".to_owned(),
        Some(Unfit { code, message }) => format!("NOT USABLE ({code}): {message}"),
    }
}

fn lines(found: &IdpMetadata, remarks: &[(bool, String)], now: UnixMillis) -> Vec<String> {
    let mut lines = vec![line("entity id", &plain(&found.entity_id))];
    lines.push(line("sign-in", &endpoint(found.redirect_url.as_deref(), "HTTP-Redirect")));
    lines.push(line("", &endpoint(found.post_url.as_deref(), "HTTP-POST")));
    lines.extend(certificates("signing", &found.signing_certificates, now));
    lines.extend(certificates("encryption", &found.encryption_certificates, now));
    lines.extend(listed("NameID", found.name_id_formats.iter().map(|format| plain(format))));
    let wish = if found.wants_signed_requests { "must be signed" } else { "need not be signed" };
    lines.push(line("requests", wish));
    lines.extend(listed("attributes", found.attributes.iter().map(attribute)));
    let until = found.valid_until.map_or_else(|| "no end given".to_owned(), |until| until.to_string());
    lines.push(line("valid until", &until));
    if let Some(millis) = found.cache_millis {
        lines.push(line("keep for", &duration(millis)));
    }
    if !remarks.is_empty() {
        lines.push(String::new());
    }
    lines.extend(remarks.iter().map(|(warning, said)| line(if *warning { "WARNING" } else { "note" }, said)));
    lines
}

fn line(name: &str, text: &str) -> String {
    format!("{name:<12} {text}")
}

fn listed(name: &'static str, texts: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    texts.enumerate().map(move |(index, text)| line(if index == 0 { name } else { "" }, &text))
}

fn endpoint(url: Option<&str>, binding: &str) -> String {
    url.map_or_else(|| format!("not by {binding}"), |url| format!("{} ({binding})", plain(url)))
}

fn certificates(name: &'static str, list: &[Certificate], now: UnixMillis) -> Vec<String> {
    listed(name, list.iter().flat_map(|one| certificate(one, now))).collect()
}

fn attribute(attribute: &OfferedAttribute) -> String {
    let friendly = attribute.friendly_name.as_deref();
    let friendly = friendly.map(|name| format!(" ({})", plain(name))).unwrap_or_default();
    format!("{}{friendly}", plain(&attribute.name))
}

/// A length of time in its largest whole units.
fn duration(millis: i64) -> String {
    let minutes = millis / 60_000;
    let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if parts.is_empty() { format!("{} s", millis / 1000) } else { parts.join(" ") }
}

fn as_json(
    found: Option<&IdpMetadata>,
    refusal: Option<&Unfit>,
    remarks: &[(bool, String)],
    now: UnixMillis,
) -> Value {
    let certificates = |list: &[Certificate]| list.iter().map(certificate_json).collect::<Vec<_>>();
    json!({
        "verdict": if refusal.is_none() { "usable" } else { "not_usable" },
        "judged_at": now.to_string(),
        "refusal": refusal.map(|refusal| json!({"code": refusal.code, "message": refusal.message})),
        "provider": found.map(|found| json!({
            "entity_id": found.entity_id,
            "redirect_url": found.redirect_url,
            "post_url": found.post_url,
            "signing_certificates": certificates(&found.signing_certificates),
            "encryption_certificates": certificates(&found.encryption_certificates),
            "name_id_formats": found.name_id_formats,
            "wants_signed_requests": found.wants_signed_requests,
            "attributes": found.attributes.iter().map(|attribute| json!({
                "name": attribute.name, "friendly_name": attribute.friendly_name,
            })).collect::<Vec<_>>(),
            "valid_until": found.valid_until.map(|until| until.to_string()),
            "cache_seconds": found.cache_millis.map(|millis| millis / 1000),
            "remarks": remarks.iter().map(|(warning, said)| json!({
                "warning": warning, "message": said,
            })).collect::<Vec<_>>(),
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_shown_in_its_largest_units() {
        for (millis, expected) in
            [(30_000, "30 s"), (3_600_000, "1 h"), (90_060_000, "1 d 1 h 1 min"), (21_600_000, "6 h")]
        {
            assert_eq!(duration(millis), expected);
        }
    }
}
