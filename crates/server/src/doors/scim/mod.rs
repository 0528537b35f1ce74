//! The door of directories: SCIM 2.0 as the service provider (RFC 7644). What is asked is read by the protocol's crate, done by
//! the operations, and said here in the protocol's words. Who asks is in the token; where, is the business of each dialect,
//! which has the same resources below addresses of its own.

mod asked;
mod discovery;
mod groups;
mod meanings;
mod users;

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use vestibule_domain::directory::Scope;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_scim::media::SCIM_JSON;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::{Door, Said};
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::refused::Named;
use crate::operations::directories::home::Home;

/// The protocol, as a way to speak.
pub(crate) struct Scim;

impl Door for Scim {
    const NAME: &'static str = "scim";

    type Success<T: Serialize> = T;

    fn success<T: Serialize>(_: RequestId, _: Vec<String>, body: T) -> T {
        body
    }

    fn refuse(refusal: &Refusal, _: &Ctx, _: &str) -> Said {
        let problem = meanings::problem(refusal);
        let mut said = Said::json(problem.status, &problem.document());
        said.headers.insert(CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
        if said.status == StatusCode::UNAUTHORIZED {
            said.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        said
    }

    fn named(what: What) -> Named {
        meanings::named(what)
    }
}

/// The answer where there is nothing.
pub(crate) async fn no_such_route() -> Failure {
    What::NoSuchRoute.into()
}

/// The endpoints below a home.
pub(crate) fn endpoints<H: Home>() -> Endpoints<Scim> {
    let at = |path: &str| format!("{}{path}", H::PATH);
    let scope = |scope| Needs::Directory(Some(scope));
    Endpoints::new()
        .get(&at("/Users"), scope(Scope::GetUsers), users::list::<H>)
        .post(&at("/Users"), scope(Scope::PostUsers), users::create::<H>)
        // Some clients are given an address that ends with a slash.
        .get(&at("/Users/"), scope(Scope::GetUsers), users::list::<H>)
        .post(&at("/Users/"), scope(Scope::PostUsers), users::create::<H>)
        .get(&at("/Groups/"), scope(Scope::GetGroups), groups::list::<H>)
        .post(&at("/Groups/"), scope(Scope::PostGroups), groups::create::<H>)
        .post(&at("/Users/.search"), scope(Scope::GetUsers), users::search::<H>)
        .get(&at("/Users/{id}"), scope(Scope::GetUsers), users::get::<H>)
        .put(&at("/Users/{id}"), scope(Scope::PutUsers), users::replace::<H>)
        .patch(&at("/Users/{id}"), scope(Scope::PatchUsers), users::change::<H>)
        .delete(&at("/Users/{id}"), scope(Scope::DeleteUsers), users::delete::<H>)
        .get(&at("/Groups"), scope(Scope::GetGroups), groups::list::<H>)
        .post(&at("/Groups"), scope(Scope::PostGroups), groups::create::<H>)
        .post(&at("/Groups/.search"), scope(Scope::GetGroups), groups::search::<H>)
        .get(&at("/Groups/{id}"), scope(Scope::GetGroups), groups::get::<H>)
        .put(&at("/Groups/{id}"), scope(Scope::PutGroups), groups::replace::<H>)
        .patch(&at("/Groups/{id}"), scope(Scope::PatchGroups), groups::change::<H>)
        .delete(&at("/Groups/{id}"), scope(Scope::DeleteGroups), groups::delete::<H>)
        .get(&at("/ServiceProviderConfig"), Needs::Directory(None), discovery::config::<H>)
        .get(&at("/Schemas"), Needs::Directory(None), discovery::schemas::<H>)
        .get(&at("/Schemas/{id}"), Needs::Directory(None), discovery::schema::<H>)
        .get(&at("/ResourceTypes"), Needs::Directory(None), discovery::resource_types::<H>)
        .get(&at("/ResourceTypes/{id}"), Needs::Directory(None), discovery::resource_type::<H>)
        .post(&at("/Bulk"), Needs::Directory(None), discovery::bulk::<H>)
        .post(&at("/.search"), Needs::Directory(None), discovery::search::<H>)
}
