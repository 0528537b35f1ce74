//! An authorization request as it was sent (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1). Until the application
//! and its address are known, whatever is wrong is told to the person and nobody is redirected.

use vestibule_domain::application::GrantType;
use vestibule_domain::application::{Application, ClientId, OrganizationPrompt, OrganizationUsage, Proof};
use vestibule_domain::authorization::{
    AuthorizationRequest, Challenge, ChallengeMethod, Freshness, ResponseKind, ResponseMode, is_verifier,
};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::spelled::{Spelled, names};
use vestibule_refusal::Excerpt;

use crate::caller::site::Site;
use crate::doors::auth0::access::{audience, split};
use crate::doors::auth0::oauth::answer::page_origin;
use crate::doors::auth0::oauth::fields::Fields;
use crate::failure::Failure;
use crate::world::App;

/// What the page sends that asks for the name of an organization.
pub(super) const TYPED_ORGANIZATION: &str = "organization_name_typed";
/// The most bytes of a state or a nonce.
const MOST_BYTES: usize = 4096;
/// Scopes that need no grant.
const OF_A_PERSON: [&str; 6] = ["openid", "profile", "email", "offline_access", "phone", "address"];

/// A request whose application and address are known.
pub(super) struct Read {
    /// Who asks.
    pub application: Application,
    /// What it asks for, as far as it goes.
    pub request: AuthorizationRequest,
    /// Further wishes, none of which is kept.
    pub wishes: Wishes,
    /// What is wrong with the rest of it.
    pub problem: Option<Refusal>,
}

/// What decides where the browser goes next.
#[derive(Default)]
pub(super) struct Wishes {
    /// The name of a connection.
    pub connection: Option<String>,
    /// Who is about to sign in.
    pub login_hint: Option<String>,
    /// What somebody typed on our own page.
    pub identifier: Option<String>,
    /// An organization, by id or name.
    pub organization: Option<String>,
    /// How the organization is found out that the request does not name.
    pub organization_prompt: Option<OrganizationPrompt>,
    /// What somebody typed on our own page as the name of their organization.
    pub typed_organization: Option<String>,
    /// Nobody may be shown anything.
    pub silently: bool,
    /// What the browser's session knows does not count: somebody is to sign in anew.
    pub anew: bool,
    /// An ID token of whoever is expected to be signed in.
    pub id_token_hint: Option<String>,
    /// More scopes for the provider.
    pub connection_scope: Option<String>,
}

/// Reads a request.
///
/// # Errors
/// What is told to the person: no such application, or an address that is not its own.
pub(super) async fn read(app: &App, site: &Site, mut fields: Fields) -> Result<Read, Failure> {
    let missing = |name: &str| Refusal::new(What::MissingField).because(format!("{name} is required."));
    let client_id = fields.text("client_id").ok_or_else(|| missing("client_id"))?;
    let client_id: ClientId = client_id.parse()?;
    let application = app.store.application(&app.vault, site.project.id, &client_id).await?;
    let application = application.ok_or(What::NotFound(Thing::Application))?;
    let redirect_uri = fields.text("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    if !application.settings.is_callback(&redirect_uri) {
        return Err(Refusal::new(What::RedirectNotRegistered)
            .because(format!("{} is not among the callbacks of the application.", Excerpt::of(&redirect_uri)))
            .into());
    }
    let mut request = AuthorizationRequest {
        application_id: application.id,
        origin: site.origin.clone(),
        redirect_uri,
        kind: ResponseKind::Code,
        mode: ResponseMode::Query,
        state: None,
        nonce: None,
        scopes: Vec::new(),
        audience: None,
        challenge: None,
        organization: None,
        freshness: Freshness::default(),
        chooses_organization: false,
    };
    let mut wishes = Wishes::default();
    let problem = fill(&application, &mut fields, &mut request, &mut wishes).err();
    let problem = match problem {
        Some(problem) => Some(problem),
        None => bounded_by_grants(app, site, &application, &mut request).await?,
    };
    Ok(Read { application, request, wishes, problem })
}

