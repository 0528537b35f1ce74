//! The page that tells a person why a sign-in was refused, with this dialect's name of the error.

use axum::response::Response;
use vestibule_domain::refusal::Refusal;
use vestibule_domain::trace::TraceStep;

use super::meanings::kind;
use crate::http::ctx::Ctx;
use crate::http::html::RefusalPage;

/// The page for a provider that does not answer, with a link that begins anew.
#[must_use]
pub(crate) fn outage(ctx: &Ctx, refusal: &Refusal, failed: Option<&TraceStep>, again: &str) -> Response {
    let kind = kind(refusal.what);
    let detail = refusal.detail().unwrap_or_default();
    RefusalPage::new(ctx, kind.name(), kind.message(), &detail, failed).again(again).respond(BAD_GATEWAY)
}

const BAD_GATEWAY: u16 = 502;

/// The page for a refusal, with the check that failed when there was one.
#[must_use]
pub(crate) fn refusal(ctx: &Ctx, refusal: &Refusal, failed: Option<&TraceStep>) -> Response {
    let kind = kind(refusal.what);
    let detail = refusal.detail().unwrap_or_default();
    RefusalPage::new(ctx, kind.name(), kind.message(), &detail, failed).respond(kind.status())
}
