//! `vestibule trace`: what a sign-in found, by the request id that a page or a log line shows.

use std::process::ExitCode;

use vestibule_domain::id::{ProjectId, RequestId, TraceId};
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::Store;
use vestibule_store::tables::traces::TraceFilter;

use super::args::TraceArgs;
use super::open::CliError;
use super::out;
use super::run::store;

/// What a trace is asked for by.
#[derive(Clone, Copy)]
enum Name {
    Request(RequestId),
    Trace(TraceId),
}

/// Writes the trace.
///
/// # Errors
/// An id of another kind, no trace of it, or the store's.
pub(super) async fn run(arguments: TraceArgs) -> Result<ExitCode, CliError> {
    let name = name(&arguments.id)?;
    let store = store(*arguments.config).await?;
    let Some(trace) = find(&store, name).await? else {
        return Err(CliError::Refused(format!(
            "no sign-in trace of {}. Requests that end or begin a sign-in at a connection leave one; a start leaves one when \
             nobody finished it within 11 minutes, and the newest thousand of each connection are kept",
            arguments.id
        )));
    };
    if arguments.json {
        out::answer(serde_json::to_string(&trace).unwrap_or_default());
    } else {
        tell(&trace);
    }
    Ok(ExitCode::SUCCESS)
}

fn name(text: &str) -> Result<Name, CliError> {
    let text = text.trim();
    let request = text.parse().map(Name::Request);
    request.or_else(|_| text.parse().map(Name::Trace)).map_err(|_| {
        CliError::Refused(format!(
            "{text:?} is neither a request id (request-id-…) nor the id of a trace (sign-in-trace-…)"
        ))
    })
}

/// Which project it is of is not in a request's id; an operator may see all of them.
async fn find(store: &Store, name: Name) -> Result<Option<SignInTrace>, CliError> {
    for project in store.projects().await? {
        if let Some(found) = find_in(store, project.id, name).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn find_in(store: &Store, project: ProjectId, name: Name) -> Result<Option<SignInTrace>, CliError> {
    Ok(match name {
        Name::Request(id) => store.trace_of(project, id, TraceFilter::default()).await?,
        Name::Trace(id) => store.trace(project, id).await?,
    })
}

fn tell(trace: &SignInTrace) {
    out::answer(format_args!("{}  {}  {}", trace.at, trace.outcome.as_str(), trace.id));
    let told = [
        ("request", trace.request_id.clone()),
        ("project", trace.project_id.to_string()),
        ("organization", trace.organization_id.to_string()),
        ("connection", trace.connection_id.to_string()),
        ("result", result(&trace.outcome)),
        ("client", format!("{} {}", trace.ip_address, trace.user_agent)),
    ];
    for (what, said) in told.iter().filter(|(_, said)| !said.is_empty()) {
        out::answer(format_args!("{what:<13}{said}"));
    }
    let widest = trace.steps.iter().map(|step| step.check.len()).max().unwrap_or_default() + 2;
    for TraceStep { check, passed, found, expected } in &trace.steps {
        let mark = if *passed { "ok  " } else { "FAIL" };
        out::answer(format_args!("{mark} {check:<widest$}{found}").to_string().trim_end());
        if !expected.is_empty() {
            out::answer(format_args!("     {:<widest$}expected: {expected}", ""));
        }
    }
}

fn result(outcome: &TraceOutcome) -> String {
    match outcome {
        TraceOutcome::Accepted { member_id } => member_id.to_string(),
        TraceOutcome::Refused(Refused::Meant { refusal }) => {
            let why = refusal.detail().unwrap_or_default();
            format!("{}: {why}", refusal.what.name())
        }
        TraceOutcome::Refused(Refused::Worded { code, message }) => format!("{code}: {message}"),
        TraceOutcome::Tested | TraceOutcome::Abandoned => String::new(),
    }
}
