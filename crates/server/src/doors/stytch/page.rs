//! The page that tells a person why a sign-in was refused, with this dialect's name of the error.

use axum::response::Response;
use vestibule_domain::id::TraceId;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::trace::TraceStep;

use super::meanings::kind;
use crate::http::ctx::Ctx;
use crate::http::html::RefusalPage;

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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside<'a> {
    /// The check that failed, as far as the browser may see it.
    pub failed: Option<&'a TraceStep>,
    /// The trace that says more.
    pub trace: Option<TraceId>,
    /// Where to begin anew, `""` where there is nowhere.
    pub again: &'a str,
}

/// The page for a refusal.
#[must_use]
pub(crate) fn refusal(ctx: &Ctx, refusal: &Refusal, beside: Beside<'_>) -> Response {
    let kind = kind(refusal.what);
    let detail = refusal.detail().unwrap_or_default();
    RefusalPage::new(ctx, kind.name(), kind.message(), &detail, beside.failed)
        .changed_by(refusal.what.whose())
        .traced(beside.trace)
        .again(beside.again)
        .respond(outage(refusal.what).unwrap_or_else(|| kind.status()))
}
