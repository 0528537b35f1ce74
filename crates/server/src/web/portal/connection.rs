//! The pages of one connection: each step is one, under an address of its own.

use std::sync::Arc;

use axum::extract::{Request, State};
use http::HeaderMap;
use vestibule_domain::refusal::What;
use vestibule_domain::setup_link::Intent;

use super::enter::{Shown, Visit};
use super::problem::Problem;
use super::steps::Page;
use super::subject::Subject;
use super::{attributes, enable, test, theirs, values};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::form::Form;
use crate::http::input::Path;
use crate::web::Pages;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let page = "/setup/{setup_handle}/connections/{connection_id}/{setup_page}";
    Endpoints::new().get(page, Needs::OpenedLink, look).post(page, Needs::OpenedLink, submit).get(
        "/setup/{setup_handle}/connections/{connection_id}/test/begin",
        Needs::OpenedLink,
        test::begin,
    )
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, id, page)): Path<(String, String, String)>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Sso))).await?;
    let page = Page::named(&page).ok_or(What::NoSuchRoute)?;
    let subject = Subject::of(visit, &id).await?;
    match page {
        Page::Create | Page::Assign => Ok(values::todo(&subject, page)),
        Page::Ours => Ok(values::ours(&subject)),
        Page::Theirs => Ok(theirs::look(&subject)),
        Page::Attributes => Ok(attributes::look(&subject, Problem::default())),
        Page::Test => test::look(&subject).await,
        Page::Enable => Ok(enable::look(&subject, Problem::default())),
    }
}

async fn submit(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path((handle, id, page)): Path<(String, String, String)>,
    request: Request,
) -> Shown {
    let (visit, form): (Visit, Form) = Visit::submit(app, ctx, request, (handle, Some(Intent::Sso))).await?;
    let page = Page::named(&page).ok_or(What::NoSuchRoute)?;
    let subject = Subject::of(visit, &id).await?;
    match page {
        Page::Create | Page::Ours | Page::Assign => subject.done(page).await,
        Page::Theirs => theirs::submit(&subject, &form).await,
        Page::Attributes => attributes::submit(&subject, &form).await,
        Page::Test => Err(What::MethodNotAllowed.into()),
        Page::Enable => enable::submit(&subject, &form).await,
    }
}
