//! An application that proves which it is (RFC 6749 section 2.3, RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::json;
use url::form_urlencoded;
use vestibule_domain::Time;
use vestibule_domain::application::{Application, ClientId, Proof};
use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_domain::secret::Secret;
use vestibule_oidc::UnixSeconds;
use vestibule_oidc::client_assertion::{AssertionExpectations, claimed_client, verify};
use vestibule_oidc::jose::JwkSet;
use vestibule_store::tables::replays;

use super::site::Site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// RFC 7523 section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The most bytes of credentials in a header.
const MOST_BYTES: usize = 2048;

/// What a request shows of who it is from.
#[derive(Default)]
pub(crate) struct Shown {
    /// `client_id` of the body.
    pub client_id: Option<String>,
    /// `client_secret` of the body.
    pub client_secret: Option<Secret>,
    /// `client_assertion_type` of the body.
    pub assertion_type: Option<String>,
    /// `client_assertion` of the body.
    pub assertion: Option<Secret>,
}

/// An application that a request is from. Whether it has proved it, where it can, was looked at.
pub(crate) struct Known {
    /// The application.
    pub application: Application,
    proof: Proof,
}

impl Known {
    /// Whether it has shown something that only it has.
    pub(crate) fn is_proved(&self) -> bool {
        self.proof != Proof::None
    }
}

enum Presented {
    Nothing,
    Secret(Proof, Secret),
    Assertion(Secret),
}

/// The application that a request is from. Wrong credentials count against the client's address.
///
/// # Errors
/// [`What::UnreadableCredentials`], [`What::WrongCredentials`], [`What::Unreadable`] for several proofs at once.
pub(crate) async fn known(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    headers: &HeaderMap,
    shown: Shown,
) -> Result<Known, Failure> {
    let judged = judge(app, ctx, site, headers, shown).await;
    if matches!(&judged, Err(Failure::Refused(refusal)) if refusal.what == What::WrongCredentials) {
        app.limits.check_api_failure(ctx.ip)?;
    }
    judged
}

async fn judge(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    headers: &HeaderMap,
    shown: Shown,
) -> Result<Known, Failure> {
    let (client_id, presented) = presented(headers, shown)?;
    let found = match client_id.parse::<ClientId>() {
        Ok(id) => app.store.application(&app.vault, site.project.id, &id).await?,
        Err(_) => None,
    };
    let application = found.ok_or(What::WrongCredentials)?;
    let proof = match presented {
        Presented::Nothing => nothing(&application)?,
        Presented::Secret(proof, secret) => by_secret(&application, proof, &secret)?,
        Presented::Assertion(assertion) => by_assertion(app, ctx, site, &application, &assertion).await?,
    };
    app.limits.check_api(site.project.id, ctx.ip)?;
    Ok(Known { application, proof })
}

/// Who it says it is, and the one thing by which it shows it.
fn presented(headers: &HeaderMap, shown: Shown) -> Result<(String, Presented), Refusal> {
    let given = |secret: Option<Secret>| secret.filter(|secret| !secret.is_empty());
    let named = shown.client_id.filter(|id| !id.is_empty());
    let (in_body, assertion) = (given(shown.client_secret), given(shown.assertion));
    let in_header = basic(headers)?;
    match (in_header, in_body, assertion) {
        (None, None, None) => {
            let named =
                named.ok_or_else(|| Refusal::new(What::MissingField).because("client_id is required."))?;
            Ok((named, Presented::Nothing))
        }
        (Some((id, secret)), None, None) => {
            agreed(named, &id)?;
            Ok((id, Presented::Secret(Proof::SecretInHeader, secret)))
        }
        (None, Some(secret), None) => {
            let named =
                named.ok_or_else(|| Refusal::new(What::MissingField).because("client_id is required."))?;
            Ok((named, Presented::Secret(Proof::SecretInBody, secret)))
        }
        (None, None, Some(assertion)) => {
            if shown.assertion_type.as_deref() != Some(JWT_BEARER) {
                return Err(Refusal::new(What::Unreadable)
                    .because(format!("client_assertion_type must be {JWT_BEARER}.")));
            }
            let id = claimed_client(assertion.expose()).ok_or(What::WrongCredentials)?;
            agreed(named, &id)?;
            Ok((id, Presented::Assertion(assertion)))
        }
        _ => Err(Refusal::new(What::Unreadable)
            .because("A request proves by one way alone which application it is from.")),
    }
}

