//! Id tokens and userinfo, honest or not.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::key::{KeyError, Signer};
use crate::whims::amend;
use crate::{Config, Fault, User, Whims};

/// How long an id token holds, in seconds.
const LIFETIME: i64 = 600;

/// The id token for `user`, bent by `fault`.
pub(crate) fn id_token(
    config: &Config,
    signer: &Signer,
    user: &User,
    fault: Option<Fault>,
    said: &Said<'_>,
    whims: &Whims,
) -> Result<String, KeyError> {
    let mut payload = Value::Object(claims(config, user, fault, said));
    amend(&mut payload, &whims.claims);
    let named = whims.key.get("kid").and_then(Value::as_str);
    seal(signer, named, fault, &payload)
}

/// What the relying party and this sign-in contribute to the token.
pub(crate) struct Said<'a> {
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
    /// Seconds since the epoch.
    pub(crate) now: i64,
}

/// The userinfo answer for `user`, bent by `fault`.
pub(crate) fn userinfo(user: &User, fault: Option<Fault>) -> Value {
    let mut found = Map::new();
    let subject = if fault == Some(Fault::UserinfoOtherSub) { "somebody-else" } else { &user.subject };
    found.insert("sub".into(), json!(subject));
    if fault != Some(Fault::MissingEmail) {
        add_email(&mut found, user, fault);
    }
    add_profile(&mut found, user);
    Value::Object(found)
}

fn claims(config: &Config, user: &User, fault: Option<Fault>, said: &Said<'_>) -> Map<String, Value> {
    let issued = said.now + shift(fault);
    let mut claims = Map::new();
    let issuer = &config.issuer;
    let wrong_issuer = format!("{issuer}/other");
    claims
        .insert("iss".into(), json!(if fault == Some(Fault::WrongIssuer) { &wrong_issuer } else { issuer }));
    let wrong_audience = fault == Some(Fault::WrongAudience);
    claims.insert("aud".into(), json!(if wrong_audience { "another-client" } else { &config.client_id }));
    if fault != Some(Fault::MissingSub) {
        claims.insert("sub".into(), json!(user.subject));
    }
    if fault != Some(Fault::IatMissing) {
        claims.insert("iat".into(), json!(issued));
    }
    if fault == Some(Fault::ClockAhead) {
        claims.insert("nbf".into(), json!(issued));
    }
    claims.insert("exp".into(), json!(issued + LIFETIME));
    claims.insert("auth_time".into(), json!(issued));
    if let Some(nonce) = said.nonce {
        let wrong = fault == Some(Fault::WrongNonce);
        claims.insert("nonce".into(), json!(if wrong { "a-nonce-of-another-login" } else { nonce }));
    }
    if let Some(access_token) = said.access_token {
        claims.insert("at_hash".into(), json!(half_hash(access_token)));
    }
    if !without_email(fault) {
        add_email(&mut claims, user, fault);
    }
    add_profile(&mut claims, user);
    claims
}

fn shift(fault: Option<Fault>) -> i64 {
    match fault {
        Some(Fault::Expired) => -3600 - LIFETIME,
        Some(Fault::ClockAhead) => 600,
        _ => 0,
    }
}

fn without_email(fault: Option<Fault>) -> bool {
    matches!(fault, Some(Fault::MissingEmail | Fault::EmailInUserinfo | Fault::UserinfoOtherSub))
}

fn add_email(claims: &mut Map<String, Value>, user: &User, fault: Option<Fault>) {
    claims.insert("email".into(), json!(user.email));
    claims.insert("email_verified".into(), json!(fault != Some(Fault::UnverifiedEmail)));
}

fn add_profile(claims: &mut Map<String, Value>, user: &User) {
    claims.insert("name".into(), json!(user.name));
    if let Some((given, family)) = user.name.split_once(' ') {
        claims.insert("given_name".into(), json!(given));
        claims.insert("family_name".into(), json!(family));
    }
    claims.insert("groups".into(), json!(user.groups));
}

fn seal(
    signer: &Signer,
    named: Option<&str>,
    fault: Option<Fault>,
    payload: &Value,
) -> Result<String, KeyError> {
    let own = named.unwrap_or_else(|| signer.kid());
    let (alg, kid) = match fault {
        Some(Fault::AlgNone) => ("none", own),
        Some(Fault::Hs256WithPublicKey) => ("HS256", own),
        Some(Fault::UnknownKid) => (signer.alg(), "a-key-that-is-not-published"),
        _ => (signer.alg(), own),
    };
    let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
    let message = format!("{}.{}", encode(&header), encode(payload));
    let mut signature = match fault {
        Some(Fault::AlgNone) => Vec::new(),
        Some(Fault::Hs256WithPublicKey) => signer.mac_with_public_key(message.as_bytes()),
        _ => signer.sign(message.as_bytes())?,
    };
    if fault == Some(Fault::BadSignature)
        && let Some(byte) = signature.get_mut(20)
    {
        *byte ^= 1;
    }
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// OpenID Connect Core 3.1.3.6: the left half of the hash that goes with the signature.
fn half_hash(text: &str) -> String {
    let full = digest(&SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(full.as_ref().get(..16).unwrap_or_default())
}
