//! The options of OpenID Connect, and of the products that are reached by it.

use serde_json::{Map, Value, json};
use vestibule_domain::connection::{
    AssertionAudience, Channel, ClientAuthentication, CommonPatch, Connection, OidcPatch, OidcSettings,
    PkceMode, Strategy,
};
use vestibule_domain::mapping::attribute_map::{AttributeMap, MappingMode};
use vestibule_domain::mapping::template::Template;
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Secret;

use super::given::{Given, another_type, no_choice, wrong};
use super::shared::{self, MOST_TEXT, Shown, or_clear};
use crate::doors::auth0::wire::body::invalid;
use crate::operations::connections::described::{Described, Endpoints, Where};

/// What the dialect calls the only version of the options that there is.
const SCHEMA_VERSION: &str = "oidc-V4";
/// What is asked for when nobody says anything.
const SCOPES: &str = "openid profile email";
/// The same where the dialect's own preset is a list.
const WORKSPACE_SCOPES: &str = "openid email profile";

/// The options of a body, read.
#[derive(Debug)]
pub(crate) struct OidcIn {
    client_id: String,
    client_secret: Option<Secret>,
    channel: Channel,
    endpoints: Endpoints,
    place: Option<String>,
    metadata: Option<Map<String, Value>>,
    scopes: String,
    attribute_map: AttributeMap,
    pkce: Option<PkceMode>,
    sends_nonce: bool,
    authentication: ClientAuthentication,
    audience: AssertionAudience,
    common: CommonPatch,
    kept: Given,
}

impl OidcIn {
    /// Reads options that are meant as a whole.
    ///
    /// # Errors
    /// What is missing or cannot be, with its name.
    pub(crate) fn read(mut given: Given, strategy: Strategy) -> Result<Self, Refusal> {
        let client_id = given.some_text("client_id", MOST_TEXT)?;
        let client_id = client_id
            .ok_or_else(|| Refusal::new(What::Unreadable).because("options.client_id is required"))?;
        given.not_offered("enable_pushed_authorization_requests")?;
        given.not_offered("dpop_signing_alg")?;
        given.not_offered("use_wsfed")?;
        rs256(&given)?;
        let place = place(&mut given, strategy)?;
        let endpoints = Endpoints {
            issuer: given.some_text("issuer", MOST_TEXT)?,
            authorization: given.some_text("authorization_endpoint", 2083)?,
            token: given.some_text("token_endpoint", MOST_TEXT)?,
            userinfo: given.some_text("userinfo_endpoint", MOST_TEXT)?,
            jwks: given.some_text("jwks_uri", MOST_TEXT)?,
        };
        Ok(Self {
            client_id,
            client_secret: given.secret("client_secret", 700)?,
            channel: given.choice("type")?.unwrap_or(usual_channel(strategy)),
            endpoints,
            place,
            metadata: given.object("oidc_metadata")?.filter(|document| !document.is_empty()),
            scopes: scopes(&mut given, strategy)?,
            attribute_map: attribute_map(&mut given, strategy)?,
            pkce: pkce(&mut given)?,
            sends_nonce: given.flag("send_back_channel_nonce")?.unwrap_or(false),
            authentication: authentication(&given)?,
            audience: audience(&given)?,
            common: shared::read(&mut given)?,
            kept: given,
        })
    }

    /// Where what is not given is to be looked for.
    #[must_use]
    pub(crate) fn wanted(&self) -> Where<'_> {
        Where {
            place: self.place.as_deref(),
            document: self.metadata.as_ref(),
            given: &self.endpoints,
            channel: self.channel,
        }
    }

    /// The change that they are, with what the provider's document says of what they leave away. `is_new` is a connection
    /// that is being made.
    ///
    /// # Errors
    /// More than is kept.
    pub(crate) fn patch(mut self, found: Option<&Described>, is_new: bool) -> Result<OidcPatch, Refusal> {
        let endpoints = self.endpoints.completed(found);
        if let Some(found) = found {
            self.kept.0.insert("oidc_metadata".to_owned(), Value::Object(found.document.clone()));
        }
        self.common.kept = shared::kept(&self.kept)?;
        Ok(OidcPatch {
            issuer: or_clear(endpoints.issuer),
            client_id: Patch::Set(self.client_id),
            // What was left away stays: lists and exports leave secrets away, and nobody means to lose one by that.
            client_secret: self.client_secret.map_or(Patch::Keep, Patch::Set),
            authorization_url: or_clear(endpoints.authorization),
            token_url: or_clear(endpoints.token),
            userinfo_url: or_clear(endpoints.userinfo),
            jwks_url: or_clear(endpoints.jwks),
            custom_scopes: Patch::Set(without_openid(&self.scopes)),
            custom_scopes_only: Patch::Set(true),
            channel: Patch::Set(self.channel),
            client_authentication: Patch::Set(self.authentication),
            client_assertion_audience: Patch::Set(self.audience),
            attribute_map: Patch::Set(self.attribute_map),
            pkce: match self.pkce {
                Some(mode) => Patch::Set(mode),
                None if is_new => Patch::Set(PkceMode::Auto),
                None => Patch::Keep,
            },
            no_back_channel_nonce: Patch::Set(!self.sends_nonce),
            common: self.common,
            ..OidcPatch::default()
        })
    }
}

