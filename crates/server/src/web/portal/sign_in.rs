//! One attempt to sign in, step by step: what came of it, what is to be changed where, what is known of others, and what was changed
//! before it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use vestibule_domain::event::Event;
use vestibule_domain::id::TraceId;
use vestibule_domain::rbac::Actor;
use vestibule_domain::rbac::asks::ReadTraces;
use vestibule_domain::refusal::What;
use vestibule_domain::setup_link::Intent;
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome};

use super::enter::{Shown, Visit, clock};
use super::outcome::{Checking, Known, Told};
use super::sign_ins::{result, seen};
use super::subject::guided;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::traces;
use crate::web::Pages;
use crate::web::page::{Frame, show};
use crate::web::words::{Piece, sentence};
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/{setup_handle}/sign-ins/{trace_id}", Needs::OpenedLink, look)
}

#[derive(Template)]
#[template(path = "setup/sign_in.html")]
struct Page {
    frame: Frame,
    back: String,
    title: Vec<Piece>,
    result: &'static str,
    is_good: bool,
    is_bad: bool,
    /// A refusal in the words of a version that kept only these.
    worded: String,
    remedy: Option<Told>,
    person: String,
    connection: String,
    device: String,
    request_id: String,
    same: Vec<Piece>,
    success: Vec<Piece>,
    changes: Vec<Changed>,
    changed_since: Vec<Piece>,
    /// Where it can be tested; `""` where the link is not for that.
    test: String,
    checks: Vec<Checking>,
    /// Whether the checks are shown at once.
    unfolded: bool,
}

/// Something that was changed.
pub(super) struct Changed {
    /// When.
    pub at: String,
    /// By whom.
    pub by: Vec<Piece>,
    /// What was done, by its name in the audit trail.
    pub action: String,
    /// The fields, each with what it was and is.
    pub fields: Vec<(String, String, String)>,
}

/// What nobody sets: it is read in the provider's document.
const LEARNT: [&str; 1] = ["discovered"];
/// How much of a value is shown.
const MOST_SHOWN: usize = 200;

impl Changed {
    /// What an event says. Secrets are not in it.
    pub(super) fn of(visit: &Visit, event: &Event) -> Self {
        let (upkeep, frame) = (visit.upkeep(), visit.frame());
        let by = match event.actor {
            Actor::SetupLink(_) => upkeep.by_link,
            Actor::Server => upkeep.by_server,
            _ => upkeep.by_vendor,
        };
        let text = |value: &serde_json::Value| {
            let text = match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            match text.char_indices().nth(MOST_SHOWN) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text,
            }
        };
        let field = |change: &vestibule_domain::event::Change| {
            (change.field.clone(), text(&change.before), text(&change.after))
        };
        Self {
            at: clock(event.at),
            by: sentence(by, &[("product", frame.brand())]),
            action: event.kind.as_str().to_owned(),
            fields: event
                .changes
                .iter()
                .filter(|change| !LEARNT.contains(&change.field.as_str()))
                .map(field)
                .collect(),
        }
    }
}

/// The page. One of a connection that the link is not for is none.
async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, id)): Path<(String, String)>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::SignIns))).await?;
    let id: TraceId = id.parse().map_err(|_| What::NoSuchRoute)?;
    let grant = visit.holder.grant::<ReadTraces>()?;
    let trace = traces::one(&visit.app, &grant, id).await.map_err(|_| What::NoSuchRoute)?;
    if visit.holder.link.sees_only().is_some_and(|only| only != trace.connection_id) {
        return Err(What::NoSuchRoute.into());
    }
    let neighbours = traces::neighbours(&visit.app, &grant, &trace).await?;
    let connections = seen(&visit).await?;
    let connection = connections.iter().find(|connection| connection.id == trace.connection_id);
    let guided = connection.and_then(|connection| guided(&visit.holder.link, connection));
    let known =
        connection.zip(guided).map(|(connection, (provider, guide))| Known { connection, provider, guide });
    let upkeep = visit.upkeep();
    let at = |time| clock(time);
    let page = Page {
        frame: visit.frame(),
        back: visit.path("/sign-ins"),
        title: sentence(upkeep.sign_in_at, &[("time", &at(trace.at))]),
        result: result(upkeep, &trace.outcome),
        is_good: matches!(trace.outcome, TraceOutcome::Accepted { .. } | TraceOutcome::Tested),
        is_bad: matches!(trace.outcome, TraceOutcome::Refused(_)),
        worded: match &trace.outcome {
            TraceOutcome::Refused(Refused::Worded { message, .. }) => message.clone(),
            _ => String::new(),
        },
        remedy: match &trace.outcome {
            TraceOutcome::Refused(Refused::Meant { refusal }) => {
                Some(Told::of(&visit, known, refusal, &trace.steps))
            }
            _ => None,
        },
        person: trace.person().unwrap_or_default().to_owned(),
        connection: connection.map_or_else(String::new, |connection| connection.display_name.clone()),
        device: trace.user_agent.clone(),
        request_id: trace.request_id.clone(),
        same: match neighbours.same {
            (count, of) if count > 0 => {
                sentence(upkeep.same_reason, &[("count", &count.to_string()), ("of", &of.to_string())])
            }
            _ => Vec::new(),
        },
        success: match neighbours.last_success {
            Some(time) => sentence(upkeep.last_success, &[("time", &at(time))]),
            None => sentence(upkeep.no_success, &[]),
        },
        changes: neighbours.changes.iter().map(|event| Changed::of(&visit, event)).collect(),
        changed_since: match connection.map(|connection| connection.updated_at) {
            Some(time) if time > trace.at => sentence(upkeep.changed_since, &[("time", &at(time))]),
            _ => sentence(upkeep.not_changed_since, &[]),
        },
        test: test_page(&visit, &trace),
        checks: trace.steps.into_iter().map(|step| Checking::of(upkeep, step)).collect(),
        unfolded: true,
    };
    Ok(show(StatusCode::OK, page.render().unwrap_or_default()))
}

fn test_page(visit: &Visit, trace: &SignInTrace) -> String {
    let link = &visit.holder.link;
    if link.terms.has(Intent::Sso) && link.check_reach(trace.connection_id).is_ok() {
        visit.path(&format!("/connections/{}/test", trace.connection_id))
    } else {
        String::new()
    }
}
