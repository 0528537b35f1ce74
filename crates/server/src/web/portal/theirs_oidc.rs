//! The values of an OpenID provider: what its issuer is made of, and the client that was registered there. The provider is asked for
//! its document at once.

use askama::Template;
use axum::response::Response;
use vestibule_domain::connection::{OidcPatch, OidcSettings};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::secret::Secret;

use super::enter::Shown;
use super::entry::{Entry, called};
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use crate::http::form::Form;
use crate::operations::connections::oidc;
use crate::web::page::Frame;
use crate::web::words::{Piece, Words, sentence};
use crate::world::provider_guides::{Guide, Theirs};

#[derive(Template)]
#[template(path = "setup/theirs_oidc.html")]
struct TheirsOidc {
    frame: Frame,
    around: Around,
    lead: Vec<Piece>,
    entries: Vec<Entry>,
    /// That a secret is kept, and how it ends.
    secret_kept: Vec<Piece>,
    is_complete: bool,
    missing: Vec<Piece>,
    /// What the provider's document leaves open, in English.
    warning: String,
    /// What the provider calls itself, where the issuer that was entered is another.
    other_issuer: String,
}

/// What came of what was entered, beside what went wrong.
#[derive(Default)]
struct Outcome {
    missing: Vec<&'static str>,
    warning: String,
    other_issuer: String,
}

/// The page.
pub(super) fn look(subject: &Subject, settings: &OidcSettings) -> Response {
    let outcome = Outcome { missing: subject.connection.missing(), ..Outcome::default() };
    shown(subject, settings, &Form::default(), (Problem::default(), outcome))
}

fn shown(
    subject: &Subject,
    settings: &OidcSettings,
    form: &Form,
    (trouble, outcome): (Problem, Outcome),
) -> Response {
    let (words, guide) = (subject.words(), subject.guide);
    let entry = |name: &'static str, label, value, is_secret| Entry {
        name,
        label,
        value: form.given(name).map_or_else(|| kept(guide, settings, name), str::to_owned),
        called: called(subject, value),
        is_secret,
    };
    let mut entries = Vec::new();
    for (value, label) in asked_for_issuer(guide, words) {
        entries.push(entry(value.as_str(), label, value, false));
    }
    entries.push(entry("client_id", words.client_id, Theirs::ClientId, false));
    let mut secret = entry("client_secret", words.client_secret, Theirs::ClientSecret, true);
    secret.value = String::new();
    entries.push(secret);
    if guide.pin.is_some() {
        let mut pin = entry("hosted_domain", words.hosted_domain, Theirs::Domain, false);
        pin.called = Vec::new();
        entries.push(pin);
    }
    let Outcome { missing, warning, other_issuer } = outcome;
    let is_begun = !settings.issuer.is_empty();
    let is_wrong = !trouble.sentence.is_empty();
    let page = TheirsOidc {
        frame: subject.visit.frame(),
        around: subject.around(Page::Theirs, trouble),
        lead: sentence(words.theirs_oidc, &[("provider", &subject.provider.name)]),
        entries,
        secret_kept: last_of(&settings.client_secret)
            .map_or_else(Vec::new, |last| sentence(words.secret_kept, &[("last", &last)])),
        is_complete: is_begun && missing.is_empty(),
        missing: if is_begun && !missing.is_empty() {
            sentence(words.missing, &[("missing", &missing.join(", "))])
        } else {
            Vec::new()
        },
        warning,
        other_issuer,
    };
    answer(is_wrong, page.render())
}

/// The end of a secret by which whoever has it recognizes it; of a short one too much would be told.
fn last_of(secret: &Secret) -> Option<String> {
    let all: Vec<char> = secret.expose().chars().collect();
    match all.len() {
        0 => None,
        1..16 => Some("…".to_owned()),
        length => Some(all.iter().skip(length - 4).collect()),
    }
}

/// What is asked for to know the issuer: a part of it, itself, or nothing where everybody's is the same.
fn asked_for_issuer(guide: &Guide, words: &Words) -> Vec<(Theirs, &'static str)> {
    match guide.issuer.as_deref() {
        None => vec![(Theirs::Issuer, words.issuer)],
        Some(issuer) if issuer.contains("{tenant_id}") => vec![(Theirs::TenantId, words.tenant_id)],
        Some(issuer) if issuer.contains("{domain}") => vec![(Theirs::Domain, words.domain)],
        Some(_) => Vec::new(),
    }
}

