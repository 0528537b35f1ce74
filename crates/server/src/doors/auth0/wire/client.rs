//! An application as this dialect has it: a client. Settings that mean nothing here are kept and given back as they came, if they
//! are settings of this dialect.

use serde_json::{Map, Value, json};
use vestibule_domain::application::{
    Application, ApplicationKind, ApplicationPatch, ApplicationSettings, Proof, RefreshPolicy,
};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::spelled::{Spelled, names};
use vestibule_refusal::Excerpt;

use super::body::{another_type, invalid};
use super::options::Given;

/// Settings of this dialect that mean nothing here.
const OTHERS: [&str; 31] = [
    "addons",
    "allowed_clients",
    "async_approval_notification_channels",
    "client_aliases",
    "compliance_level",
    "cross_origin_authentication",
    "cross_origin_loc",
    "custom_login_page",
    "custom_login_page_on",
    "custom_login_page_preview",
    "default_organization",
    "encryption_key",
    "form_template",
    "initiate_login_uri_prompt",
    "mobile",
    "native_social_login",
    "oidc_backchannel_logout",
    "oidc_conformant",
    "oidc_logout",
    "organization_discovery_methods",
    "par_request_expiry",
    "redirection_policy",
    "require_proof_of_possession",
    "require_pushed_authorization_requests",
    "session_transfer",
    "signed_request_object",
    "skip_non_verifiable_callback_uri_confirmation_prompt",
    "sso",
    "sso_disabled",
    "token_exchange",
    "token_quota",
];
/// What is shown of those that nobody has set.
const USUAL: [(&str, bool); 5] = [
    ("cross_origin_authentication", false),
    ("custom_login_page_on", true),
    ("oidc_conformant", true),
    ("sso_disabled", false),
    ("global", false),
];
/// What is ours to say: taken back without a word.
const SHOWN_ONLY: [&str; 6] =
    ["client_id", "client_secret", "global", "signing_keys", "tenant", "callback_url_template"];

/// Reads the body by which a client is made or changed.
///
/// # Errors
/// A value that a setting cannot have, or a setting that there is not.
pub(crate) fn read(mut given: Given, is_new: bool) -> Result<ApplicationPatch, Refusal> {
    if is_new && !given.0.get("name").is_some_and(Value::is_string) {
        return Err(invalid("Missing required property: name", ""));
    }
    let patch = settings(&mut given)?;
    for name in SHOWN_ONLY {
        given.0.remove(name);
    }
    if let Some(name) = given.0.keys().find(|name| !OTHERS.contains(&name.as_str())) {
        return Err(invalid(format_args!("Additional properties not allowed: {}", Excerpt::of(name)), ""));
    }
    let others = if given.0.is_empty() { Patch::Keep } else { Patch::Set(given.0) };
    Ok(ApplicationPatch { others, ..patch })
}

fn settings(given: &mut Given) -> Result<ApplicationPatch, Refusal> {
    let jwt = part(given, "jwt_configuration")?;
    let refresh = part(given, "refresh_token")?;
    let patch = ApplicationPatch {
        name: text(given, "name")?,
        description: text(given, "description")?,
        kind: choice(given, "app_type")?,
        callbacks: texts(given, "callbacks")?,
        logout_urls: texts(given, "allowed_logout_urls")?,
        web_origins: texts(given, "web_origins")?,
        allowed_origins: texts(given, "allowed_origins")?,
        login_url: text(given, "initiate_login_uri")?,
        logo_url: text(given, "logo_uri")?,
        grant_types: texts(given, "grant_types")?,
        proof: proof(given)?,
        first_party: flag(given, "is_first_party")?,
        organization_usage: choice(given, "organization_usage")?,
        organization_prompt: choice(given, "organization_require_behavior")?,
        metadata: metadata(given)?,
        ..ApplicationPatch::default()
    };
    let patch = with_jwt(patch, jwt)?;
    with_refresh(patch, refresh)
}

/// An object inside; null is nothing.
fn part(given: &mut Given, name: &'static str) -> Result<Option<Part>, Refusal> {
    match given.0.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(Part { name, given: Given(members) })),
        Some(other) => Err(another_type(name, "object", &other)),
    }
}

/// An object inside, being read.
struct Part {
    name: &'static str,
    given: Given,
}

impl Part {
    fn number(&mut self, name: &str) -> Result<Patch<i64>, Refusal> {
        match self.given.0.remove(name) {
            None => Ok(Patch::Keep),
            Some(Value::Null) => Ok(Patch::Clear),
            Some(Value::Number(number)) => number
                .as_i64()
                .map(Patch::Set)
                .ok_or_else(|| invalid("Expected a whole number", &format!("{}.{name}", self.name))),
            Some(other) => Err(another_type(&format!("{}.{name}", self.name), "number", &other)),
        }
    }
}

