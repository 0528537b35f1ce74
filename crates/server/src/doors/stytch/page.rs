//! The page that tells a person why a sign-in was refused, with this dialect's name of the error.

use axum::response::Response;
use http::StatusCode;
use vestibule_domain::id::TraceId;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::trace::TraceStep;

use super::Stytch;
use super::meanings::kind;
use crate::http::ctx::Ctx;
use crate::http::door::Door as _;
use crate::http::html::{POLICY, html};
use crate::http::refused::{Circumstances, Whereabouts, page};
use crate::world::App;

/// The status of the page where the provider is to blame and nobody who can be told anything but to try again.
#[must_use]
pub(crate) const fn outage(what: What) -> Option<u16> {
    match what {
        What::ProviderUnreachable => Some(502),
        What::ProviderTooSlow => Some(504),
        _ => None,
    }
}

/// What a page says beside its refusal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside<'a> {
    /// The check that failed, as far as the browser may see it.
    pub failed: Option<&'a TraceStep>,
    /// The trace that says more.
    pub trace: Option<TraceId>,
    /// Where the person stands, and where they may go.
    pub at: Whereabouts,
}

/// The page for a refusal: whatever the browser accepts, it is a person who was signing in.
#[must_use]
pub(crate) fn refusal(app: &App, ctx: &Ctx, refusal: &Refusal, beside: &Beside<'_>) -> Response {
    let Beside { failed, trace, at } = beside;
    let named = Stytch::named(refusal.what);
    let text = page(app, ctx, &Circumstances { refusal, named, failed: *failed, trace: *trace, at });
    let status = outage(refusal.what).unwrap_or_else(|| kind(refusal.what).status());
    html(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), text, POLICY)
}
