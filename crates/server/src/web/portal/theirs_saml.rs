//! The values of a SAML provider: by the address of its metadata, a file, a text, or by hand. What was read is shown before anything
//! of it is kept, and what is kept is what was shown.

use askama::Template;
use axum::response::Response;
use vestibule_domain::connection::{Connection, SamlPatch, SamlSettings};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::What;
use vestibule_domain::secret::derive;

use super::enter::{Shown, Stop, clock};
use super::entry::{Entry, called};
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use crate::failure::Failure;
use crate::http::form::Form;
use crate::operations::connections::saml::{self, SuppliedMaterial};
use crate::web::page::Frame;
use crate::web::words::{Piece, sentence};
use crate::world::provider_guides::Theirs;

#[derive(Template)]
#[template(path = "setup/theirs_saml.html")]
struct TheirsSaml {
    frame: Frame,
    around: Around,
    lead: Vec<Piece>,
    /// How metadata can be given, as far as this provider has any.
    metadata: Vec<Entry>,
    by_hand: Vec<Entry>,
    kept: Option<Described>,
}

#[derive(Template)]
#[template(path = "setup/preview.html")]
struct Preview {
    frame: Frame,
    around: Around,
    found: Described,
    /// What was given, to be given again.
    given: Vec<(&'static str, String)>,
    seen: String,
    warnings: Vec<String>,
}

/// What a connection is set to, as far as it came from the provider.
struct Described {
    entity_id: String,
    sso_url: String,
    metadata_url: String,
    certificates: Vec<Certificate>,
}

struct Certificate {
    subject: String,
    fingerprint: String,
    ends: Vec<Piece>,
    has_ended: bool,
}

/// The fields that may be given.
const FIELDS: [&str; 5] = ["metadata_url", "metadata_xml", "sso_url", "entity_id", "certificate"];

impl Described {
    fn of(subject: &Subject, settings: &SamlSettings) -> Self {
        let now = subject.visit.ctx.now;
        let certificate = |one: &vestibule_domain::connection::VerificationCertificate| Certificate {
            subject: one.subject.clone(),
            fingerprint: grouped(&one.fingerprint),
            ends: sentence(subject.words().ends, &[("time", &clock(one.expires_at))]),
            has_ended: one.expires_at <= now,
        };
        Self {
            entity_id: settings.idp_entity_id.clone(),
            sso_url: settings.idp_sso_url.clone(),
            metadata_url: settings.metadata_url.clone(),
            certificates: settings.verification_certificates.iter().map(certificate).collect(),
        }
    }

    /// Something is known by it, so that it can be compared with what is read later.
    fn seen(&self) -> String {
        let mut parts = vec![self.entity_id.as_str(), &self.sso_url, &self.metadata_url];
        parts.extend(self.certificates.iter().map(|certificate| certificate.fingerprint.as_str()));
        derive("metadata that was shown", &parts)
    }
}

/// A fingerprint as consoles show it.
pub(super) fn grouped(fingerprint: &str) -> String {
    let bytes: Vec<char> = fingerprint.to_ascii_uppercase().chars().collect();
    bytes.chunks(2).map(|pair| pair.iter().collect::<String>()).collect::<Vec<_>>().join(":")
}

/// The page.
pub(super) fn look(subject: &Subject, settings: &SamlSettings) -> Response {
    shown(subject, settings, &Form::default(), Problem::default())
}

fn shown(subject: &Subject, settings: &SamlSettings, form: &Form, trouble: Problem) -> Response {
    let words = subject.words();
    let has = |value: Theirs| subject.guide.theirs_called(value).is_some();
    let entry = |name: &'static str, label, value| Entry {
        name,
        label,
        value: form.text(name).to_owned(),
        called: called(subject, value),
        is_secret: false,
    };
    let mut metadata = Vec::new();
    if has(Theirs::MetadataUrl) {
        metadata.push(entry("metadata_url", words.metadata_url, Theirs::MetadataUrl));
    }
    metadata.push(entry("metadata_file", words.metadata_file, Theirs::MetadataXml));
    metadata.push(entry("metadata_xml", words.metadata_xml, Theirs::MetadataXml));
    let is_wrong = !trouble.sentence.is_empty();
    let page = TheirsSaml {
        frame: subject.visit.frame(),
        around: subject.around(Page::Theirs, trouble),
        lead: sentence(words.theirs_saml, &[("provider", &subject.provider.name)]),
        metadata,
        by_hand: vec![
            entry("sso_url", words.sso_url, Theirs::SsoUrl),
            entry("entity_id", words.entity_id, Theirs::EntityId),
            entry("certificate", words.certificate, Theirs::Certificate),
        ],
        kept: subject.standing().missing.is_empty().then(|| Described::of(subject, settings)),
    };
    answer(is_wrong, page.render())
}

