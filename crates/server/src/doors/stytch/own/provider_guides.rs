//! Guides to the consoles of identity providers, for whoever shows them in pages of their own (`docs/compatibility.md`, ADR 53).
//!
//! `GET /v1/vestibule/provider_guides`

use axum::response::{IntoResponse as _, Response};
use http::header::CACHE_CONTROL;
use serde::{Deserialize, Serialize};
use vestibule_domain::refusal::{Field, Refusal, What};

use crate::doors::stytch::{Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Params;
use crate::world::provider_guides::{Provider, guides};

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/vestibule/provider_guides", Needs::Nothing, list)
}

#[derive(Deserialize)]
struct GuideParams {
    identity_provider: Option<String>,
}

#[derive(Serialize)]
struct GuidesOut {
    provider_guides: Vec<&'static Provider>,
}

/// There is nothing of any tenant in them.
async fn list(ctx: Ctx, Params(params): Params<GuideParams>) -> Result<Response, Failure> {
    let all = &guides().providers;
    let provider_guides: Vec<_> = match params.identity_provider.filter(|id| !id.is_empty()) {
        None => all.iter().collect(),
        Some(id) => {
            let known = || all.iter().map(|provider| provider.id.as_str()).collect::<Vec<_>>().join(", ");
            let found = guides().provider(&id).ok_or_else(|| {
                Refusal::new(What::Invalid(Field::Setting))
                    .found(format!("{id:?} in identity_provider"))
                    .expected(format!("one of {}", known()))
            })?;
            vec![found]
        }
    };
    let answer = ok::<Stytch, _>(&ctx, GuidesOut { provider_guides })?;
    Ok(([(CACHE_CONTROL, "public, max-age=300")], answer).into_response())
}
