//! Groups (RFC 7644 sections 3.3 to 3.6).

use axum::response::Response;
use http::StatusCode;
use vestibule_domain::directory::DirectoryGroup;
use vestibule_scim::page;
use vestibule_scim::patch::GroupChange;
use vestibule_scim::query::Query;
use vestibule_scim::resource::Group;
use vestibule_scim::schema::ResourceType;

use super::Home;
use super::asked::{Asked, Done};
use crate::operations::directories::desk::{Declined, tag};
use crate::operations::directories::{groups, lists};

const KIND: ResourceType = ResourceType::Group;

pub(super) async fn list<H: Home>(asked: Asked<H>) -> Response {
    let done = async { listed(&asked, &asked.query(KIND)?).await }.await;
    asked.answer(done).await
}

pub(super) async fn search<H: Home>(asked: Asked<H>) -> Response {
    let done = async { listed(&asked, &Query::of_body(asked.body()?, KIND)?.value).await }.await;
    asked.answer(done).await
}

async fn listed<H: Home>(asked: &Asked<H>, query: &Query) -> Result<Done, Declined> {
    let (total, resources) = lists::groups(&asked.desk()?, query).await?;
    Ok(Done::document(page::list(total, query.page, resources)))
}

pub(super) async fn get<H: Home>(asked: Asked<H>) -> Response {
    let done = async { now(&asked, StatusCode::OK).await }.await;
    asked.answer(done).await
}

pub(super) async fn create<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = Group::read(asked.body()?)?;
        let tolerances = asked.tolerated(&read.tolerances);
        let made = groups::create(&asked.desk()?, &read.value, &tolerances).await?;
        shown(&asked, StatusCode::CREATED, &made).await
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn replace<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = Group::read(asked.body()?)?;
        let change = read.value.into_change();
        let tolerances = asked.tolerated(&read.tolerances).with(&change.tolerances);
        groups::change(&asked.desk()?, &asked.id, 200, &change.value, &tolerances).await?;
        now(&asked, StatusCode::OK).await
    };
    let done = done.await;
    asked.answer(done).await
}

/// The answer says nothing: it would have to name everybody who is in the group.
pub(super) async fn change<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        let read = GroupChange::read(asked.body()?)?;
        let tolerances = asked.tolerated(&read.tolerances);
        groups::change(&asked.desk()?, &asked.id, 204, &read.value, &tolerances).await?;
        Ok(Done::silently())
    };
    let done = done.await;
    asked.answer(done).await
}

pub(super) async fn delete<H: Home>(asked: Asked<H>) -> Response {
    let done = async {
        groups::delete(&asked.desk()?, &asked.id).await?;
        Ok(Done::silently())
    };
    let done = done.await;
    asked.answer(done).await
}

async fn now<H: Home>(asked: &Asked<H>, status: StatusCode) -> Result<Done, Declined> {
    let group = groups::get(&asked.desk()?, &asked.id).await?;
    shown(asked, status, &group).await
}

async fn shown<H: Home>(
    asked: &Asked<H>,
    status: StatusCode,
    group: &DirectoryGroup,
) -> Result<Done, Declined> {
    let projection = asked.query(KIND)?.projection;
    let members = if projection.wants("members", KIND) {
        Some(groups::members_of(&asked.desk()?, group.id).await?)
    } else {
        None
    };
    let whole = groups::document(asked.base(), group, members.as_deref());
    Ok(Done::resource(status, whole, tag(group.version), &projection, KIND))
}
