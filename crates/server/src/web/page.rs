//! A page with its headers. Nothing is loaded from elsewhere, nothing stands inline, and nobody may put it into a frame.

use axum::response::{IntoResponse as _, Response};
use http::header::{LOCATION, REFERRER_POLICY};
use http::{HeaderName, HeaderValue, StatusCode};

use super::words::upkeep::Upkeep;
use super::{assets, words};
use crate::http::html;
use crate::http::languages::{Language, Texts, around};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What each page has around it.
#[derive(Clone)]
pub(super) struct Frame {
    /// The language.
    pub language: Language,
    /// The product, as people call it.
    pub product: String,
    /// The organization; `""` where it is not told.
    pub organization: String,
    /// Where one goes to leave; `""` for nowhere.
    pub overview: String,
    /// Until when one may go on; `""` where nothing was begun.
    pub session_ends: String,
    /// Where the product's own pages are; `""` where that is not known.
    pub return_url: String,
    /// The origin that may have the page in a frame and is told what happens; `""` for nobody.
    pub embed_origin: String,
    /// For how many seconds one may go on, where something was begun.
    pub session_seconds: i64,
    /// Where the page is that is shown in another language, `""` for where the reader is; `None` where there is none to be shown.
    pub switch: Option<String>,
}

impl Frame {
    /// What these pages say.
    pub(super) const fn words(&self) -> &'static words::Words {
        words::Words::of(self.language)
    }

    /// What pages say of what is there already.
    pub(super) const fn upkeep(&self) -> &'static Upkeep {
        Upkeep::of(self.language)
    }

    /// The languages to choose from.
    pub(super) const fn languages(&self) -> [Language; 5] {
        Language::ALL
    }

    /// What all pages say.
    pub(super) const fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// What stands at its head.
    pub(super) fn brand(&self) -> &str {
        if self.product.is_empty() { self.texts().service } else { &self.product }
    }

    /// What is said before and after the time at which one has to stop.
    pub(super) fn ends(&self) -> (&'static str, &'static str) {
        around(self.words().session_ends, "{time}")
    }

    /// Where the style is.
    pub(super) fn style(&self) -> String {
        assets::style()
    }

    /// Where the script is.
    pub(super) fn script(&self) -> String {
        assets::script()
    }

    /// Where the script of framed pages is.
    pub(super) fn framed_script(&self) -> String {
        assets::framed_script()
    }
}

/// A page.
pub(super) fn show(status: StatusCode, text: String) -> Response {
    let mut response = html::html(status, text, POLICY);
    let headers = response.headers_mut();
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
        ),
        ("x-robots-tag", "noindex"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Goes on to another page after a form was taken: loading that one again sends nothing twice.
pub(super) fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
