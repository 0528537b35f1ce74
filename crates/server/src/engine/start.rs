//! The start of a sign-in: gives the browser its attempt to keep and says how it gets to the identity provider.

use std::sync::Arc;

use url::Url;
use vestibule_domain::authorization::Freshness;
use vestibule_domain::connection::{Connection, Forwarded, Ready, Route, Way};
use vestibule_domain::login::ticket::Ticket;
use vestibule_domain::login::{AttemptSecrets, LoginAttempt, Purpose, login_id};
use vestibule_domain::secret::{Token, TokenHash};
use vestibule_store::tables::logins;

use super::{kept, oidc, origin, saml};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::learning;
use crate::world::App;
use crate::world::starts::Start;

/// What the application would like the identity provider to be told.
#[derive(Debug, Default)]
pub(crate) struct ProviderHints {
    /// More scopes, for OpenID Connect.
    pub scopes: Option<String>,
    /// Who is about to sign in: an address that the provider may fill in.
    pub login_hint: Option<String>,
    /// More parameters of the authorization request, for OpenID Connect.
    pub parameters: Vec<(String, String)>,
    /// How recently the provider has to have asked the person.
    pub freshness: Freshness,
    /// What the application's own request says, of which a connection may hand on some.
    pub asked: Vec<(Forwarded, String)>,
}

/// A sign-in under way.
#[derive(Debug)]
pub(crate) struct Started {
    /// How the browser gets to the identity provider.
    pub to: ToProvider,
    /// The hash of the attempt's state, by which the browser keeps its secret.
    pub state: TokenHash,
    /// The secret that the browser brings back: it alone can finish the attempt.
    pub browser: Token,
}

/// How the browser gets to the identity provider.
#[derive(Debug)]
pub(crate) enum ToProvider {
    /// By a redirect.
    Redirect(Url),
    /// By a form that it posts (bindings 3.5).
    Post {
        /// Where to.
        action: Url,
        /// Names and values.
        fields: Vec<(&'static str, String)>,
    },
}

impl ToProvider {
    /// Whom it leads to.
    fn host(&self) -> &str {
        let (Self::Redirect(url) | Self::Post { action: url, .. }) = self;
        url.host_str().unwrap_or_default()
    }
}

/// Starts a sign-in through a connection. Of a borrowed one the browser goes where the lent one leads, as that one's client,
/// and comes back to its callback.
///
/// # Errors
/// A connection that is not active, hints that cannot be sent on, or the store's.
pub(crate) async fn begin(
    app: &Arc<App>,
    ctx: &Ctx,
    route: Route<'_>,
    purpose: Purpose,
    hints: &ProviderHints,
) -> Result<Started, Failure> {
    let learnt = learning::completed(app, route).await?;
    let route = learnt.as_ref().map_or(route, Way::as_route);
    let ready = match purpose {
        // Nobody signs in by a test that was prepared for this connection.
        Purpose::PreparedTest { .. } => route.source().ready_to_test()?,
        _ => route.ready()?,
    };
    let (through, source) = (route.through(), route.source());
    let state = kept::new_state(app, ctx);
    let ticket = Ticket::new(route, purpose);
    let kept = if may_lose_its_cookie(source) { None } else { kept::ticket(app, &state, &ticket) };
    let is_kept = kept.is_some();
    let browser = kept.unwrap_or_else(|| Token::generate(app.entropy.as_ref()));
    let secrets = AttemptSecrets { state, browser };
    let below = origin::of(app, ctx, source, ticket.sent.callback).await?;
    let known_as = app.known_as(source, ticket.sent.callback, &below);
    let to = match ready {
        Ready::Oidc(ready) => {
            let url = oidc::request::authorization_url(
                ready,
                ticket.sent,
                &source.common.upstream_params,
                &known_as,
                hints,
                &secrets,
            )?;
            ToProvider::Redirect(url)
        }
        Ready::Saml(ready) => saml::request::to_provider(ready, &known_as, hints, &secrets, ctx.now)?,
    };
    if !is_kept {
        let attempt = LoginAttempt {
            provider: source.provider().to_owned(),
            began_at: ctx.ip.to_string(),
            began_as: ctx.host.clone(),
            sent: ticket.sent,
            ..LoginAttempt::begin(through, &secrets, ticket.purpose, ctx.now)
        };
        app.store.commit([logins::insert(&attempt)]).await?;
    }
    let state = secrets.state.hash();
    let start = Start {
        state: state.clone(),
        login: login_id(through.id.environment(), &secrets.state),
        tenant: through.tenant(),
        connection: through.id,
        answers_at: known_as.callback,
        sent_to: to.host().to_owned(),
        request_id: ctx.request_id,
        at: ctx.now,
        ip: ctx.ip,
        user_agent: ctx.user_agent.clone(),
    };
    app.starts.began(start, app.clock.steady());
    Ok(Started { to, state, browser: secrets.browser })
}

/// Whether an answer may come without the cookie, through a gateway that is allowed to bring it: then we must know ourselves
/// what was asked.
fn may_lose_its_cookie(connection: &Connection) -> bool {
    connection.saml().is_some_and(|settings| settings.allow_gateway_callback)
}