/// Where the document is: as it was given, or where the product has it.
fn place(given: &mut Given, strategy: Strategy) -> Result<Option<String>, Refusal> {
    // It stays among what is kept: only its address was interpreted.
    let url = match given.0.get("discovery_url") {
        None | Some(Value::Null) => None,
        Some(Value::String(url)) if url.len() <= MOST_TEXT => Some(url.clone()).filter(|url| !url.is_empty()),
        Some(Value::String(_)) => {
            return Err(wrong("discovery_url", format_args!("String is too long, maximum {MOST_TEXT}")));
        }
        Some(other) => return Err(another_type("discovery_url", "string", other)),
    };
    if url.is_some() {
        return Ok(url);
    }
    let text = |name: &str| given.0.get(name).and_then(Value::as_str).filter(|text| is_host_like(text));
    Ok(match strategy {
        Strategy::Okta => text("domain").map(|domain| format!("https://{domain}")),
        Strategy::Entra => ["tenantId", "tenant_domain", "domain"]
            .into_iter()
            .find_map(text)
            .map(|tenant| format!("https://login.microsoftonline.com/{tenant}/v2.0")),
        Strategy::GoogleWorkspace => Some("https://accounts.google.com".to_owned()),
        _ => None,
    })
}

/// Nothing that would make another address of the address that it is put into.
fn is_host_like(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte))
}

const fn usual_channel(strategy: Strategy) -> Channel {
    match strategy {
        Strategy::Oidc => Channel::FrontChannel,
        _ => Channel::BackChannel,
    }
}

/// The scopes, separated by spaces. Two names are in use; `scope` wins, and `scopes` is kept beside it.
fn scopes(given: &mut Given, strategy: Strategy) -> Result<String, Refusal> {
    let name = if given.0.get("scope").is_some_and(|scope| !scope.is_null()) { "scope" } else { "scopes" };
    let text = match given.0.get(name) {
        None | Some(Value::Null) if strategy == Strategy::GoogleWorkspace => WORKSPACE_SCOPES.to_owned(),
        None | Some(Value::Null) => SCOPES.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            let implied = if names.contains(&"openid") { "" } else { "openid " };
            format!("{implied}{}", names.join(" "))
        }
        Some(other) => return Err(another_type(name, "string", other)),
    };
    let names: Vec<&str> = text.split([' ', ',']).filter(|scope| !scope.is_empty()).collect();
    if text.len() > MOST_TEXT || !names.contains(&"openid") {
        return Err(wrong(
            name,
            format_args!("Expected up to {MOST_TEXT} characters with the scope openid among them"),
        ));
    }
    given.0.remove("scope");
    Ok(names.join(" "))
}

fn without_openid(scopes: &str) -> String {
    scopes.split(' ').filter(|scope| *scope != "openid").collect::<Vec<_>>().join(" ")
}

fn attribute_map(given: &mut Given, strategy: Strategy) -> Result<AttributeMap, Refusal> {
    let usual = match strategy {
        Strategy::Okta => MappingMode::BasicProfile,
        _ => MappingMode::BindAll,
    };
    let Some(map) = given.object("attribute_map")? else {
        return Ok(AttributeMap { mode: usual, ..AttributeMap::default() });
    };
    let mut map = Given(map);
    let nested = |refusal: Refusal| Refusal {
        note: refusal.note.replace("options.", "options.attribute_map."),
        ..refusal
    };
    let mode = map.choice("mapping_mode").map_err(nested)?.unwrap_or(usual);
    let userinfo_scope = map.text("userinfo_scope", MOST_TEXT).map_err(nested)?.unwrap_or_default();
    let attributes = map.object("attributes").map_err(nested)?.unwrap_or_default();
    let attributes = attributes.into_iter().map(|(name, value)| {
        let at = format!("options.attribute_map.attributes.{name}");
        Template::parse(value)
            .map(|template| (name, template))
            .map_err(|refusal| invalid(refusal.detail().unwrap_or_default().trim_end_matches('.'), &at))
    });
    Ok(AttributeMap { mode, attributes: attributes.collect::<Result<_, _>>()?, userinfo_scope })
}

