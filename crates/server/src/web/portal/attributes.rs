//! What is sent of people, and what the provider calls each: preset by its guide, and changed where its administrator calls things
//! otherwise.

use askama::Template;
use axum::response::Response;
use vestibule_domain::connection::{OidcPatch, Protocol, SamlPatch};
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::What;

use super::enter::Shown;
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use crate::http::form::Form;
use crate::operations::connections::saml::SuppliedMaterial;
use crate::operations::connections::{oidc, saml};
use crate::web::page::Frame;
use crate::web::words::{Piece, sentence};
use crate::world::provider_guides::{Attribute, Meaning};

#[derive(Template)]
#[template(path = "setup/attributes.html")]
struct Attributes {
    frame: Frame,
    around: Around,
    lead: Vec<Piece>,
    rows: Vec<Row>,
    also_needed: Vec<Piece>,
}

struct Row {
    name: &'static str,
    label: &'static str,
    is_required: bool,
    value: String,
    from: &'static str,
}

/// What a meaning is called in a connection's mapping.
const fn key(means: Meaning) -> &'static str {
    match means {
        Meaning::Id => "idp_user_id",
        other => other.as_str(),
    }
}

/// The page.
pub(super) fn look(subject: &Subject, trouble: Problem) -> Response {
    let (words, guide) = (subject.words(), subject.guide);
    let mapping = kept(subject);
    let row = |attribute: &'static Attribute| Row {
        name: attribute.means.as_str(),
        label: (words.means)(attribute.means),
        is_required: is_required(subject, attribute.means),
        value: mapping
            .and_then(|mapping| mapping.get(key(attribute.means)))
            .unwrap_or(&attribute.name)
            .clone(),
        from: &attribute.from,
    };
    let terms = &subject.visit.holder.link.terms;
    let others = terms.required_attributes.iter().chain(&terms.optional_attributes);
    let others: Vec<&str> = others.map(String::as_str).filter(|name| !is_known(name)).collect();
    let is_wrong = !trouble.sentence.is_empty();
    let page = Attributes {
        frame: subject.visit.frame(),
        around: subject.around(Page::Attributes, trouble),
        lead: guide
            .attributes_at
            .as_deref()
            .map_or_else(Vec::new, |place| sentence(words.attributes_sentence, &[("place", place)])),
        rows: guide.attributes.iter().map(row).collect(),
        also_needed: if others.is_empty() {
            Vec::new()
        } else {
            sentence(words.also_needed, &[("names", &others.join(", "))])
        },
    };
    answer(is_wrong, page.render())
}

/// Nobody is made without an address and a name; the vendor may need more.
fn is_required(subject: &Subject, means: Meaning) -> bool {
    let asked = subject.visit.holder.link.terms.required_attributes.iter().any(|name| name == means.as_str());
    asked || matches!(means, Meaning::Email | Meaning::FullName | Meaning::FirstName | Meaning::LastName)
}

fn is_known(name: &str) -> bool {
    ["email", "full_name", "first_name", "last_name", "id", "groups"].contains(&name)
}

fn kept(subject: &Subject) -> Option<&AttributeMapping> {
    match &subject.connection.protocol {
        Protocol::Saml(settings) => settings.attribute_mapping.as_ref(),
        Protocol::Oidc(settings) => Some(&settings.attribute_mapping).filter(|mapping| !mapping.is_empty()),
        Protocol::External(_) => None,
    }
}

/// What was entered becomes the mapping; what stands in a mapping beside is kept.
pub(super) async fn submit(subject: &Subject, form: &Form) -> Shown {
    let mut mapping = kept(subject).cloned().unwrap_or_default();
    for attribute in &subject.guide.attributes {
        match form.given(attribute.means.as_str()) {
            Some(name) => {
                mapping.insert(key(attribute.means).to_owned(), name.to_owned());
            }
            None if is_required(subject, attribute.means) => {
                return Ok(look(subject, Problem::said(subject.words().wrong_value)));
            }
            None => {
                mapping.remove(key(attribute.means));
            }
        }
    }
    let visit = &subject.visit;
    let grant = visit.holder.grant::<ChangeConnection>()?;
    let id = subject.connection.id;
    let kept = match &subject.connection.protocol {
        Protocol::Saml(_) => {
            let patch = SamlPatch { attribute_mapping: Patch::Set(mapping), ..SamlPatch::default() };
            let supplied = SuppliedMaterial::default();
            saml::update(&visit.app, &visit.ctx, &grant, id, patch, supplied).await.map(drop)
        }
        Protocol::Oidc(_) => {
            let patch = OidcPatch { attribute_mapping: Patch::Set(mapping), ..OidcPatch::default() };
            oidc::update(&visit.app, &visit.ctx, &grant, id, patch).await.map(drop)
        }
        Protocol::External(_) => Err(What::NoSuchRoute.into()),
    };
    match kept {
        Ok(()) => subject.done(Page::Attributes).await,
        Err(failure) => Ok(look(subject, Problem::of(failure, subject.words())?)),
    }
}