/// What was given: a file is a text.
fn given(form: &Form) -> Vec<(&'static str, String)> {
    let value = |name: &'static str| {
        let file = (name == "metadata_xml").then(|| form.given("metadata_file")).flatten();
        file.or_else(|| form.given(name)).map(|value| (name, value.to_owned()))
    };
    FIELDS.into_iter().filter_map(value).collect()
}

/// What was entered: it is read and shown, and kept when that was seen.
pub(super) async fn submit(subject: &Subject, settings: &SamlSettings, form: &Form) -> Shown {
    let (words, given) = (subject.words(), given(form));
    if given.is_empty() {
        return Ok(shown(subject, settings, form, Problem::said(words.nothing_given)));
    }
    match read(subject, &given).await {
        Err(Stop::Failure(failure)) => {
            let trouble = Problem::of(failure, words)?;
            Ok(shown(subject, settings, form, trouble))
        }
        Err(page) => Err(page),
        Ok((found, warnings)) => {
            let was_seen = form.given("seen");
            if was_seen == Some(found.seen().as_str()) {
                return keep(subject, settings, form, &given).await;
            }
            let trouble = was_seen.map(|_| Problem::said(words.changed_meanwhile)).unwrap_or_default();
            let is_wrong = !trouble.sentence.is_empty();
            let around = subject.around(Page::Theirs, trouble);
            let page =
                Preview { frame: subject.visit.frame(), around, seen: found.seen(), found, given, warnings };
            Ok(answer(is_wrong, page.render()))
        }
    }
}

/// The change that was asked for. A draft may be moved to another provider as often as it takes; a connection that people sign in
/// through stays with its own.
async fn asked(
    subject: &Subject,
    given: &[(&str, String)],
) -> Result<(SamlPatch, SuppliedMaterial), Failure> {
    let value = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let patch = |name: &str| value(name).map_or(Patch::Keep, Patch::Set);
    let mut patch = SamlPatch {
        metadata_url: patch("metadata_url"),
        idp_sso_url: patch("sso_url"),
        idp_entity_id: patch("entity_id"),
        ..SamlPatch::default()
    };
    let supplied = SuppliedMaterial {
        certificates: value("certificate"),
        // An address is read again when it changes: it is worth more than what was in a file.
        metadata_xml: value("metadata_xml").filter(|_| value("metadata_url").is_none()),
        ..SuppliedMaterial::default()
    };
    if subject.connection.common.is_switched_off && patch.idp_entity_id.is_keep() {
        let (visit, url) = (&subject.visit, value("metadata_url"));
        let grant = visit.holder.grant::<ChangeConnection>()?;
        let from = (url.as_deref(), supplied.metadata_xml.as_deref());
        let entity = saml::entity_of(&visit.app, &visit.ctx, &grant, from).await?;
        patch.idp_entity_id = entity.map_or(Patch::Keep, Patch::Set);
    }
    Ok((patch, supplied))
}

async fn read(subject: &Subject, given: &[(&str, String)]) -> Result<(Described, Vec<String>), Stop> {
    let visit = &subject.visit;
    let grant = visit.holder.grant::<ChangeConnection>()?;
    let (patch, supplied) = asked(subject, given).await?;
    let found = saml::preview(&visit.app, &visit.ctx, &grant, subject.connection.id, patch, supplied).await?;
    let settings = settings_of(&found.connection)?;
    Ok((Described::of(subject, settings), found.metadata_warnings))
}

fn settings_of(connection: &Connection) -> Result<&SamlSettings, Stop> {
    connection.saml().ok_or_else(|| What::NoSuchRoute.into())
}

async fn keep(subject: &Subject, settings: &SamlSettings, form: &Form, given: &[(&str, String)]) -> Shown {
    let visit = &subject.visit;
    let grant = visit.holder.grant::<ChangeConnection>()?;
    let (patch, supplied) = asked(subject, given).await?;
    match saml::update(&visit.app, &visit.ctx, &grant, subject.connection.id, patch, supplied).await {
        Ok(updated) if updated.connection.missing().is_empty() => subject.done(Page::Theirs).await,
        Ok(_) => Ok(crate::web::page::see(&subject.path(Page::Theirs))),
        Err(failure) => Ok(shown(subject, settings, form, Problem::of(failure, subject.words())?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_shown_as_consoles_show_it() {
        assert_eq!(grouped("0aff10"), "0A:FF:10");
    }
}