fn pkce(given: &mut Given) -> Result<Option<PkceMode>, Refusal> {
    let Some(settings) = given.object("connection_settings")? else { return Ok(None) };
    match settings.get("pkce") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name == "s256" => Ok(Some(PkceMode::S256)),
        Some(Value::String(name)) => PkceMode::from_name(name)
            .map(Some)
            .ok_or_else(|| no_choice("connection_settings.pkce", name, "auto, S256, plain, disabled")),
        Some(other) => Err(another_type("connection_settings.pkce", "string", other)),
    }
}

/// How this server proves itself. It stays among what is kept, so that it is shown to whoever has said it.
fn authentication(given: &Given) -> Result<ClientAuthentication, Refusal> {
    const NAME: &str = "token_endpoint_auth_method";
    match given.0.get(NAME) {
        None | Some(Value::Null) => Ok(ClientAuthentication::ClientSecretPost),
        Some(Value::String(name)) => ClientAuthentication::from_name(name).ok_or_else(|| {
            no_choice(NAME, name, "client_secret_post, client_secret_basic, private_key_jwt, none")
        }),
        Some(other) => Err(another_type(NAME, "string", other)),
    }
}

fn audience(given: &Given) -> Result<AssertionAudience, Refusal> {
    const NAME: &str = "token_endpoint_jwtca_aud_format";
    match given.0.get(NAME) {
        None | Some(Value::Null) => Ok(AssertionAudience::TokenEndpoint),
        Some(Value::String(name)) => {
            AssertionAudience::from_name(name).ok_or_else(|| no_choice(NAME, name, "issuer, token_endpoint"))
        }
        Some(other) => Err(another_type(NAME, "string", other)),
    }
}

/// Assertions are signed with RS256 and nothing else.
fn rs256(given: &Given) -> Result<(), Refusal> {
    const NAME: &str = "token_endpoint_auth_signing_alg";
    match given.0.get(NAME) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(name)) if name == "RS256" => Ok(()),
        Some(_) => Err(Refusal::new(What::NotOffered)
            .because(format!("options.{NAME}: this server signs client assertions with RS256."))),
    }
}

/// The options of a connection as they are shown. `secrets` says whether that is to one who may see them.
#[must_use]
pub(crate) fn show(connection: &Connection, settings: &OidcSettings, secrets: bool) -> Value {
    let mut shown = Shown::of(connection);
    shown.set("type", settings.channel.as_str());
    shown.set("client_id", settings.client_id.as_str());
    if secrets && !settings.client_secret.is_empty() {
        shown.set("client_secret", settings.client_secret.expose());
    }
    for (name, url) in [
        ("issuer", &settings.issuer),
        ("authorization_endpoint", &settings.authorization_url),
        ("token_endpoint", &settings.token_url),
        ("userinfo_endpoint", &settings.userinfo_url),
        ("jwks_uri", &settings.jwks_url),
    ] {
        shown.unless_empty(name, url);
    }
    shown.set("scope", scope(settings));
    shown.set("schema_version", SCHEMA_VERSION);
    shown.set("attribute_map", shown_map(settings.attribute_map.as_ref()));
    shown.set("connection_settings", json!({ "pkce": settings.pkce.as_str() }));
    shown.unless_usual("send_back_channel_nonce", json!(!settings.no_back_channel_nonce), &json!(false));
    let post = ClientAuthentication::ClientSecretPost;
    shown.unless_usual(
        "token_endpoint_auth_method",
        json!(settings.client_authentication.unwrap_or(post).as_str()),
        &json!(post.as_str()),
    );
    shown.unless_usual(
        "token_endpoint_jwtca_aud_format",
        json!(settings.client_assertion_audience.as_str()),
        &json!(AssertionAudience::TokenEndpoint.as_str()),
    );
    shared::show(&mut shown, connection);
    shown.into_value()
}

/// All that is asked for, whichever dialect it was set through.
fn scope(settings: &OidcSettings) -> String {
    let usual = if settings.custom_scopes_only { "openid" } else { "openid email profile" };
    let mut names: Vec<&str> = Vec::new();
    for name in usual.split(' ').chain(settings.custom_scopes.split(' ')) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

fn shown_map(map: Option<&AttributeMap>) -> Value {
    let Some(map) = map else { return json!({ "mapping_mode": MappingMode::BindAll.as_str() }) };
    let mut shown = Map::from_iter([("mapping_mode".to_owned(), json!(map.mode.as_str()))]);
    if !map.attributes.is_empty() {
        let attributes: Map<String, Value> =
            map.attributes.iter().map(|(name, template)| (name.clone(), template.given().clone())).collect();
        shown.insert("attributes".to_owned(), Value::Object(attributes));
    }
    if !map.userinfo_scope.is_empty() {
        shown.insert("userinfo_scope".to_owned(), json!(map.userinfo_scope));
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests;