fn agreed(named: Option<String>, id: &str) -> Result<(), Refusal> {
    match named {
        Some(named) if named != id => {
            Err(Refusal::new(What::Unreadable).because("client_id is not the one of the credentials."))
        }
        _ => Ok(()),
    }
}

/// RFC 6749 section 2.3.1: both parts are encoded as in a form before they are put together.
fn basic(headers: &HeaderMap) -> Result<Option<(String, Secret)>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > MOST_BYTES {
            return None;
        }
        let encoded = encoded.trim();
        let decoded = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
        let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        Some((decoded_part(id)?, Secret::new(decoded_part(secret)?)))
    };
    read().map(Some).ok_or_else(|| What::UnreadableCredentials.into())
}

fn decoded_part(part: &str) -> Option<String> {
    if part.contains(['&', '=']) {
        return None;
    }
    form_urlencoded::parse(part.as_bytes()).next().map(|(text, _)| text.into_owned())
}

/// A public client shows nothing; any other has to.
fn nothing(application: &Application) -> Result<Proof, Refusal> {
    match application.settings.proof {
        Proof::None => Ok(Proof::None),
        _ => Err(What::WrongCredentials.into()),
    }
}

/// The secret counts for whoever is set to prove itself by it, and for a public client that has it all the same.
fn by_secret(application: &Application, proof: Proof, secret: &Secret) -> Result<Proof, Refusal> {
    let knows = application.knows(secret);
    if application.settings.proof == Proof::PrivateKey || !knows {
        return Err(What::WrongCredentials.into());
    }
    Ok(if application.settings.proof == Proof::None { Proof::None } else { proof })
}

async fn by_assertion(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    application: &Application,
    assertion: &Secret,
) -> Result<Proof, Failure> {
    if application.settings.proof != Proof::PrivateKey {
        return Err(What::WrongCredentials.into());
    }
    let refuse = |why: String| Refusal::new(What::WrongCredentials).because(sentence(why));
    let keys = keys(application, ctx.now).ok_or_else(|| refuse("no key of it is good".to_owned()))?;
    let host = site.host();
    let audiences = [
        site.issuer(),
        site.origin.clone(),
        format!("https://{host}/"),
        format!("https://{host}"),
        format!("{}/oauth/token", site.origin),
        format!("https://{host}/oauth/token"),
    ];
    let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
    let expectations = AssertionExpectations {
        keys: &keys,
        client_id: application.client_id.as_str(),
        audiences: &audiences,
        now: UnixSeconds(ctx.now.seconds()),
    };
    let verified = verify(assertion.expose(), &expectations).map_err(|error| refuse(error.to_string()))?;
    // Behind a word that no issuer of a provider begins with: what is claimed here keeps nothing from a connection.
    let issuer = format!("application {}", application.client_id);
    let until = Time::from_seconds(verified.forget_after.0);
    let claim = replays::claim(site.project.id, &issuer, &verified.id, until);
    match app.store.commit(claim).await {
        Err(error) if error.is_unique(replays::USED) => {
            Err(refuse("the assertion was used before".to_owned()).into())
        }
        kept => Ok(kept.map(|()| Proof::PrivateKey)?),
    }
}

/// The keys that are good now.
fn keys(application: &Application, now: Time) -> Option<JwkSet> {
    let keys: Vec<_> =
        application.settings.keys.iter().filter(|key| key.is_good(now)).map(|key| &key.jwk).collect();
    if keys.is_empty() {
        return None;
    }
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).ok()
}
