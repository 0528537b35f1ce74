//! The pages of a sign-in: the refusal, with what was found, what was expected and an id to quote; and the form
//! that takes the browser to a provider by a post.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use url::Url;
use vestibule_domain::id::TraceId;
use vestibule_domain::refusal::{Whose, sentence};
use vestibule_domain::trace::TraceStep;

use crate::http::ctx::Ctx;

/// A refusal as a person is to read it.
#[derive(Template)]
#[template(path = "refusal.html")]
pub(crate) struct RefusalPage<'a> {
    /// The name of the error.
    pub code: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// The circumstances this time, `""` when there is nothing to say.
    pub detail: &'a str,
    /// What the failed check found, if that is not said yet.
    pub found: &'a str,
    /// What it expected.
    pub expected: &'a str,
    /// An id to quote.
    pub request_id: String,
    /// Who can change it, `""` where that is not known.
    pub who: &'static str,
    /// The trace that says more, `""` where there is none.
    pub trace: String,
    /// When.
    pub at: String,
    /// Where to begin anew, `""` when there is nowhere.
    pub again: &'a str,
}

/// Nothing is loaded from anywhere and nothing runs; the style is allowed by its place in the page.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

impl<'a> RefusalPage<'a> {
    /// The page of an error, with the check that failed when there was one.
    #[must_use]
    pub(crate) fn new(
        ctx: &Ctx,
        code: &'a str,
        message: &'a str,
        detail: &'a str,
        failed: Option<&'a TraceStep>,
    ) -> Self {
        Self {
            code,
            message,
            detail,
            found: failed.map(|step| unsaid(&step.found, detail)).unwrap_or_default(),
            expected: failed.map(|step| step.expected.as_str()).unwrap_or_default(),
            request_id: ctx.request_id.to_string(),
            who: "",
            trace: String::new(),
            at: ctx.now.to_string(),
            again: "",
        }
    }

    /// The same with a link that begins anew.
    #[must_use]
    pub(crate) fn again(self, again: &'a str) -> Self {
        Self { again, ..self }
    }

    /// The same with who can change it.
    #[must_use]
    pub(crate) fn changed_by(self, whose: Option<Whose>) -> Self {
        Self { who: whose.map(Whose::sentence).unwrap_or_default(), ..self }
    }

    /// The same with the trace that says more.
    #[must_use]
    pub(crate) fn traced(self, trace: Option<TraceId>) -> Self {
        Self { trace: trace.map(|id| id.to_string()).unwrap_or_default(), ..self }
    }

    /// The answer.
    #[must_use]
    pub(crate) fn respond(&self, status: u16) -> Response {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        html(status, self.render().unwrap_or_default(), POLICY)
    }
}

/// What was found, unless the paragraph above has just said so: a check whose values may not be shown is told
/// by its sentence in both places.
fn unsaid<'a>(found: &'a str, detail: &str) -> &'a str {
    if found.is_empty() || detail.starts_with(&sentence(found)) { "" } else { found }
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    host: &'a str,
    action: &'a str,
    fields: &'a [(&'a str, String)],
    script: &'static str,
}

/// All that the page runs, and the hash by which it is allowed to.
const SUBMIT: &str = "document.forms[0].submit();";
const SUBMIT_HASH: &str = "sha256-8lDeP0UDwCO6/RhblgeH/ctdBzjVpJxrXizsnIk3cEQ=";

/// A page whose form posts `fields` to `action` by itself, or by a button where scripts do not run.
#[must_use]
pub(crate) fn form_post(action: &Url, fields: &[(&str, String)]) -> Response {
    let host = action.host_str().unwrap_or_default();
    let page = FormPost { host, action: action.as_str(), fields, script: SUBMIT };
    // Browsers hold redirects after the post against this list too, and providers do redirect, to other hosts.
    let target = match action.scheme() {
        "https" => "https:".to_owned(),
        _ => action.origin().ascii_serialization(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src '{SUBMIT_HASH}'; frame-ancestors 'none'; \
         base-uri 'none'; form-action {target}"
    );
    html(StatusCode::OK, page.render().unwrap_or_default(), &policy)
}

/// An HTML answer with its content security policy.
#[must_use]
pub(crate) fn html(status: StatusCode, text: String, policy: &str) -> Response {
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(http::header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
    response
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn what_the_paragraph_says_is_not_said_again() {
        let detail = "The digest does not match. Okta calls this setting X.";
        assert_eq!(unsaid("the digest does not match", detail), "");
        assert_eq!(unsaid("https://other.example", detail), "https://other.example");
        assert_eq!(unsaid("", detail), "");
    }

    #[test]
    fn the_script_of_the_form_is_the_one_that_is_allowed() {
        let hash = digest::digest(&digest::SHA256, SUBMIT.as_bytes());
        assert_eq!(SUBMIT_HASH, format!("sha256-{}", STANDARD.encode(hash)));
        let action = Url::parse("https://idp.test/sso?a=1&b=\"2").unwrap();
        let page = FormPost {
            host: "idp.test",
            action: action.as_str(),
            fields: &[("SAMLRequest", "PHg+".to_owned())],
            script: SUBMIT,
        };
        let text = page.render().unwrap();
        assert!(text.contains(&format!("<script>{SUBMIT}</script>")), "{text}");
        assert!(text.contains("action=\"https://idp.test/sso?a=1&#38;b=%222\""), "{text}");
    }
}
