//! The browser leg of SAML: a request comes in by Redirect or POST, or nothing does; a person is chosen; the
//! answer is posted to the service provider.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{AttributeNames, AuthnRequest, NameIdFormat, ResponseSpec, SamlFault, ServiceProvider, Signed};
use crate::page::{self, Chooser, choice, hidden, options};
use crate::{Inner, User};

/// The routes below `/saml`.
pub(crate) fn router() -> Router<Arc<Inner>> {
    Router::new()
        .route("/metadata", get(metadata))
        .route("/sso", get(redirected).post(posted))
        .route("/login", post(submit))
        .route("/idp-initiated", get(begin))
}

/// All parameters of all pages; each uses some.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(rename = "SAMLRequest")]
    request: Option<String>,
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
    /// `1` skips the page for a listed person, when that is switched on.
    auto: Option<String>,
    login_hint: Option<String>,
    /// How the answer is made.
    fault: Option<String>,
    signed: Option<String>,
    name_id: Option<String>,
    attributes: Option<String>,
    encrypt: Option<String>,
    session_seconds: Option<String>,
    /// What the page carries along, and what a sign-in that begins here may name.
    acs_url: Option<String>,
    audience: Option<String>,
    in_response_to: Option<String>,
    /// `entity id` and address of a known service provider, as the page offers it.
    sp: Option<String>,
    user: Option<String>,
    email: Option<String>,
}

/// Where an answer goes.
struct Way {
    acs_url: String,
    audience: String,
    in_response_to: Option<String>,
}