fn with_jwt(patch: ApplicationPatch, jwt: Option<Part>) -> Result<ApplicationPatch, Refusal> {
    let Some(mut jwt) = jwt else { return Ok(patch) };
    match jwt.given.0.get("alg") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) if name == "RS256" => {}
        Some(_) => {
            return Err(Refusal::new(What::NotOffered)
                .because("jwt_configuration.alg: this server signs tokens with RS256."));
        }
    }
    Ok(ApplicationPatch { id_token_seconds: jwt.number("lifetime_in_seconds")?, ..patch })
}

fn with_refresh(patch: ApplicationPatch, refresh: Option<Part>) -> Result<ApplicationPatch, Refusal> {
    let Some(mut refresh) = refresh else { return Ok(patch) };
    Ok(ApplicationPatch {
        rotation: choice(&mut refresh.given, "rotation_type")?,
        expiration: choice(&mut refresh.given, "expiration_type")?,
        leeway: refresh.number("leeway")?,
        lifetime: refresh.number("token_lifetime")?,
        endless: flag(&mut refresh.given, "infinite_token_lifetime")?,
        idle_lifetime: refresh.number("idle_token_lifetime")?,
        endless_idle: flag(&mut refresh.given, "infinite_idle_token_lifetime")?,
        ..patch
    })
}

fn text(given: &mut Given, name: &str) -> Result<Patch<String>, Refusal> {
    match given.0.remove(name) {
        None => Ok(Patch::Keep),
        Some(Value::Null) => Ok(Patch::Clear),
        Some(Value::String(text)) if text.is_empty() => Ok(Patch::Clear),
        Some(Value::String(text)) => Ok(Patch::Set(text)),
        Some(other) => Err(another_type(name, "string", &other)),
    }
}

/// Takes a list of texts; null unsets it.
///
/// # Errors
/// Something else.
pub(super) fn texts(given: &mut Given, name: &str) -> Result<Patch<Vec<String>>, Refusal> {
    match given.0.remove(name) {
        None => Ok(Patch::Keep),
        Some(Value::Null) => Ok(Patch::Clear),
        Some(Value::Array(items)) => {
            let read = items.into_iter().map(|item| match item {
                Value::String(text) => Ok(text),
                other => Err(another_type(name, "array of strings", &other)),
            });
            read.collect::<Result<_, _>>().map(Patch::Set)
        }
        Some(other) => Err(another_type(name, "array", &other)),
    }
}

fn flag(given: &mut Given, name: &str) -> Result<Patch<bool>, Refusal> {
    match given.0.remove(name) {
        None => Ok(Patch::Keep),
        Some(Value::Null) => Ok(Patch::Clear),
        Some(Value::Bool(flag)) => Ok(Patch::Set(flag)),
        Some(other) => Err(another_type(name, "boolean", &other)),
    }
}

fn choice<E: Spelled>(given: &mut Given, name: &str) -> Result<Patch<E>, Refusal> {
    text(given, name)?.try_map(|found| {
        E::named(&found).ok_or_else(|| {
            invalid(
                format_args!("No enum match for: {} (one of {})", Excerpt::of(&found), names::<E>()),
                name,
            )
        })
    })
}

/// How a client proves itself. Keys are registered with the client's own credentials, which this server does not have yet.
fn proof(given: &mut Given) -> Result<Patch<Proof>, Refusal> {
    match given.0.remove("client_authentication_methods") {
        None | Some(Value::Null) => choice(given, "token_endpoint_auth_method"),
        Some(_) => Err(Refusal::new(What::NotOffered)
            .because("client_authentication_methods is not supported by this server.")),
    }
}

fn metadata(given: &mut Given) -> Result<Patch<std::collections::BTreeMap<String, String>>, Refusal> {
    match given.0.remove("client_metadata") {
        None => Ok(Patch::Keep),
        Some(Value::Null) => Ok(Patch::Clear),
        Some(Value::Object(members)) => {
            let read =
                members.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| match value {
                    Value::String(text) => Ok((key, text)),
                    other => Err(another_type(&format!("client_metadata.{key}"), "string", &other)),
                });
            read.collect::<Result<_, _>>().map(Patch::Set)
        }
        Some(other) => Err(another_type("client_metadata", "object", &other)),
    }
}

