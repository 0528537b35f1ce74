//! The page at the end of a test: what the identity provider said, what was checked, and who would have signed in.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use vestibule_domain::admission::AdmissionKind;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::ConnectionTestId;
use vestibule_domain::trace::TraceStep;

use crate::engine::outcome::Tested;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, POLICY, html};
use crate::world::App;

#[derive(Template)]
#[template(path = "test.html")]
struct TestPage<'a> {
    frame: Frame<'a>,
    connection_id: String,
    would: &'static str,
    email: &'a str,
    subject: &'a str,
    name: &'a str,
    groups: String,
    attributes: String,
    steps: &'a [TraceStep],
    request_id: String,
    trace: String,
    at: String,
    back: &'a str,
}

/// Where whoever has prepared a test goes on; `""` where there is no such page.
pub(super) async fn back(app: &App, connection: &Connection, test: Option<ConnectionTestId>) -> String {
    let Some(test) = test else { return String::new() };
    // Without the row the page is shown all the same, and leads nowhere.
    let found = app.store.connection_test(connection.project_id, connection.id, test).await.ok().flatten();
    let path = found.map(|test| test.return_to).filter(|path| !path.is_empty());
    path.map(|path| format!("{}{path}", app.base_url)).unwrap_or_default()
}

/// Shows what a test found of a connection of this product.
pub(super) fn show(
    ctx: &Ctx,
    connection: &Connection,
    tested: &Tested,
    (product, back): (&str, &str),
) -> Response {
    let identity = &tested.identity;
    let frame = Frame { language: ctx.language, product, organization: &tested.organization.name };
    let texts = frame.texts();
    let page = TestPage {
        frame,
        connection_id: connection.id.to_string(),
        would: match tested.admission {
            AdmissionKind::Existing => texts.test_existing,
            AdmissionKind::Linked => texts.test_linked,
            AdmissionKind::Created => texts.test_created,
        },
        email: tested.member.email.as_str(),
        subject: &identity.subject.value,
        name: &identity.name,
        groups: identity.groups.join(", "),
        attributes: serde_json::to_string_pretty(&identity.attributes).unwrap_or_default(),
        steps: &tested.steps,
        request_id: ctx.request_id.to_string(),
        trace: tested.trace.to_string(),
        at: ctx.now.to_string(),
        back,
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}
