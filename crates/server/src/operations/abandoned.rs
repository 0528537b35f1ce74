//! Sign-ins that nobody finished leave a trace that says so: of those that began at this node, a bounded number, in few
//! batches and long after (ADR 32).

use std::collections::BTreeMap;

use vestibule_domain::login::ATTEMPT_LIFETIME;
use vestibule_domain::trace::{SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::Batch;
use vestibule_store::tables::logins::StoredAttempt;
use vestibule_store::tables::{connections, organizations, traces};

use crate::failure::Failure;
use crate::world::App;
use crate::world::starts::Start;

/// Traces of one batch.
const AT_ONCE: usize = 100;
/// Those that are kept of each connection.
const KEPT: u32 = 100;

/// Keeps the traces of the sign-ins that are waited for no longer. Answers how many.
///
/// # Errors
/// The store's; what was not kept by then is lost.
pub async fn keep(app: &App) -> Result<usize, Failure> {
    let (over, left_out) = app.starts.over(app.clock.steady());
    if left_out > 0 {
        tracing::info!(left_out, "sign-ins began that are not remembered, because too many wait already");
    }
    let mut of_connection: BTreeMap<_, Vec<Start>> = BTreeMap::new();
    for start in over {
        if !is_answered(app, &start).await? {
            of_connection.entry(start.connection).or_default().push(start);
        }
    }
    let mut kept = 0;
    for starts in of_connection.values() {
        for starts in starts.chunks(AT_ONCE) {
            kept += keep_of_connection(app, starts).await?;
        }
    }
    Ok(kept)
}

/// Whether the answer came to another node.
async fn is_answered(app: &App, start: &Start) -> Result<bool, Failure> {
    let known = app.store.login_attempt(&start.state).await?;
    Ok(matches!(known, Some(StoredAttempt::Finished)))
}

/// A connection that was removed meanwhile has no traces any more.
async fn keep_of_connection(app: &App, starts: &[Start]) -> Result<usize, Failure> {
    let Some(first) = starts.first() else { return Ok(0) };
    let batch = Batch::new()
        .with(starts.iter().map(|start| traces::insert(&trace(start))))
        .with([traces::prune_abandoned(first.tenant.project_id(), first.connection, KEPT)])
        .requires(organizations::stands(first.tenant))
        .requires([connections::stands(first.tenant, first.connection)]);
    match app.store.commit(batch).await {
        Ok(()) => Ok(starts.len()),
        Err(error) if error.is_guard(connections::EXISTS) || error.is_guard(organizations::EXISTS) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn trace(start: &Start) -> SignInTrace {
    let project_id = start.tenant.project_id();
    let sent = TraceStep {
        check: "start".to_owned(),
        passed: true,
        found: format!("the browser was sent to {}", start.sent_to),
        expected: String::new(),
    };
    let answer = TraceStep {
        check: "answer".to_owned(),
        passed: false,
        found: "none within 10 minutes: either the person left, or the identity provider showed an error of its own, as \
                it does for a client or a redirect URL that it does not know"
            .to_owned(),
        expected: format!("the browser at {}", start.answers_at),
    };
    SignInTrace {
        id: start.request_id.trace(project_id.environment()),
        project_id,
        organization_id: start.tenant.organization_id(),
        connection_id: start.connection,
        login_id: Some(start.login),
        request_id: start.request_id.to_string(),
        at: start.at.plus(ATTEMPT_LIFETIME),
        outcome: TraceOutcome::Abandoned,
        steps: vec![sent, answer],
        ip_address: start.ip.to_string(),
        user_agent: start.user_agent.clone(),
    }
}
