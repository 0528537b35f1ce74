//! Pages: what all of them have around them and in their headers, the one at `/`, and the form that takes the browser to
//! a provider by a post.

use askama::Template;
use axum::body::Body;
use axum::response::Response;
use http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use url::Url;

use crate::http::ctx::Ctx;
use crate::http::languages::{Language, Texts, around};
use crate::world::App;
use crate::world::contact::Contact;

/// What every page has around it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Frame<'a> {
    /// The language it is written in.
    pub language: Language,
    /// The product that people sign in to; `""` when it is not known.
    pub product: &'a str,
    /// Their organization; `""` when it is not known.
    pub organization: &'a str,
}

impl Frame<'_> {
    /// What the page says in its language.
    pub(crate) const fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// What stands at its head.
    pub(crate) fn brand(&self) -> &str {
        if self.product.is_empty() { self.texts().service } else { self.product }
    }
}

/// Nothing is loaded from anywhere and nothing runs; style and icon are allowed by their place in the page.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    frame: Frame<'a>,
    contact: Option<&'a Contact>,
    help: (&'static str, &'static str),
}

/// The page at `/`, for whoever has shortened an address to see what is there.
#[must_use]
pub(crate) fn home(app: &App, ctx: &Ctx) -> Response {
    let frame = Frame { language: ctx.language, ..Frame::default() };
    let help = around(frame.texts().help, "{contact}");
    let page = Home { frame, contact: app.support_contact.as_ref(), help };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    frame: Frame<'a>,
    leaving: (&'static str, &'static str),
    host: &'a str,
    action: &'a str,
    fields: &'a [(&'a str, String)],
    script: &'static str,
}

/// All that the page runs, and the hash by which it is allowed to.
const SUBMIT: &str = "document.forms[0].submit();";
const SUBMIT_HASH: &str = "sha256-8lDeP0UDwCO6/RhblgeH/ctdBzjVpJxrXizsnIk3cEQ=";

impl<'a> FormPost<'a> {
    fn new(language: Language, action: &'a Url, fields: &'a [(&'a str, String)]) -> Self {
        let frame = Frame { language, ..Frame::default() };
        let leaving = around(frame.texts().leaving_sentence, "{host}");
        let host = action.host_str().unwrap_or_default();
        Self { frame, leaving, host, action: action.as_str(), fields, script: SUBMIT }
    }
}

/// A page whose form posts `fields` to `action` by itself, or by a button where scripts do not run.
#[must_use]
pub(crate) fn form_post(ctx: &Ctx, action: &Url, fields: &[(&str, String)]) -> Response {
    let page = FormPost::new(ctx.language, action, fields);
    // Browsers hold redirects after the post against this list too, and providers do redirect, to other hosts.
    let target = match action.scheme() {
        "https" => "https:".to_owned(),
        _ => action.origin().ascii_serialization(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '{SUBMIT_HASH}'; \
         frame-ancestors 'none'; base-uri 'none'; form-action {target}"
    );
    html(StatusCode::OK, page.render().unwrap_or_default(), &policy)
}

/// An HTML answer with its content security policy.
#[must_use]
pub(crate) fn html(status: StatusCode, text: String, policy: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    put(&mut response, text, policy);
    response
}

/// Makes a page of an answer whose status and headers are there already.
pub(crate) fn put(response: &mut Response, text: String, policy: &str) {
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn the_script_of_the_form_is_the_one_that_is_allowed() {
        let hash = digest::digest(&digest::SHA256, SUBMIT.as_bytes());
        assert_eq!(SUBMIT_HASH, format!("sha256-{}", STANDARD.encode(hash)));
        let action = Url::parse("https://idp.test/sso?a=1&b=\"2").unwrap();
        let fields = [("SAMLRequest", "PHg+".to_owned())];
        let text = FormPost::new(Language::Japanese, &action, &fields).render().unwrap();
        assert!(text.contains(&format!("<script>{SUBMIT}</script>")), "{text}");
        assert!(text.contains("action=\"https://idp.test/sso?a=1&#38;b=%222\""), "{text}");
        assert!(text.contains("lang=\"ja\"") && text.contains("<strong>idp.test</strong> で"), "{text}");
    }
}