async fn metadata(State(idp): State<Arc<Inner>>) -> Response {
    match idp.saml.metadata() {
        Ok(document) => ([(header::CONTENT_TYPE, "application/samlmetadata+xml")], document).into_response(),
        Err(error) => page::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn redirected(State(idp): State<Arc<Inner>>, query: Result<Query<Asked>, QueryRejection>) -> Response {
    let Ok(Query(asked)) = query else { return unreadable() };
    let request = AuthnRequest::from_redirect(asked.request.as_deref().unwrap_or_default());
    show(&idp, &asked, request)
}

async fn posted(State(idp): State<Arc<Inner>>, form: Result<Form<Asked>, FormRejection>) -> Response {
    let Ok(Form(asked)) = form else { return unreadable() };
    let request = AuthnRequest::from_post(asked.request.as_deref().unwrap_or_default());
    show(&idp, &asked, request)
}

fn show(idp: &Inner, asked: &Asked, request: Option<AuthnRequest>) -> Response {
    let Some(request) = request else {
        return refused("The SAMLRequest is missing or cannot be read.");
    };
    let Some(acs_url) = acs_url(idp, &request) else {
        return refused("The request names no address for the answer, and none is known for its issuer.");
    };
    let hint = asked.login_hint.clone().or(request.subject).unwrap_or_default();
    let way = Way { acs_url, audience: request.issuer, in_response_to: Some(request.id) };
    if let Err(response) = way.check(idp) {
        return *response;
    }
    if idp.config.auto_approve
        && asked.auto.as_deref() == Some("1")
        && let Some(user) = idp.listed(&hint)
    {
        return finish(idp, asked, way, user);
    }
    choose(idp, asked, &way.hidden(asked), &hint)
}

fn acs_url(idp: &Inner, request: &AuthnRequest) -> Option<String> {
    let known = || idp.saml.registered().into_iter().find(|known| known.entity_id == request.issuer);
    request.acs_url.clone().or_else(|| known().map(|known| known.acs_url))
}

/// `GET /saml/idp-initiated`: nobody asked; the page asks for the service provider too.
async fn begin(State(idp): State<Arc<Inner>>, query: Result<Query<Asked>, QueryRejection>) -> Response {
    let Ok(Query(asked)) = query else { return unreadable() };
    let target = target(&idp.saml.registered(), &asked);
    choose(&idp, &asked, &target, asked.login_hint.as_deref().unwrap_or_default())
}

/// `POST /saml/login`: somebody was chosen.
async fn submit(State(idp): State<Arc<Inner>>, form: Result<Form<Asked>, FormRejection>) -> Response {
    let Ok(Form(asked)) = form else { return unreadable() };
    let chosen = asked.sp.as_deref().and_then(|chosen| chosen.split_once(' '));
    let (audience, acs_url) = match chosen {
        Some((entity_id, acs_url)) => (Some(entity_id.to_owned()), Some(acs_url.to_owned())),
        None => (asked.audience.clone(), asked.acs_url.clone()),
    };
    let way = Way {
        acs_url: acs_url.unwrap_or_default(),
        audience: audience.unwrap_or_default(),
        in_response_to: asked.in_response_to.clone().filter(|id| !id.is_empty()),
    };
    if let Err(response) = way.check(&idp) {
        return *response;
    }
    match idp.chosen(asked.user.as_deref(), asked.email.as_deref()) {
        Some(user) => finish(&idp, &asked, way, &user),
        None => refused(page::CHOOSE),
    }
}

impl Way {
    /// The page is no way to have the browser post to a stranger.
    fn check(&self, idp: &Inner) -> Result<(), Box<Response>> {
        let known = idp.saml.registered().iter().any(|known| known.acs_url == self.acs_url);
        if known || self.acs_url.starts_with(&idp.config.redirect_prefix) {
            return Ok(());
        }
        Err(Box::new(refused("The address for the answer is not one of this service provider's.")))
    }

    fn hidden(&self, asked: &Asked) -> String {
        let fields = [
            ("acs_url", Some(self.acs_url.as_str())),
            ("audience", Some(self.audience.as_str())),
            ("in_response_to", self.in_response_to.as_deref()),
            ("RelayState", asked.relay_state.as_deref()),
        ];
        fields.into_iter().filter_map(|(name, value)| Some(hidden(name, value?))).collect()
    }
}

fn finish(idp: &Inner, asked: &Asked, way: Way, user: &User) -> Response {
    let fault = asked.fault.as_deref().and_then(SamlFault::from_name).or_else(|| idp.saml.take_armed());
    let to = way.acs_url.clone();
    let mut spec = ResponseSpec::new(user.clone(), way.acs_url, way.audience);
    spec.in_response_to = way.in_response_to;
    spec.fault = fault;
    spec.signed = named(&Signed::ALL, Signed::name, asked.signed.as_deref());
    spec.name_id = named(&NameIdFormat::ALL, NameIdFormat::name, asked.name_id.as_deref());
    spec.attributes = named(&AttributeNames::ALL, AttributeNames::name, asked.attributes.as_deref());
    spec.session_seconds = asked.session_seconds.as_deref().and_then(|seconds| seconds.parse().ok());
    if asked.encrypt.as_deref() == Some("1") {
        spec.encryption = idp.saml.encryption_for(&spec.audience);
        if spec.encryption.is_none() {
            return refused(&super::SamlError::NoCertificate.to_string());
        }
    }
    let answer = match idp.saml.response(&spec) {
        Ok(answer) => answer,
        Err(super::SamlError::Key(error)) => {
            return page::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
        }
        Err(error) => return refused(&error.to_string()),
    };
    let mut fields = vec![("SAMLResponse", STANDARD.encode(answer))];
    if let Some(relay_state) = asked.relay_state.clone().filter(|state| !state.is_empty()) {
        fields.push(("RelayState", relay_state));
    }
    page::form_post(&to, &fields)
}

fn named<T: Copy + Default>(all: &[T], name: impl Fn(T) -> &'static str, wanted: Option<&str>) -> T {
    all.iter().copied().find(|one| Some(name(*one)) == wanted).unwrap_or_default()
}

fn choose(idp: &Inner, asked: &Asked, hidden: &str, hint: &str) -> Response {
    let of = |name: &str, label: &str, choices: &[(&str, &str)], chosen: &Option<String>| {
        choice(name, label, &options(choices, chosen.as_deref()))
    };
    let shape = [
        of("signed", "Signed", &SIGNED, &asked.signed),
        of("encrypt", "Encryption", &ENCRYPT, &asked.encrypt),
        of("name_id", "NameID", &NAME_ID, &asked.name_id),
        of("attributes", "Attributes", &ATTRIBUTES, &asked.attributes),
    ];
    let faults: Vec<_> = SamlFault::ALL.iter().map(|fault| (fault.name(), fault.label())).collect();
    page::people(
        &idp.config,
        &Chooser {
            action: format!("{}/saml/login", idp.config.issuer),
            fields: hidden,
            hint,
            excuse: "A careful service provider refuses each of these and says why. A NameID that changes or is missing may pass \
                     where an attribute names the person.",
            faults: options(&faults, asked.fault.as_deref()),
            shape: shape.concat(),
            is_bent: asked.fault.is_some(),
        },
    )
}

const SIGNED: [(&str, &str); 3] =
    [("assertion", "the assertion"), ("response", "the response"), ("both", "both")];
const ENCRYPT: [(&str, &str); 2] = [("", "none"), ("1", "the assertion, AES-256-GCM")];
const NAME_ID: [(&str, &str); 4] = [
    ("email_address", "email address"),
    ("persistent", "persistent"),
    ("transient", "transient"),
    ("absent", "none"),
];
const ATTRIBUTES: [(&str, &str); 3] = [
    ("plain", "email, firstName, …"),
    ("claims", "claim URIs, as Entra ID"),
    ("oid", "urn:oid, as Shibboleth"),
];

/// The fields that say where a sign-in that begins here leads.
fn target(known: &[ServiceProvider], asked: &Asked) -> String {
    let relay_state = page::text_field("RelayState", "RelayState", asked.relay_state.as_deref());
    if let (Some(acs_url), Some(audience)) = (&asked.acs_url, &asked.audience) {
        let fixed = format!("{}{}", hidden("acs_url", acs_url), hidden("audience", audience));
        return format!("{fixed}<div class=\"target\">{relay_state}</div>");
    }
    if known.is_empty() {
        let acs_url = page::text_field("acs_url", "Assertion consumer service", asked.acs_url.as_deref());
        let audience = page::text_field("audience", "Audience (entity id)", asked.audience.as_deref());
        return format!("<div class=\"target\">{acs_url}{audience}{relay_state}</div>");
    }
    let known: Vec<(String, &str)> =
        known.iter().map(|known| (format!("{} {}", known.entity_id, known.acs_url), called(known))).collect();
    let known: Vec<(&str, &str)> = known.iter().map(|(value, label)| (value.as_str(), *label)).collect();
    let services = choice("sp", "Sign in to", &options(&known, asked.sp.as_deref()));
    format!("<div class=\"target\">{services}{relay_state}</div>")
}

/// Its name, else what addresses differ in: their end.
fn called(known: &ServiceProvider) -> &str {
    if !known.name.is_empty() {
        return &known.name;
    }
    known.acs_url.rsplit('/').next().unwrap_or(&known.acs_url)
}

fn refused(why: &str) -> Response {
    page::refusal(StatusCode::BAD_REQUEST, why)
}

fn unreadable() -> Response {
    refused("The request could not be read.")
}
