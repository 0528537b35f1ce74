//! Connections of an organization, and the end of a sign-in.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::{DeleteConnection, ReadConnections};
use vestibule_domain::refusal::{Field, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::SessionDuration;

use crate::doors::stytch::caller::{Caller, Granted};
use crate::doors::stytch::session_jwt::{mint, presented};
use crate::doors::stytch::wire::connection::{OidcConnectionOut, oidc_connections};
use crate::doors::stytch::wire::saml_connection::{SamlConnectionOut, saml_connections};
use crate::doors::stytch::wire::session::SessionOut;
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::authentication::{Authenticated, Intermediate, SessionRequest};
use crate::operations::connections;
use crate::operations::sso_tokens::{Redemption, redeem};
use crate::operations::views::SessionView;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/{organization_id}/connections/{connection_id}";
    Endpoints::new()
        .get("/v1/b2b/sso/{organization_id}", Needs::Right(Action::ReadConnections), connections_of)
        .delete(one, Needs::Right(Action::DeleteConnection), remove)
        .post("/v1/b2b/sso/authenticate", Needs::Project, authenticate)
}

/// The connection in a path.
#[derive(Deserialize)]
pub(super) struct ConnectionPath {
    connection_id: String,
}

impl ConnectionPath {
    /// Its id; what is none is not found as a `thing`.
    pub(super) fn id(&self, thing: Thing) -> Result<ConnectionId, Failure> {
        self.connection_id.parse().map_err(|_| What::NotFound(thing).into())
    }
}

#[derive(Serialize)]
struct ConnectionsOut {
    saml_connections: Vec<SamlConnectionOut>,
    oidc_connections: Vec<OidcConnectionOut>,
    external_connections: [(); 0],
}

async fn connections_of(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadConnections>,
) -> Answer<ConnectionsOut> {
    let found = connections::list(&app, &grant).await?;
    ok(
        &ctx,
        ConnectionsOut {
            saml_connections: saml_connections(&app, &found),
            oidc_connections: oidc_connections(&app, &found),
            external_connections: [],
        },
    )
}

#[derive(Serialize)]
struct RemovedOut {
    connection_id: ConnectionId,
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<DeleteConnection>,
    Path(at): Path<ConnectionPath>,
) -> Answer<RemovedOut> {
    let connection_id = at.id(Thing::Connection)?;
    connections::delete(&app, &ctx, &grant, connection_id).await?;
    ok(&ctx, RemovedOut { connection_id })
}

#[derive(Deserialize)]
struct AuthenticateIn {
    sso_token: Option<String>,
    pkce_code_verifier: Option<String>,
    session_token: Option<String>,
    session_jwt: Option<String>,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Metadata>,
    locale: Option<String>,
    intermediate_session_token: Option<String>,
}

const LOCALES: [&str; 16] = [
    "en", "es", "ptbr", "fr", "it", "dede", "zhhans", "caes", "ja", "ru", "nl", "pl", "tr", "fa", "vi", "cs",
];

/// Both spellings of a locale are fine.
fn check_locale(locale: &str) -> Result<(), Failure> {
    let compact: String = locale.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    if LOCALES.contains(&compact.as_str()) { Ok(()) } else { Err(What::Invalid(Field::Locale).into()) }
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<AuthenticateOut> {
    let sso_token = required(body.sso_token, "sso_token")?;
    body.locale.as_deref().map_or(Ok(()), check_locale)?;
    if body.intermediate_session_token.as_deref().is_some_and(|token| !token.is_empty()) {
        // Intermediate sessions come from factors that this server does not offer beside SSO; one got by
        // SSO is completed by a second factor, never by another SSO sign-in.
        return Err(What::NotFound(Thing::IntermediateSession).into());
    }
    let has_session =
        [&body.session_token, &body.session_jwt].into_iter().flatten().any(|text| !text.is_empty());
    let joins = if has_session {
        Some(presented(&app, &ctx, &caller.project, body.session_token, body.session_jwt).await?)
    } else {
        None
    };
    let redemption = Redemption {
        sso_token: Token::presented(&sso_token),
        code_verifier: body.pkce_code_verifier.filter(|verifier| !verifier.is_empty()),
        session: SessionRequest {
            joins,
            duration: body.session_duration_minutes.map(SessionDuration::minutes).transpose()?,
            custom_claims: body.session_custom_claims.unwrap_or_default(),
        },
    };
    match redeem(&app, &ctx, &caller.project, redemption).await? {
        Authenticated::Session(view) => {
            let session_jwt = mint(&app, &ctx, &caller.project, &view).await?;
            ok(&ctx, AuthenticateOut::signed_in(&view, session_jwt))
        }
        Authenticated::Intermediate(waiting) => ok(&ctx, AuthenticateOut::waiting(&waiting)),
    }
}

#[derive(Serialize)]
struct AuthenticateOut {
    member_id: String,
    organization_id: String,
    member: MemberOut,
    organization: OrganizationOut,
    member_authenticated: bool,
    session_token: String,
    session_jwt: String,
    member_session: Option<SessionOut>,
    intermediate_session_token: String,
    intermediate_session_token_expires_at: Option<String>,
    mfa_required: Option<MfaRequired>,
    primary_required: Option<()>,
    reset_session: bool,
    member_device: Option<()>,
}

#[derive(Serialize)]
struct MfaRequired {
    member_options: Option<MemberOptions>,
    secondary_auth_initiated: Option<&'static str>,
}

#[derive(Serialize)]
struct MemberOptions {
    mfa_phone_number: String,
    totp_registration_id: &'static str,
}

impl AuthenticateOut {
    fn signed_in(view: &SessionView, session_jwt: String) -> Self {
        Self {
            member_id: view.session.member_id.to_string(),
            organization_id: view.session.organization_id.to_string(),
            member: MemberOut::from(&view.member),
            organization: OrganizationOut::from(&view.organization),
            member_authenticated: true,
            session_token: view.session.token.expose().to_owned(),
            session_jwt,
            member_session: Some(SessionOut::from(view)),
            intermediate_session_token: String::new(),
            intermediate_session_token_expires_at: None,
            mfa_required: None,
            primary_required: None,
            reset_session: false,
            member_device: None,
        }
    }

    fn waiting(waiting: &Intermediate) -> Self {
        let member = &waiting.member.member;
        let options =
            MemberOptions { mfa_phone_number: member.mfa_phone_number.clone(), totp_registration_id: "" };
        Self {
            member_id: member.id.to_string(),
            organization_id: member.organization_id.to_string(),
            member: MemberOut::from(&waiting.member),
            organization: OrganizationOut::from(&waiting.organization),
            member_authenticated: false,
            session_token: String::new(),
            session_jwt: String::new(),
            member_session: None,
            intermediate_session_token: waiting.token.expose().to_owned(),
            intermediate_session_token_expires_at: Some(waiting.expires_at.to_string()),
            mfa_required: Some(MfaRequired {
                member_options: member.mfa_enrolled.then_some(options),
                secondary_auth_initiated: None,
            }),
            primary_required: None,
            reset_session: false,
            member_device: None,
        }
    }
}
