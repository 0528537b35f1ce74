//! Endpoints of products that this server does not have. A client has methods for them, so whoever calls one is told what to
//! do instead; a path that is not served would look like a wrong address.

use serde::Deserialize;
use vestibule_domain::refusal::{Refusal, What};

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::{Answer, Nothing, Stytch};
use crate::failure::Failure;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().post("/v1/b2b/sessions/attest", Needs::Project, attest).post(
        "/v1/b2b/sessions/exchange_access_token",
        Needs::Project,
        exchange_access_token,
    )
}

#[derive(Deserialize)]
struct AttestIn {
    profile_id: Option<String>,
    token: Option<String>,
}

async fn attest(_: Caller, Input(body): Input<AttestIn>) -> Answer<Nothing> {
    required(body.profile_id, "profile_id")?;
    required(body.token, "token")?;
    Err(not_offered(
        "There are no trusted token profiles here, so no profile_id leads to one. A session of another system becomes one of \
         this server's by POST /v1/b2b/sessions/migrate.",
    ))
}

#[derive(Deserialize)]
struct ExchangeAccessTokenIn {
    access_token: Option<String>,
}

async fn exchange_access_token(_: Caller, Input(body): Input<ExchangeAccessTokenIn>) -> Answer<Nothing> {
    required(body.access_token, "access_token")?;
    Err(not_offered(
        "Access tokens belong to connected apps, and this server issues none. A session of one organization becomes one of \
         another by POST /v1/b2b/sessions/exchange.",
    ))
}

fn not_offered(instead: &str) -> Failure {
    Refusal::new(What::NotOffered).because(instead).into()
}
