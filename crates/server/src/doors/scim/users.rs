//! Users (RFC 7644 sections 3.3 to 3.6).

use axum::response::Response;
use http::StatusCode;
use vestibule_scim::page;
use vestibule_scim::patch::UserPatch;
use vestibule_scim::query::Query;
use vestibule_scim::resource::User;
use vestibule_scim::schema::ResourceType;

use super::Home;
use super::asked::{Asked, Done};
use crate::operations::directories::desk::{Declined, tag};
use crate::operations::directories::lists;
use crate::operations::directories::person::Person;
use crate::operations::directories::users::{self, Groups};

const KIND: ResourceType = ResourceType::User;

pub(super) async fn list<H: Home>(asked: Asked<H>) -> Response {
    let done = async { listed(&asked, &asked.query(KIND)?).await }.await;
    asked.answer(done).await
}

pub(super) async fn search<H: Home>(asked: Asked<H>) -> Response {
    let done = async { listed(&asked, &Query::of_body(asked.body()?, KIND)?.value).await }.await;
    asked.answer(done).await
}

async fn listed<H: Home>(asked: &Asked<H>, query: &Query) -> Result<Done, Declined> {
    let (total, resources) = lists::users(&asked.desk()?, query).await?;
    Ok(Done::document(page::list(total, query.page, resources)))
}

pub(super) async fn get<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let person = users::get(&asked.desk()?, &asked.id).await?;
        shown(&asked, StatusCode::OK, &person).await
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn create<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = User::read(asked.body()?)?;
        let tolerances = asked.tolerated(&read.tolerances);
        let person = users::create(&asked.desk()?, &read.value, &tolerances).await?;
        resource(&asked, StatusCode::CREATED, &person, &Groups::new())
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn replace<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = User::read(asked.body()?)?;
        let tolerances = asked.tolerated(&read.tolerances);
        let new = &read.value;
        let desk = asked.desk()?;
        let person =
            users::change(&desk, &asked.id, &tolerances, |before| Ok(before.replaced_by(new.clone())));
        shown(&asked, StatusCode::OK, &person.await?).await
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn change<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = UserPatch::read(asked.body()?)?;
        let tolerances = asked.tolerated(&read.tolerances);
        let patch = &read.value;
        let desk = asked.desk()?;
        let person = users::change(&desk, &asked.id, &tolerances, |before| before.patched_by(patch));
        shown(&asked, StatusCode::OK, &person.await?).await
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn delete<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        users::delete(&asked.desk()?, &asked.id).await?;
        Ok(Done::silently())
    };
    let done = done.await;
    asked.answer(done).await
}

async fn shown<H: Home>(asked: &Asked<H>, status: StatusCode, person: &Person) -> Result<Done, Declined> {
    let query = asked.query(KIND)?;
    let groups = if query.projection.wants("groups", KIND) {
        users::groups_of(&asked.desk()?, person).await?
    } else {
        Groups::new()
    };
    resource(asked, status, person, &groups)
}

fn resource<H: Home>(
    asked: &Asked<H>,
    status: StatusCode,
    person: &Person,
    groups: &Groups,
) -> Result<Done, Declined> {
    let projection = asked.query(KIND)?.projection;
    let whole = users::document(asked.base(), person, groups);
    Ok(Done::resource(status, whole, tag(person.row.version), &projection, KIND))
}
