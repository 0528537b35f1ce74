//! The start of a sign-in: remembers the attempt and says how the browser gets to the identity provider.

use url::Url;
use vestibule_domain::connection::{Connection, Ready};
use vestibule_domain::id::LoginId;
use vestibule_domain::login::{ATTEMPT_LIFETIME, AttemptSecrets, LoginAttempt, Purpose};
use vestibule_domain::secret::{Token, TokenHash};
use vestibule_store::tables::logins;

use super::{oidc, saml};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What the application would like the identity provider to be told.
#[derive(Debug, Default)]
pub(crate) struct ProviderHints {
    /// More scopes, for OpenID Connect.
    pub scopes: Option<String>,
    /// Who is about to sign in: an address that the provider may fill in.
    pub login_hint: Option<String>,
    /// More parameters of the authorization request, for OpenID Connect.
    pub parameters: Vec<(String, String)>,
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

/// Starts a sign-in through a connection.
///
/// # Errors
/// A connection that is not active, hints that cannot be sent on, or the store's.
pub(crate) async fn begin(
    app: &App,
    ctx: &Ctx,
    connection: &Connection,
    purpose: Purpose,
    hints: &ProviderHints,
) -> Result<Started, Failure> {
    let secrets = AttemptSecrets::generate(app.entropy.as_ref());
    let callback = app.callback_url(connection.id);
    let to = match connection.ready()? {
        Ready::Oidc(ready) => {
            ToProvider::Redirect(oidc::request::authorization_url(ready, &callback, hints, &secrets)?)
        }
        Ready::Saml(ready) => saml::request::to_provider(ready, &callback, hints, &secrets, ctx.now)?,
    };
    let attempt = LoginAttempt {
        id: LoginId::generate_at(connection.project_id.environment(), ctx.now, app.entropy.as_ref()),
        project_id: connection.project_id,
        organization_id: connection.organization_id,
        connection_id: connection.id,
        state_hash: secrets.state.hash(),
        browser_hash: secrets.browser.hash(),
        provider: connection.provider().to_owned(),
        began_at: ctx.ip.to_string(),
        began_as: ctx.host.clone(),
        purpose,
        created_at: ctx.now,
        expires_at: ctx.now.plus(ATTEMPT_LIFETIME),
    };
    app.store.commit([logins::insert(&attempt)]).await?;
    Ok(Started { to, state: attempt.state_hash, browser: secrets.browser })
}