fn fill(
    application: &Application,
    fields: &mut Fields,
    request: &mut AuthorizationRequest,
    wishes: &mut Wishes,
) -> Result<(), Refusal> {
    // How and with what an answer goes back comes first: whatever else is wrong is told in this way.
    request.state = bounded(fields, "state")?;
    let kind = fields.text("response_type").unwrap_or_default();
    let mode = fields.text("response_mode");
    request.kind = one_of(Field::ResponseType, &kind)?;
    request.mode = match (&mode, request.kind) {
        (Some(mode), _) => one_of(Field::ResponseMode, mode)?,
        (None, ResponseKind::Code) => ResponseMode::Query,
        (None, ResponseKind::IdToken) => ResponseMode::Fragment,
    };
    if request.kind == ResponseKind::IdToken && request.mode == ResponseMode::Query {
        request.mode = ResponseMode::Fragment;
        return Err(unreadable(
            "An ID token is never sent in a query: response_mode must be form_post or fragment.",
        ));
    }
    if request.mode == ResponseMode::WebMessage && page_origin(&request.redirect_uri).is_none() {
        request.mode = ResponseMode::Query;
        return Err(unreadable("web_message needs a redirect_uri on the page that waits for the answer."));
    }
    request.nonce = bounded(fields, "nonce")?;
    request.scopes = split(&fields.text("scope").unwrap_or_default());
    request.audience = fields.text("audience");
    if request.kind == ResponseKind::IdToken && (request.nonce.is_none() || !request.asks("openid")) {
        return Err(unreadable("An ID token by way of the browser needs nonce and the scope openid."));
    }
    let needed = match request.kind {
        ResponseKind::Code => GrantType::AuthorizationCode,
        ResponseKind::IdToken => GrantType::Implicit,
    };
    if !application.settings.may(needed) {
        return Err(Refusal::new(What::GrantTypeNotAllowed)
            .because(format!("Grant type '{}' not allowed for the client.", needed.as_str())));
    }
    request.challenge = challenge(fields)?;
    if request.kind == ResponseKind::Code
        && request.challenge.is_none()
        && application.settings.proof == Proof::None
    {
        return Err(unreadable("An application that keeps no secret has to send a code_challenge."));
    }
    if fields.secret("request").is_some() || fields.secret("request_uri").is_some() {
        return Err(unreadable("request and request_uri are not supported."));
    }
    wishes.connection = fields.text("connection");
    wishes.connection_scope = fields.text("connection_scope").map(|scope| scope.replace(',', " "));
    wishes.login_hint = bounded(fields, "login_hint")?;
    wishes.identifier = bounded(fields, "identifier")?;
    wishes.organization = fields.text("organization");
    let prompt = split(&fields.text("prompt").unwrap_or_default());
    let prompts = |asked: &str| prompt.iter().any(|one| one == asked);
    wishes.silently = prompts("none");
    if wishes.silently && prompt.len() > 1 {
        return Err(unreadable("prompt=none stands alone."));
    }
    // Who is to choose an account, or has just typed an address, is asked whatever was before.
    wishes.anew = prompts("login") || prompts("select_account") || wishes.identifier.is_some();
    wishes.id_token_hint = bounded(fields, "id_token_hint")?;
    request.freshness = Freshness { again: prompts("login"), max_age: max_age(fields)? };
    wishes.typed_organization = bounded(fields, TYPED_ORGANIZATION)?;
    match (application.settings.organization_usage, &wishes.organization) {
        (OrganizationUsage::Require, None) => match application.settings.organization_prompt {
            OrganizationPrompt::None => Err(unreadable("parameter organization is required for this client")),
            prompt => {
                wishes.organization_prompt = Some(prompt);
                Ok(())
            }
        },
        (OrganizationUsage::Deny, Some(_)) => {
            Err(unreadable("parameter organization is not allowed for this client"))
        }
        _ => Ok(()),
    }
}

/// OpenID Connect Core section 3.1.2.1.
fn max_age(fields: &mut Fields) -> Result<Option<i64>, Refusal> {
    let Some(text) = fields.text("max_age") else { return Ok(None) };
    let seconds = text.parse::<u32>().map_err(|_| unreadable("max_age is not a number of seconds."))?;
    Ok(Some(seconds.into()))
}

fn challenge(fields: &mut Fields) -> Result<Option<Challenge>, Refusal> {
    let (text, method) = (fields.text("code_challenge"), fields.text("code_challenge_method"));
    let Some(text) = text else {
        return match method {
            Some(_) => Err(unreadable("code_challenge_method needs a code_challenge.")),
            None => Ok(None),
        };
    };
    if !is_verifier(&text) {
        return Err(Refusal::new(What::Invalid(Field::PkceChallenge))
            .expected("43 to 128 characters that need no encoding"));
    }
    let method = method.map_or(Ok(ChallengeMethod::Plain), |method| one_of(Field::PkceChallenge, &method))?;
    Ok(Some(Challenge { method, text }))
}

/// An API is asked for by those who have a grant at it; what they were not granted is left out.
async fn bounded_by_grants(
    app: &App,
    site: &Site,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<Option<Refusal>, Failure> {
    let own = format!("{}/userinfo", site.origin);
    request.audience = request.audience.take().filter(|named| *named != own);
    let granted = match &request.audience {
        None => Vec::new(),
        Some(named) => {
            let found = match audience(site, named) {
                Ok(vestibule_domain::application::Audience::Management) | Err(_) => None,
                Ok(api) => app.store.client_grant_at(site.project.id, &application.client_id, &api).await?,
            };
            let Some(found) = found else {
                return Ok(Some(
                    Refusal::new(What::AudienceNotGranted)
                        .because(format!("Service not found: {}", Excerpt::of(named))),
                ));
            };
            found.grant.scopes
        }
    };
    request.scopes.retain(|scope| OF_A_PERSON.contains(&scope.as_str()) || granted.contains(scope));
    request.scopes.truncate(100);
    Ok(None)
}

fn bounded(fields: &mut Fields, name: &str) -> Result<Option<String>, Refusal> {
    match fields.text(name) {
        Some(text) if text.len() > MOST_BYTES => {
            Err(unreadable(&format!("{name} is longer than {MOST_BYTES} bytes.")))
        }
        text => Ok(text),
    }
}

fn one_of<E: Spelled>(field: Field, found: &str) -> Result<E, Refusal> {
    E::named(found).ok_or_else(|| {
        Refusal::new(What::Invalid(field))
            .found(Excerpt::of(found))
            .expected(format!("one of {}", names::<E>()))
    })
}

fn unreadable(why: &str) -> Refusal {
    Refusal::new(What::Unreadable).because(why)
}