/// A client as it is shown. `secret` says whether that is to one who may see its secret.
#[must_use]
pub(crate) fn show(application: &Application, tenant: &str, secret: bool) -> Value {
    let ApplicationSettings { refresh, others, .. } = &application.settings;
    let settings = &application.settings;
    let mut shown: Map<String, Value> =
        USUAL.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    shown.extend(others.clone());
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("tenant", json!(tenant));
    set("client_id", json!(application.client_id.as_str()));
    if secret {
        set("client_secret", json!(application.secret.expose()));
    }
    set("name", json!(settings.name));
    set("description", json!(settings.description));
    set("app_type", json!(settings.kind.as_str()));
    set("callbacks", json!(settings.callbacks));
    set("allowed_logout_urls", json!(settings.logout_urls));
    set("web_origins", json!(settings.web_origins));
    set("allowed_origins", json!(settings.allowed_origins));
    for (name, url) in [("initiate_login_uri", &settings.login_url), ("logo_uri", &settings.logo_url)] {
        if !url.is_empty() {
            set(name, json!(url));
        }
    }
    set("grant_types", json!(settings.grant_types));
    set("token_endpoint_auth_method", json!(settings.proof.as_str()));
    set("is_first_party", json!(settings.first_party));
    set("organization_usage", json!(settings.organization_usage.as_str()));
    set("organization_require_behavior", json!(settings.organization_prompt.as_str()));
    set("client_metadata", json!(settings.metadata));
    let jwt =
        json!({ "alg": "RS256", "lifetime_in_seconds": settings.id_token_seconds, "secret_encoded": false });
    set("jwt_configuration", jwt);
    set("refresh_token", shown_refresh(refresh));
    Value::Object(shown)
}

fn shown_refresh(refresh: &RefreshPolicy) -> Value {
    json!({
        "rotation_type": refresh.rotation.as_str(),
        "expiration_type": refresh.expiration.as_str(),
        "leeway": refresh.leeway,
        "token_lifetime": refresh.lifetime,
        "infinite_token_lifetime": refresh.endless,
        "idle_token_lifetime": refresh.idle_lifetime,
        "infinite_idle_token_lifetime": refresh.endless_idle,
    })
}

/// The kinds of clients that a list is asked for (`app_type`, separated by commas).
///
/// # Errors
/// One that there is not.
pub(crate) fn kinds(text: &str) -> Result<Vec<ApplicationKind>, Refusal> {
    let named = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let read = named.map(|name| {
        ApplicationKind::from_name(name).ok_or_else(|| {
            super::query::wrong(
                vestibule_domain::refusal::SearchPart::Filter,
                format_args!(
                    "No enum match for: {} (one of {})",
                    Excerpt::of(name),
                    names::<ApplicationKind>()
                ),
                "app_type",
            )
        })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use vestibule_domain::application::{Expiration, OrganizationUsage, Rotation};

    use super::*;

    fn of(body: Value) -> Result<ApplicationPatch, Refusal> {
        read(serde_json::from_value(body).unwrap(), true)
    }

    #[test]
    fn a_body_says_what_is_set_and_what_is_unset() {
        let patch = of(json!({
            "name": "App", "app_type": "spa", "callbacks": ["https://a.test/cb"], "description": null, "logo_uri": "",
            "token_endpoint_auth_method": "none", "oidc_conformant": true, "client_id": "x",
            "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 60 },
            "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 3 },
            "organization_usage": "require", "client_metadata": { "k": "v", "n": null },
        }))
        .unwrap();
        assert_eq!((patch.kind, patch.proof), (Patch::Set(ApplicationKind::Spa), Patch::Set(Proof::None)));
        assert_eq!((patch.description, patch.logo_url), (Patch::Clear, Patch::Clear));
        assert_eq!((patch.id_token_seconds, patch.leeway), (Patch::Set(60), Patch::Set(3)));
        assert_eq!(patch.rotation, Patch::Set(Rotation::On));
        assert_eq!(patch.expiration, Patch::Set(Expiration::Ends));
        assert_eq!(patch.organization_usage, Patch::Set(OrganizationUsage::Require));
        assert_eq!(patch.others.value().unwrap().len(), 1);
        assert_eq!(patch.metadata.value().unwrap().len(), 1);
        assert!(patch.web_origins.is_keep() && patch.organization_prompt.is_keep());
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (body, named) in [
            (json!({}), "Missing required property: name"),
            (json!({ "name": "a", "colour": "red" }), "Additional properties not allowed: colour"),
            (json!({ "name": "a", "app_type": "toaster" }), "on property app_type"),
            (json!({ "name": "a", "callbacks": "x" }), "on property callbacks"),
            (json!({ "name": "a", "is_first_party": "yes" }), "on property is_first_party"),
            (json!({ "name": "a", "jwt_configuration": { "alg": "HS256" } }), "RS256"),
            (json!({ "name": "a", "refresh_token": { "leeway": 1.5 } }), "refresh_token.leeway"),
            (json!({ "name": "a", "client_metadata": { "k": 1 } }), "client_metadata.k"),
            (json!({ "name": "a", "client_authentication_methods": {} }), "client_authentication_methods"),
        ] {
            let refusal = of(body.clone()).unwrap_err();
            assert!(refusal.detail().unwrap().contains(named), "{body}: {refusal}");
        }
        assert_eq!(kinds("spa, native").unwrap(), [ApplicationKind::Spa, ApplicationKind::Native]);
        assert!(kinds("spa,toaster").is_err());
    }
}
