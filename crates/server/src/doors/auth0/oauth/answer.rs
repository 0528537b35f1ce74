//! How an application is answered through the browser (OAuth 2.0 Multiple Response Types, Form Post Response Mode). Every
//! answer says who gives it (RFC 9207).

use aws_lc_rs::digest;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::X_FRAME_OPTIONS;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use vestibule_domain::authorization::{AuthorizationRequest, ResponseMode};
use vestibule_domain::redirect::with_parameters;
use vestibule_domain::refusal::Refusal;

use super::envelope::word;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html;
use crate::http::redirect::found;

/// Gives an application its answer.
pub(super) fn give(ctx: &Ctx, asked: &AuthorizationRequest, mut parameters: Vec<(&str, String)>) -> Response {
    parameters.extend(asked.state.clone().map(|state| ("state", state)));
    parameters.push(("iss", format!("{}/", asked.origin)));
    let address = asked.redirect_uri.as_str();
    let answer = match asked.mode {
        ResponseMode::Query => in_query(ctx, address, &parameters),
        ResponseMode::Fragment => in_fragment(ctx, address, &parameters),
        ResponseMode::FormPost => Url::parse(address).ok().map(|url| html::form_post(ctx, &url, &parameters)),
        ResponseMode::WebMessage => by_message(address, &parameters),
    };
    answer.unwrap_or_else(|| {
        Failure::Internal("a registered address does not parse".to_owned()).into_response()
    })
}

/// Tells an application why it gets nothing (RFC 6749 section 4.1.2.1).
pub(super) fn tell(ctx: &Ctx, asked: &AuthorizationRequest, failure: &Failure) -> Response {
    failure.log();
    let refusal = failure.refusal();
    give(
        ctx,
        asked,
        vec![("error", word(refusal.what).error.to_owned()), ("error_description", told(&refusal))],
    )
}

/// What is told, in characters that the protocol can carry.
fn told(refusal: &Refusal) -> String {
    let text = refusal.detail().unwrap_or_else(|| word(refusal.what).sentence.to_owned());
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

fn in_query(ctx: &Ctx, address: &str, parameters: &[(&str, String)]) -> Option<Response> {
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with_parameters(address, &parameters).map(|url| found(ctx, &url))
}

fn in_fragment(ctx: &Ctx, address: &str, parameters: &[(&str, String)]) -> Option<Response> {
    let mut url = Url::parse(address).ok()?;
    let mut written = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        written.append_pair(name, value);
    }
    url.set_fragment(Some(&written.finish()));
    Some(found(ctx, &url))
}

/// A page that hands the answer to the page that opened it, or has it in a frame: that of the registered origin alone, which is
/// also the only one that may frame it.
fn by_message(address: &str, parameters: &[(&str, String)]) -> Option<Response> {
    let origin = page_origin(address)?;
    let response: Map<String, Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    let message = serde_json::json!({ "type": "authorization_response", "response": response });
    let script = format!(
        "(window.opener||window.parent).postMessage({},{});",
        in_script(&message),
        in_script(&origin.clone().into())
    );
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, script.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; frame-ancestors {origin}; base-uri 'none'; form-action 'none'"
    );
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Authorization</title></head><body><script>{script}</script></body></html>"
    );
    let mut answer = html::html(StatusCode::OK, page, &policy);
    answer.headers_mut().remove(X_FRAME_OPTIONS);
    Some(answer)
}

/// The origin of the page at an address; `None` for an application's own scheme, which has none.
pub(super) fn page_origin(address: &str) -> Option<String> {
    let origin = Url::parse(address).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// JSON that may stand in a script: nothing in it ends the script.
fn in_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_ends_the_script() {
        let value = Value::from("</script><script>alert(1)</script><!--");
        let text = in_script(&value);
        assert!(!text.contains('<'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
