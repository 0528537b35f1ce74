//! What became of attempts to sign in to the organization, the newest first. Who it was is shown when one is opened.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::form_urlencoded;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::rbac::asks::{ReadConnections, ReadTraces};
use vestibule_domain::setup_link::Intent;
use vestibule_domain::time::Span;
use vestibule_domain::trace::{SignInTrace, TraceOutcome};
use vestibule_store::tables::search::Cursor;

use super::enter::{Shown, Visit, clock, masked};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::operations::connections;
use crate::operations::remedies;
use crate::operations::traces::{self, Wanted};
use crate::web::Pages;
use crate::web::page::{Frame, show};
use crate::web::words::upkeep::Upkeep;
use crate::world::App;

/// How many are on a page.
const PAGE: u32 = 25;
/// The times to choose from, in days.
const PERIODS: [i64; 3] = [1, 7, 30];

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/{setup_handle}/sign-ins", Needs::OpenedLink, look)
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    connection: Option<String>,
    result: Option<String>,
    person: Option<String>,
    days: Option<String>,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "setup/sign_ins.html")]
struct List {
    frame: Frame,
    connections: Vec<Choice>,
    results: Vec<Choice>,
    periods: Vec<Choice>,
    person: String,
    rows: Vec<Line>,
    is_narrowed: bool,
    /// Where those before are; `""` where there are none.
    older: String,
    /// Where the newest are; `""` on their page.
    newest: String,
}

/// Something to choose.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

struct Line {
    path: String,
    at: String,
    connection: String,
    person: String,
    result: &'static str,
    is_bad: bool,
    reason: &'static str,
}

/// What an ending is called.
pub(super) const fn result(upkeep: &Upkeep, outcome: &TraceOutcome) -> &'static str {
    match outcome {
        TraceOutcome::Accepted { .. } => upkeep.accepted,
        TraceOutcome::Refused(_) => upkeep.refused,
        TraceOutcome::Tested => upkeep.tested,
        TraceOutcome::Abandoned => upkeep.abandoned,
    }
}

impl Asked {
    /// A value that was given.
    fn given(value: Option<&String>) -> Option<&str> {
        value.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The query of the same list, beginning elsewhere.
    fn query(&self, before: Option<&Cursor>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let given = [
            ("connection", &self.connection),
            ("result", &self.result),
            ("person", &self.person),
            ("days", &self.days),
        ];
        for (name, value) in given {
            if let Some(value) = Self::given(value.as_ref()) {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

/// The connections whose sign-ins may be seen with the link.
pub(super) async fn seen(visit: &Visit) -> Result<Vec<Connection>, Failure> {
    let only = visit.holder.link.sees_only();
    let all = connections::list(&visit.app, &visit.holder.grant::<ReadConnections>()?).await?;
    Ok(all.into_iter().filter(|connection| only.is_none_or(|only| connection.id == only)).collect())
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
    Params(asked): Params<Asked>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::SignIns))).await?;
    let (upkeep, only) = (visit.upkeep(), visit.holder.link.sees_only());
    let connections = seen(&visit).await?;
    // What nobody can have chosen narrows nothing.
    let chosen: Option<ConnectionId> = Asked::given(asked.connection.as_ref()).and_then(|id| id.parse().ok());
    let chosen = chosen.filter(|id| connections.iter().any(|connection| connection.id == *id));
    let outcome = Asked::given(asked.result.as_ref()).filter(|name| TraceOutcome::NAMES.contains(name));
    let days = Asked::given(asked.days.as_ref()).and_then(|days| days.parse().ok());
    let days = days.filter(|days| PERIODS.contains(days));
    let wanted = Wanted {
        connection: only.or(chosen),
        outcome,
        person: Asked::given(asked.person.as_ref()),
        since: days.map(|days| visit.ctx.now.minus(Span::days(days))),
    };
    let before = Asked::given(asked.before.as_ref()).and_then(Cursor::parse);
    let grant = visit.holder.grant::<ReadTraces>()?;
    let page = traces::list(&visit.app, &grant, wanted, (before.as_ref(), PAGE)).await?;
    let choice = |value: String, text: &str, is_chosen| Choice { value, text: text.to_owned(), is_chosen };
    let here = visit.path("/sign-ins");
    let at = |before: Option<&Cursor>| format!("{here}?{}", asked.query(before));
    let list = List {
        frame: visit.frame(),
        connections: if only.is_some() {
            Vec::new()
        } else {
            let one = |connection: &Connection| {
                choice(
                    connection.id.to_string(),
                    &connection.display_name,
                    wanted.connection == Some(connection.id),
                )
            };
            connections.iter().map(one).collect()
        },
        results: [upkeep.accepted, upkeep.refused, upkeep.tested, upkeep.abandoned]
            .into_iter()
            .zip(TraceOutcome::NAMES)
            .map(|(text, name)| choice(name.to_owned(), text, outcome == Some(name)))
            .collect(),
        periods: [upkeep.last_day, upkeep.last_week, upkeep.last_month]
            .into_iter()
            .zip(PERIODS)
            .map(|(text, of)| choice(of.to_string(), text, days == Some(of)))
            .collect(),
        person: wanted.person.unwrap_or_default().to_owned(),
        rows: page.items.iter().map(|trace| row(&visit, &connections, trace)).collect(),
        is_narrowed: !asked.query(None).is_empty() || before.is_some(),
        older: page.next.as_ref().map_or_else(String::new, |next| at(Some(next))),
        newest: if before.is_some() { at(None) } else { String::new() },
    };
    Ok(show(StatusCode::OK, list.render().unwrap_or_default()))
}

fn row(visit: &Visit, connections: &[Connection], trace: &SignInTrace) -> Line {
    let (words, upkeep) = (visit.words(), visit.upkeep());
    let known = connections.iter().find(|connection| connection.id == trace.connection_id);
    let reason = traces::reason(trace).map(|what| (words.cure)(remedies::with(what, None).cure));
    Line {
        path: visit.path(&format!("/sign-ins/{}", trace.id)),
        at: clock(trace.at),
        connection: known.map_or_else(String::new, |connection| connection.display_name.clone()),
        person: trace.person().map_or_else(|| upkeep.unknown.to_owned(), masked),
        result: result(upkeep, &trace.outcome),
        is_bad: matches!(trace.outcome, TraceOutcome::Refused(_)),
        reason: reason.unwrap_or_default(),
    }
}
