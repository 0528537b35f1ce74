//! Signing out at the identity provider, too, where its document says how (`end_session_endpoint`). The browser comes back to one
//! address, which the provider can register; where it goes from there travels in `state` and is looked at when it comes back.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::{Url, form_urlencoded};
use vestibule_domain::connection::Connection;
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::refusal::{Refusal, What};

use super::BACK;
use super::request::Asked;
use crate::caller::site::Site;
use crate::doors::auth0::oauth::fields::Fields;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::redirect::found;
use crate::world::App;

/// Takes the browser to the provider of its session. `None` where that says no address for it.
///
/// # Errors
/// The store's.
pub(super) async fn begin(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    session: &LoginSession,
    asked: &Asked,
) -> Result<Option<Response>, Failure> {
    let id = session.proven.source_id;
    let connection = app.store.connection(&app.vault, session.project_id, id).await?;
    let Some((mut url, client_id)) = connection.as_ref().and_then(end_session) else { return Ok(None) };
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("post_logout_redirect_uri", &format!("{}{BACK}", site.origin))
        .append_pair("state", &carried(asked));
    Ok(Some(found(ctx, &url)))
}

/// Where the provider of a connection ends its own sessions, and by what it knows us.
fn end_session(connection: &Connection) -> Option<(Url, &str)> {
    let settings = connection.oidc()?;
    let kept = connection.kept.to_map();
    let told = kept.get("oidc_metadata")?.get("end_session_endpoint").and_then(Value::as_str)?;
    let url = Url::parse(told).ok()?;
    let authorizes_at = Url::parse(&settings.authorization_url).ok()?;
    // A document that somebody pasted leads no browser to another scheme than sign-ins go to.
    (url.scheme() == authorizes_at.scheme()).then_some((url, settings.client_id.as_str()))
}

/// What of the request is needed when the browser comes back.
fn carried(asked: &Asked) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    if let Some(leads_to) = &asked.leads_to {
        if let Some(client_id) = &asked.client_id {
            written.append_pair("client_id", client_id.as_str());
        }
        written.append_pair("post_logout_redirect_uri", leads_to);
        if let Some(state) = &asked.state {
            written.append_pair("state", state);
        }
    }
    URL_SAFE_NO_PAD.encode(written.finish())
}

/// The request that a browser which comes back carries. Nothing of it is believed.
///
/// # Errors
/// It is none.
pub(super) fn target(mut fields: Fields) -> Result<Fields, Refusal> {
    let carried = fields.text("state").unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(carried);
    let decoded = decoded.map_err(|_| Refusal::new(What::Unreadable).because("state is not one of ours."))?;
    Fields::of_form(&decoded)
}