/// What is kept of a field, as it was entered.
fn kept(guide: &Guide, settings: &OidcSettings, name: &str) -> String {
    match name {
        "client_id" => settings.client_id.clone(),
        "hosted_domain" => settings.hosted_domain.clone(),
        "issuer" => settings.issuer.clone(),
        "tenant_id" | "domain" => {
            let (before, after) = parts(guide.issuer.as_deref().unwrap_or_default());
            let within = settings.issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            within.unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// What stands before and after the one place of an issuer.
fn parts(issuer: &str) -> (&str, &str) {
    let (before, rest) = issuer.split_once('{').unwrap_or((issuer, ""));
    (before, rest.split_once('}').map_or("", |(_, after)| after))
}

/// The issuer of what was entered; `None` where nothing was.
fn issuer(guide: &Guide, form: &Form) -> Option<String> {
    let Some(known) = guide.issuer.as_deref() else { return form.given("issuer").map(str::to_owned) };
    if !known.contains('{') {
        return Some(known.to_owned());
    }
    let (before, after) = parts(known);
    let given = form.given("tenant_id").or_else(|| form.given("domain"))?;
    Some(format!("{before}{}{after}", bare(given)))
}

/// A host as it is meant where an address was pasted; Okta's console has a host of its own beside the one that is meant.
fn bare(given: &str) -> String {
    let host = given.trim_start_matches("https://").split('/').next().unwrap_or_default();
    host.replace("-admin.okta", ".okta")
}

/// What was entered is kept, as far as it can be, and the provider is asked.
pub(super) async fn submit(subject: &Subject, settings: &OidcSettings, form: &Form) -> Shown {
    let (visit, words) = (&subject.visit, subject.words());
    let grant = visit.holder.grant::<ChangeConnection>()?;
    let given = |name: &str| form.given(name).map_or(Patch::Keep, |text| Patch::Set(text.to_owned()));
    let secret = form.given("client_secret").map_or(Patch::Keep, |text| Patch::Set(Secret::new(text)));
    let patch = OidcPatch {
        issuer: issuer(subject.guide, form).map_or(Patch::Keep, Patch::Set),
        client_id: given("client_id"),
        client_secret: secret,
        hosted_domain: given("hosted_domain"),
        ..OidcPatch::default()
    };
    match oidc::update(&visit.app, &visit.ctx, &grant, subject.connection.id, patch).await {
        Err(failure) => {
            let outcome = Outcome { missing: subject.connection.missing(), ..Outcome::default() };
            Ok(shown(subject, settings, form, (Problem::of(failure, words)?, outcome)))
        }
        Ok(updated) if updated.connection.missing().is_empty() && updated.warning.is_empty() => {
            subject.done(Page::Theirs).await
        }
        Ok(updated) => {
            if updated.connection.missing().is_empty() {
                subject.note(Page::Theirs).await?;
            }
            let settings = updated.connection.oidc().unwrap_or(settings);
            let outcome = Outcome {
                missing: updated.connection.missing(),
                warning: updated.warning.clone(),
                other_issuer: updated.other_issuer.clone().unwrap_or_default(),
            };
            Ok(shown(subject, settings, &Form::default(), (Problem::default(), outcome)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_out_of_what_was_pasted() {
        for (given, meant) in [
            ("acme.okta.com", "acme.okta.com"),
            ("https://acme-admin.okta.com/admin/apps", "acme.okta.com"),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ] {
            assert_eq!(bare(given), meant);
        }
        assert_eq!(parts("https://login.test/{tenant_id}/v2.0"), ("https://login.test/", "/v2.0"));
    }

    #[test]
    fn of_a_secret_the_end_is_told_and_of_a_short_one_nothing() {
        assert_eq!(last_of(&Secret::new("")), None);
        assert_eq!(last_of(&Secret::new("short")).as_deref(), Some("…"));
        assert_eq!(last_of(&Secret::new("0123456789abcdefWXYZ")).as_deref(), Some("WXYZ"));
    }
}
