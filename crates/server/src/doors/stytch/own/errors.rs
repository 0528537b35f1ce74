//! The list of errors, where every `error_url` leads.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use vestibule_domain::refusal::What;

use crate::doors::stytch::Stytch;
use crate::doors::stytch::catalogue::ErrorKind;
use crate::http::endpoint::{Endpoints, Needs};

use crate::failure::Failure;
use crate::http::html::{Frame, POLICY, html};
use crate::http::input::Path;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/errors/{status}", Needs::Nothing, list)
}

#[derive(Template)]
#[template(path = "errors.html")]
struct Errors {
    frame: Frame<'static>,
    status: u16,
    rows: Vec<ErrorKind>,
}

/// Every row with one HTTP status.
async fn list(Path(status): Path<String>) -> Result<Response, Failure> {
    let status: u16 = status.parse().unwrap_or_default();
    let rows: Vec<ErrorKind> =
        ErrorKind::ALL.iter().copied().filter(|kind| kind.status() == status).collect();
    if rows.is_empty() {
        return Err(What::NoSuchRoute.into());
    }
    let text = Errors { frame: Frame::default(), status, rows }.render().unwrap_or_default();
    Ok(html(StatusCode::OK, text, POLICY))
}
