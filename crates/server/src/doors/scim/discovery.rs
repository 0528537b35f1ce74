//! What a directory tells of itself (RFC 7644 section 4), and what it does not offer.

use axum::response::Response;
use serde_json::Value;
use vestibule_domain::refusal::{Thing, What};
use vestibule_scim::ScimRefusal;
use vestibule_scim::schema::document;

use super::Home;
use super::asked::{Asked, Done};
use crate::operations::directories::desk::Declined;

pub(super) async fn config<H: Home>(asked: Asked<H>) -> Response {
    let document = document::service_provider_config(asked.base());
    asked.answer(Ok(Done::document(document))).await
}

pub(super) async fn schemas<H: Home>(asked: Asked<H>) -> Response {
    let document = document::schemas(asked.base());
    asked.answer(Ok(Done::document(document))).await
}

pub(super) async fn schema<H: Home>(asked: Asked<H>) -> Response {
    let document = document::find_schema(asked.base(), &asked.id);
    asked.answer(found(document)).await
}

pub(super) async fn resource_types<H: Home>(asked: Asked<H>) -> Response {
    let document = document::resource_types(asked.base());
    asked.answer(Ok(Done::document(document))).await
}

pub(super) async fn resource_type<H: Home>(asked: Asked<H>) -> Response {
    let document = document::find_resource_type(asked.base(), &asked.id);
    asked.answer(found(document)).await
}

pub(super) async fn bulk<H: Home>(asked: Asked<H>) -> Response {
    asked.answer(Err(ScimRefusal::Bulk.into())).await
}

/// A search over all types at once (RFC 7644 section 3.4.3), which may be left out: what is not there is 501 (section 3.12).
pub(super) async fn search<H: Home>(asked: Asked<H>) -> Response {
    asked.answer(Err(ScimRefusal::SearchOfAllTypes.into())).await
}

fn found(document: Option<Value>) -> Result<Done, Declined> {
    Ok(Done::document(document.ok_or(What::NotFound(Thing::DirectoryUser))?))
}
